"""OpenPGP data taken apart by its outermost packets (RFC 9580, 4.2 and 6): what is looked at before any library is.

Nothing is unpacked here, so that a message that would grow a thousandfold is known by its tag alone.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator

import msgspec

SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY = 2, 5, 6, 7
MARKER, TRUST, USER_ID, PUBLIC_SUBKEY, ATTRIBUTE, PADDING = 10, 12, 13, 14, 17, 21
ENCRYPTED = frozenset({1, 3, 9, 18, 20})  # to somebody
INLINE = frozenset({4, 8, 11})  # a message that holds what it signs
OF_KEYS = frozenset({
    SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, MARKER, TRUST, USER_ID, PUBLIC_SUBKEY, ATTRIBUTE, PADDING
})  # fmt: skip

PACKETS = 20_000  # of one file; the most signed key of a public key server has a tenth
BLOCKS = 512  # of armor in one file; a project's KEYS file has a hundred
_BEGIN, _END, _DASHES = b"-----BEGIN PGP ", b"-----END PGP ", b"-----"
CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"


class Malformed(Exception):  # noqa: N818  # what the data is
    """No OpenPGP data, or more of it than anybody means to be read; the text says why."""


class Packet(msgspec.Struct, frozen=True):
    """One packet: its tag, all of it, and how many of its bytes are the header."""

    tag: int
    raw: bytes
    head: int = 0

    @property
    def fingerprint(self) -> str:
        """That of a key packet (RFC 9580, 5.5.4), in lower case; empty for other packets and older versions."""
        body = self.raw[self.head :]
        if self.tag not in {SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, PUBLIC_SUBKEY} or not body:
            return ""
        if body[0] == 4:  # noqa: PLR2004  # the version
            return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest()
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest() if body[0] == 6 else ""  # noqa: PLR2004


class ClearText(msgspec.Struct, frozen=True):
    """A clear-signed text: its lines without the dashes that were put before some, the whole message, its armored
    signature alone, and where its first line stands in the file, counted from 1.
    """

    lines: tuple[str, ...]
    message: bytes
    signature: bytes
    first_line: int
    only: bool  # nothing but the message is in the file


def packets(data: bytes) -> Iterator[Packet]:
    """The packets of armored or binary data, in order. Raises Malformed."""
    found = 0
    for block in blocks(data):
        for packet in _split(block):
            found += 1
            if found > PACKETS:
                raise Malformed(f"over {PACKETS} packets")
            yield packet


def blocks(data: bytes) -> Iterator[bytes]:
    """The binary content of each armored block, or the data itself where it has no armor. Raises Malformed."""
    at, found = data.find(_BEGIN), 0
    if at < 0:
        yield data
        return
    while at >= 0:
        found += 1
        if found > BLOCKS:
            raise Malformed(f"over {BLOCKS} armored blocks")
        end = data.find(_END, at)
        if end < 0:
            raise Malformed("armor that does not end")
        yield _dearmored(data[at:end])
        at = data.find(_BEGIN, end)


def _dearmored(block: bytes) -> bytes:
    """The content of one block: behind its headers, which end at a blank line, up to its checksum."""
    _, _, rest = block.partition(b"\n")
    lines = rest.split(b"\n")
    start = next((number + 1 for number, line in enumerate(lines) if not line.strip()), 0)
    body = bytearray()
    for line in lines[start:]:
        stripped = line.strip()
        if stripped.startswith(b"="):  # the checksum, which says nothing that a signature does not
            break
        body += stripped
    try:
        return binascii.a2b_base64(bytes(body), strict_mode=bool(body))
    except binascii.Error as error:
        raise Malformed(f"armor that is no base64: {error}") from error


def _split(data: bytes) -> Iterator[Packet]:
    at = 0
    while at < len(data):
        first = data[at]
        if not first & 0x80:
            raise Malformed("bytes that begin no packet")
        tag = first & 0x3F if first & 0x40 else first >> 2 & 0x0F
        head, length = _new_length(data, at + 1) if first & 0x40 else _old_length(data, at + 1, first & 3)
        if length < 0:  # of a length that only the end tells, as streams of data have
            yield Packet(tag, data[at:])
            return
        end = head + length
        if end > len(data):
            raise Malformed("a packet that is longer than the data")
        yield Packet(tag, data[at:end], head - at)
        at = end


def _old_length(data: bytes, at: int, form: int) -> tuple[int, int]:
    """(where the body begins, its length); -1 where it is not stated."""
    if form == 3:  # noqa: PLR2004  # indeterminate
        return at, -1
    size = 1 << form
    return at + size, int.from_bytes(data[at : at + size], "big")


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0
    if first < 192:  # noqa: PLR2004  # RFC 9580, 4.2.1
        return at + 1, first
    if first < 224:  # noqa: PLR2004
        second = data[at + 1] if at + 1 < len(data) else 0
        return at + 2, ((first - 192) << 8) + second + 192
    if first < 255:  # noqa: PLR2004  # partial lengths
        return at + 1, -1
    return at + 5, int.from_bytes(data[at + 1 : at + 5], "big")


def clear_text(text: str, encoding: str = "utf-8") -> ClearText | None:
    """The first clear-signed message in a text; None where there is none whole (RFC 9580, 7).

    A signature is over bytes, so whoever checks it takes a text and encoding that give back every byte: Latin-1.
    """
    lines = text.split("\n")
    stripped = [line.rstrip(" \t\r") for line in lines]
    begin = _index(stripped, CLEAR.decode(), 0)
    blank = _index(stripped, "", begin)
    signature = _index(stripped, "-----BEGIN PGP SIGNATURE-----", blank)
    end = _index(stripped, "-----END PGP SIGNATURE-----", signature)
    if min(begin, blank, signature, end) < 0:
        return None
    body = tuple(line.removeprefix("- ") for line in lines[blank + 1 : signature])
    armored = "\n".join(lines[signature : end + 1]).encode(encoding, "surrogatepass")
    message = "\n".join([*lines[begin : end + 1], ""]).encode(encoding, "surrogatepass")
    only = not any(stripped[:begin]) and not any(stripped[end + 1 :])
    return ClearText(body, message, armored, blank + 2, only)


def _index(lines: list[str], wanted: str, start: int) -> int:
    try:
        return lines.index(wanted, start) if start >= 0 else -1
    except ValueError:
        return -1
