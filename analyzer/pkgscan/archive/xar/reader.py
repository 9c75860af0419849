"""Reads a xar (macOS installer packages, Safari extensions): libarchive can do so only in builds with an XML library.

Layout: a header (magic, its size, version, two lengths of the table of contents, the kind of its checksum), the table
of contents (XML, zlib), the heap. The table names for each file where in the heap its bytes are. Bytes of the heap
that it does not name belong to nothing, and no unpacker gives them out; bytes behind the last named ones are a member.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import msgspec

from pkgscan.archive.member import Charge, Damage, Member, Window
from pkgscan.archive.xar.content import digest
from pkgscan.archive.xar.heap import Heap, whole_number
from pkgscan.archive.xar.member import Item, Members
from pkgscan.archive.xar.toc import Record, Table
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Fact, Span

AFTER = b"<data after the archive>"
PIECE = 64 << 10  # bytes of XML, packed or not, handled at once
LIBARCHIVE_LEAVES = 20  # bytes: it counts the checksum of the table twice, and too few to be anything

_HEADER = struct.Struct(">4sHHQQI")
_VERSIONS = frozenset({0, 1})
_NAMED = 3  # a checksum kind whose name follows the header; without a name it stands for sha256
_CHECKSUMS = {0: "none", 1: "sha1", 2: "md5", _NAMED: "sha256", 4: "sha512"}
_LONGEST_NAME = 64  # bytes of a checksum's name behind the header


class Header(msgspec.Struct, frozen=True):
    """Where the table of contents is, and what it should be. Sizes in bytes."""

    size: int
    version: int
    packed: int
    unpacked: int
    checksum: str

    @property
    def heap(self) -> int:
        """Where the heap begins."""
        return self.size + self.packed


def read_xar(window: Window, path: str, charge: Charge) -> Iterator[Member | Fact | Damage]:
    """Every member of the xar that `window` holds; extended attributes are members of their own.

    `path` is the entry path of the archive. Damage that costs no single member is yielded as a value; fatal Damage is
    raised. The content of a member is to be consumed, or left, before the next item is asked for.
    """
    header = _read_header(window)
    charge(max(header.packed, header.unpacked))
    if header.version not in _VERSIONS:
        yield Damage("unsupported-format", f"xar version {header.version} is not known, it was read as version 1")
    heap = Heap(window, header.heap)
    members = Members(heap, path)
    table = Table(charge)
    said: list[Damage] = []
    for xml, last in _inflated(window, header, said, charge):
        failure: Damage | None = None
        try:
            table.feed(xml, last=last)
        except Damage as damage:
            failure = damage
        for record in table.take():  # what was whole before the failure
            yield from members.items(record)
        if failure is not None:
            raise failure
    yield from said
    yield from _check_table(window, header, members.checksum)
    yield from members.rest()
    yield from _after(window, heap.end, path)


def _read_header(window: Window) -> Header:
    head = window.read(0, _HEADER.size + _LONGEST_NAME)
    if len(head) < _HEADER.size:
        raise Damage("truncated", "the xar ends in its header", fatal=True)
    magic, size, version, packed, unpacked, kind = _HEADER.unpack_from(head)
    if magic != b"xar!" or size < _HEADER.size:
        raise Damage("corrupt", f"a xar's header is {_HEADER.size} bytes at least, this one says {size}", fatal=True)
    checksum = _CHECKSUMS.get(kind, f"of kind {kind}")
    if kind == _NAMED and size > _HEADER.size:
        name = head[_HEADER.size : size].partition(b"\0")[0]
        checksum = name.decode("ascii", "backslashreplace").lower() or checksum
    return Header(size, version, packed, unpacked, checksum)


def _inflated(window: Window, header: Header, said: list[Damage], charge: Charge) -> Iterator[tuple[bytes, bool]]:
    """The table's XML piece by piece, with whether it is the last; what is wrong around it goes to `said`."""
    decoder = zlib.decompressobj()
    at, stop, produced = header.size, header.heap, 0
    while not decoder.eof:
        packed = decoder.unconsumed_tail or window.read(at, min(PIECE, stop - at))
        at += 0 if decoder.unconsumed_tail else len(packed)
        try:
            xml = decoder.decompress(packed, PIECE)
        except zlib.error as error:
            raise Damage("corrupt", f"the table of contents is no zlib data: {error}", fatal=True) from None
        if not packed and not xml and not decoder.eof:
            raise Damage("truncated", "the table of contents breaks off", fatal=True)
        produced += len(xml)
        if produced > max(header.packed, header.unpacked):  # up to there it is counted already
            charge(len(xml))
        yield xml, False
    yield b"", True
    if produced != header.unpacked:
        detail = f"the table of contents has {produced} bytes, the header says {header.unpacked}"
        said.append(Damage("wrong-size", detail))
    if left := len(decoder.unused_data) + stop - at:
        said.append(Damage("data-after-end", f"{left} bytes stand between the table of contents and the heap"))


def _check_table(window: Window, header: Header, record: Record | None) -> Iterator[Damage]:
    """What is wrong with the checksum of the table of contents."""
    style = record.attributes.get("style", "").lower() if record is not None else "none"
    if style != header.checksum:
        detail = f"the header names the checksum {header.checksum}, the table of contents {style[:100] or 'none'}"
        yield Damage("bad-checksum", detail)
    if style == "none" or record is None:
        return
    hashed = digest(style)
    if hashed is None:
        yield Damage("bad-checksum", f"the table's checksum is of a kind that is not known: {style[:100]}")
        return
    for block in window.part(header.size, header.packed).blocks():
        hashed.update(block)
    offset, size = (whole_number(record.text(name)) for name in ("offset", "size"))
    stored = window.read(header.heap + (offset or 0), min(size or 0, hashed.digest_size + 1))
    if stored != hashed.digest():
        detail = f"{style} of the table of contents is {hashed.hexdigest()}, the heap holds {stored.hex()}"
        yield Damage("bad-checksum", detail)


def _after(window: Window, end: int, path: str) -> Iterator[Item]:
    """Bytes behind the heap, unless they are zeros alone, or what libarchive's writer leaves there."""
    rest = window.part(end, window.size - end)
    if rest.size > LIBARCHIVE_LEAVES and any(block.strip(b"\0") for block in rest.blocks()):
        text = f"{rest.size} bytes stand behind the last ones that the table of contents names"
        yield Disagreement(span=Span(path), text=text, disagreement="data-after-end")
        yield Member(name=AFTER, size=rest.size, has_mode=False, content=rest.blocks(), stored_at=(end, rest.size))
