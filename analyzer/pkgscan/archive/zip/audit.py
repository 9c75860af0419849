"""Compares what the directory of a zip says of a member with what stands before and behind its data."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.archive.member import Window
from pkgscan.archive.names import member_path, name_text
from pkgscan.archive.zip.record import (
    DESCRIPTOR,
    ENCRYPTED,
    FULL32,
    METHODS,
    STORED,
    STREAMED,
    UTF8,
    Central,
    Local,
    utf8_name,
)
from pkgscan.facts.archive import Disagreement, DisagreementKind
from pkgscan.facts.signing import Signature
from pkgscan.model import Span

MOST_OF_A_KIND = 100  # facts of one kind from one archive; the rest is counted: nobody reads the hundred-and-first
DESCRIPTOR_SIZE = 24  # bytes of the longest data descriptor: signature, checksum, two 64-bit sizes
SHORT_DESCRIPTOR = 16  # the same with 32-bit sizes
APK_BLOCK = b"APK Sig Block 42"  # the end of a block of signatures
ASCII_END = 0x80
LOSSY = frozenset(b"?_#UuLl0123456789abcdefABCDEF")  # what tools write for a character their code page lacks


class Difference(msgspec.Struct):
    """One field that two places of the archive state differently."""

    kind: DisagreementKind
    directory: str
    local: str


class Notes:
    """The disagreements of one archive, at most MOST_OF_A_KIND of each kind in full."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._said: dict[DisagreementKind, int] = {}

    def say(
        self, kind: DisagreementKind, text: str, name: bytes | None = None, directory: str = "", local: str = ""
    ) -> Iterator[Disagreement]:
        """The fact about an entry, or about the whole archive where no name is given."""
        self._said[kind] = self._said.get(kind, 0) + 1
        if self._said[kind] <= MOST_OF_A_KIND:
            place = self.path if name is None else member_path(self.path, name)
            yield Disagreement(
                span=Span(place),
                text=text,
                disagreement=kind,
                one_reading=directory,
                other_reading=local,
            )

    def rest(self) -> Iterator[Disagreement]:
        """One fact for each kind of which not all were said."""
        for kind, count in self._said.items():
            if count > MOST_OF_A_KIND:
                text = f"{count - MOST_OF_A_KIND} more entries like these"
                yield Disagreement(span=Span(self.path), text=text, disagreement=kind)


def same(record: Central, local: Local) -> bool:
    """Whether directory and local header agree in all that decides what comes out: the usual case, decided fast."""
    return (
        local.name == record.name
        and local.method == record.method
        and not (local.flags ^ record.flags) & (ENCRYPTED | UTF8)
        and (
            (local.packed == record.packed and local.size == record.size and local.crc == record.crc)
            or local.sizes_follow
        )
        and (record.method != STORED or record.packed == record.size or bool(record.flags & ENCRYPTED))
    )


def differences(record: Central, local: Local) -> Iterator[Difference]:
    """Everything in which directory and local header differ."""
    here, there = utf8_name(record.name, record.flags), utf8_name(local.name, local.flags)
    if local.name != record.name or here != there:
        yield Difference("name-differs", name_text(here), name_text(there))
    if (local.flags ^ record.flags) & ENCRYPTED:
        names = ("encrypted", "not encrypted") if record.flags & ENCRYPTED else ("not encrypted", "encrypted")
        yield Difference("encryption-differs", *names)
    if local.method != record.method:
        yield Difference("method-differs", _method(record.method), _method(local.method))
        return  # another method makes other sizes and another checksum: one difference, not three
    streamed = bool(local.flags & STREAMED)
    if _differ(record.packed, local.packed, streamed) or _differ(record.size, local.size, streamed):
        yield Difference("size-differs", _sizes(record.packed, record.size), _sizes(local.packed, local.size))
    elif record.method == STORED and record.packed != record.size and not record.flags & ENCRYPTED:
        yield Difference("size-differs", f"{record.size} bytes, stored as {record.packed}", "")
    if _differ(record.crc, local.crc, streamed):
        yield Difference("crc-differs", f"CRC-32 {record.crc:08x}", f"CRC-32 {local.crc:08x}")


def descriptor_difference(record: Central, tail: bytes) -> Difference | None:
    """How the data descriptor, if `tail` starts with a signed one, differs from the directory.

    Sizes have 4 or 8 bytes, whatever the header promises: writers disagree on it. One without a signature that does
    not fit is not looked at: nothing says that it is one.
    """
    if tail[:4] != DESCRIPTOR or len(tail) < SHORT_DESCRIPTOR:
        return None
    readings = [_words(tail, 4)]
    if len(tail) >= DESCRIPTOR_SIZE:
        readings.append(_words(tail, 8))
    stated = (record.crc, record.packed, record.size)
    if stated in readings:
        return None
    crc, packed, size = readings[0]
    if (packed, size) == (record.packed & FULL32, record.size & FULL32):
        return Difference("crc-differs", f"CRC-32 {record.crc:08x}", f"CRC-32 {crc:08x}")
    return Difference("size-differs", _sizes(record.packed, record.size), _sizes(packed, size))


def unicode_name_misleads(name: bytes, unicode_name: bytes) -> bool:
    """Whether a Unicode path names another file, rather than the same name with the characters a code page lacks.

    The same: its ASCII characters stand in the header's name in their order, and what is left there is what tools
    write for a missing character (other bytes above 127, `?`, `_`, `#U00e4`).
    """
    if unicode_name.isascii():
        return True
    plain = iter(byte for byte in unicode_name if byte < ASCII_END)
    wanted = next(plain, None)
    for byte in name:
        if byte == wanted:
            wanted = next(plain, None)
        elif byte < ASCII_END and byte not in LOSSY:
            return True
    return wanted is not None


def _differ(stated: int, local: int, streamed: bool) -> bool:  # noqa: FBT001  # a predicate over three values
    return stated != local and not (streamed and local in {0, FULL32})


def _words(tail: bytes, width: int) -> tuple[int, int, int]:
    values = (tail[4:8], tail[8 : 8 + width], tail[8 + width : 8 + 2 * width])
    crc, packed, size = (int.from_bytes(value, "little") for value in values)
    return crc, packed, size


def _sizes(packed: int, size: int) -> str:
    return f"{size} bytes" if packed == size else f"{size} bytes in {packed}"


def _method(method: int) -> str:
    return METHODS.get(method, f"method {method}")


def apk_signature(window: Window, directory: int, path: str) -> Iterator[Signature]:
    """That an APK is signed in a block before its directory, whose place is given (APK Signature Scheme v2 and on)."""
    if window.read(max(0, directory - len(APK_BLOCK)), len(APK_BLOCK)) == APK_BLOCK:
        why = "signatures of the scheme APK (v2 and later) are recognised and not verified"
        yield Signature(span=Span(path), scheme="other", check="not-checked", why=why)
