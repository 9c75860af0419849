"""What is signed of a Windows program, and the messages that sign it (Windows Authenticode Portable Executable format).

The digest leaves out the checksum, the entry that says where the signatures are, and the signatures themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from pkgscan.crypto import cms
from pkgscan.crypto.der import OCTETS, SEQUENCE, element
from pkgscan.crypto.packets import Malformed

INDIRECT = "1.3.6.1.4.1.311.2.1.4"  # SpcIndirectDataContent
TABLES = 16  # signatures in one program; a doubly signed one has two
TABLE_BYTES = 4 << 20  # of all of them
_OFFSET_AT, _CHECKSUM, _MAGICS = 0x3C, 64, {0x10B: 128, 0x20B: 144}  # by the optional header's magic: the entry's place
_OPTIONAL, _ENTRY, _HEADER, _PKCS, _ROUND = 24, 8, 8, 2, 8


class Layout(msgspec.Struct, frozen=True):
    """Where in a program the bytes stand that no signature covers: places from the start, and sizes."""

    checksum: int
    entry: int
    table: int
    size: int


def layout(head: bytes) -> Layout | None:
    """The layout of a program by its first bytes; None for one that has no signature, or is no such program."""
    start = int.from_bytes(head[_OFFSET_AT : _OFFSET_AT + 4], "little")
    if head[:2] != b"MZ" or head[start : start + 4] != b"PE\0\0":
        return None
    optional = start + _OPTIONAL
    place = _MAGICS.get(int.from_bytes(head[optional : optional + 2], "little"))
    if place is None or len(head) < optional + place + _ENTRY:
        return None
    entry = optional + place
    table, size = (int.from_bytes(head[at : at + 4], "little") for at in (entry, entry + 4))
    return Layout(optional + _CHECKSUM, entry, table, size) if size else None


def messages(data: bytes, at: Layout) -> Iterator[cms.SignedData]:
    """The messages that sign a program, each over indirect data. Raises Malformed."""
    here, end = at.table, at.table + at.size
    if end != len(data) or at.size > TABLE_BYTES or at.table <= at.entry:
        raise Malformed("signatures that are not at the end of the program, or larger than any")
    for _ in range(TABLES):
        if here + _HEADER > end:
            return
        size, kind = (
            int.from_bytes(data[here : here + 4], "little"),
            int.from_bytes(data[here + 6 : here + 8], "little"),
        )
        if size <= _HEADER or here + size > end or kind != _PKCS:
            raise Malformed("a table of signatures that is not laid out as such")
        found = cms.message(data[here + _HEADER : here + size])
        if found.content_type != INDIRECT or found.content is None:
            raise Malformed("a signature over something else than a program")
        yield found
        here += size + -size % _ROUND
    raise Malformed(f"over {TABLES} signatures in one program")


def stated(message: cms.SignedData) -> tuple[str, bytes]:
    """(algorithm of hashlib, digest of the program) that a message signs. Raises Malformed."""
    content = message.content or b""
    about = element(content)
    algorithm, digest = (*element(content, about.end).expect(SEQUENCE).children(), None, None)[:2]
    if algorithm is None or digest is None:
        raise Malformed("a signature that states no digest")
    name = cms.DIGESTS.get(next(algorithm.expect(SEQUENCE).children()).oid(), "")
    if not name:
        raise Malformed("a digest that is not known")
    return name, digest.expect(OCTETS).octets()


def digest(data: bytes, at: Layout, algorithm: str) -> bytes:
    """The digest of what is signed of a program."""
    found, view = hashlib.new(algorithm, usedforsecurity=False), memoryview(data)
    found.update(view[: at.checksum])
    found.update(view[at.checksum + 4 : at.entry])
    found.update(view[at.entry + _ENTRY : at.table])
    return found.digest()
