"""The signatures of an rpm, and what they are over: its header, or header and payload (rpm file format, version 4).

A signature over the header reaches the payload by the payload's digest, which the header holds since rpm 4.14.
"""

from __future__ import annotations

import binascii
import hashlib
import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

from pkgscan.crypto.packets import Malformed

LEAD, INTRO, RECORD = 96, 16, 16  # bytes
LEAD_MAGIC, MAGIC = b"\xed\xab\xee\xdb", b"\x8e\xad\xe8\x01"
RECORDS = 0xFFFF  # of one header; rpm refuses more
SIGNATURES = 16  # of one rpm
OVER_HEADER, OVER_ALL = (267, 268), (1002, 1005)  # DSA and RSA of old; PGP and GPG of older still
OPENPGP = 278  # any number of signatures over the header, in base64, of rpm 6
PAYLOAD_DIGESTS, PAYLOAD_ALGORITHM = 5092, 5093
ALGORITHMS = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512"}  # RFC 9580, 9.5

Over = Literal["header", "all"]


class Rpm(msgspec.Struct, frozen=True):
    """An rpm taken apart: signature packets with what each is over, and where header and payload begin in it."""

    data: bytes
    signatures: tuple[tuple[Over, bytes], ...]
    header: int
    payload: int
    digest: tuple[str, str]  # of the payload, as the header has it: algorithm of hashlib, hex; empty where it has none

    @property
    def header_bytes(self) -> bytes:
        """What a signature over the header is over."""
        return self.data[self.header : self.payload]

    @property
    def holds(self) -> bool | None:
        """Whether the payload is what the header says; None where the header says nothing of it."""
        algorithm, digest = self.digest
        if not digest:
            return None
        return hashlib.new(algorithm, memoryview(self.data)[self.payload :]).hexdigest() == digest


class _Header:
    def __init__(self, data: bytes, at: int) -> None:
        if data[at : at + 4] != MAGIC or len(data) < at + INTRO:
            raise Malformed("an rpm whose headers are not laid out as such")
        records, store = struct.unpack(">II", data[at + 8 : at + INTRO])
        self._base = at + INTRO + records * RECORD
        self.end = self._base + store
        if records > RECORDS or self.end > len(data):
            raise Malformed("an rpm header that is longer than any, or than the file")
        self._data = data
        self._tags: dict[int, tuple[int, int, int]] = {}
        for tag, kind, offset, count in struct.iter_unpack(">IIII", data[at + INTRO : self._base]):
            if tag in self._tags:
                raise Malformed(f"an rpm header with two tags {tag}")
            self._tags[tag] = (kind, offset, count)

    def binary(self, tag: int) -> bytes:
        kind, offset, count = self._tags.get(tag, (0, 0, 0))
        at = self._base + offset
        return self._data[at : min(at + count, self.end)] if kind == 7 else b""  # noqa: PLR2004  # RPM_BIN_TYPE

    def number(self, tag: int) -> int:
        kind, offset, _ = self._tags.get(tag, (0, 0, 0))
        at = self._base + offset
        return int.from_bytes(self._data[at : at + 4], "big") if kind == 4 else 0  # noqa: PLR2004  # RPM_INT32_TYPE

    def texts(self, tag: int) -> Iterator[bytes]:
        kind, offset, count = self._tags.get(tag, (0, 0, 0))
        at = self._base + offset
        for _ in range(min(count, SIGNATURES) if kind in {6, 8} else 0):
            stop = self._data.find(b"\0", at, self.end)
            if stop < 0:
                return
            yield self._data[at:stop]
            at = stop + 1


def parse(data: bytes) -> Rpm:
    """An rpm as far as its signatures go. Raises Malformed."""
    if not data.startswith(LEAD_MAGIC):
        raise Malformed("no rpm")
    about = _Header(data, LEAD)
    start = about.end + -about.end % 8
    header = _Header(data, start)
    digest = next(header.texts(PAYLOAD_DIGESTS), b"").decode("ascii", "replace").lower()
    algorithm = ALGORITHMS.get(header.number(PAYLOAD_ALGORITHM), "")
    if digest and not algorithm:
        raise Malformed("a digest of the payload by an algorithm that is not known")
    return Rpm(data, tuple(_signatures(about)), start, header.end, (algorithm, digest))


def _signatures(about: _Header) -> Iterator[tuple[Over, bytes]]:
    for tag in OVER_HEADER:
        if found := about.binary(tag):
            yield "header", found
    for text in about.texts(OPENPGP):
        try:
            yield "header", binascii.a2b_base64(text)
        except binascii.Error as error:
            raise Malformed(f"a signature that is no base64: {error}") from error
    for tag in OVER_ALL:
        if found := about.binary(tag):
            yield "all", found
