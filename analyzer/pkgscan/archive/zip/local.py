"""Finds zip members by their local headers alone, where no directory names them or there is no directory."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.archive.member import BLOCK, Window
from pkgscan.archive.zip.content import Packed
from pkgscan.archive.zip.record import (
    CENTRAL,
    DESCRIPTOR,
    FULL32,
    LOCAL,
    LOCAL_FORM,
    METHODS,
    STORED,
    STREAMED,
    Local,
    header_size,
    parse_local,
)

NEWEST_VERSION = 63  # of APPNOTE; a header that needs more is not a header but chance
NEAR = 512  # bytes looked at first: the next header mostly follows at once
SIGNATURE = 4  # bytes
FIRST_PRINTABLE = 0x20
SMALLEST = LOCAL_FORM.size + 1  # a local header with a name of one byte


class Found(msgspec.Struct):
    """A local header at `at`, and the content behind it."""

    at: int
    local: Local
    source: Packed


def read_local(window: Window, at: int, expected: int) -> tuple[Local | None, bytes]:
    """The local header at `at`, and all that was read from there: `expected` bytes, or more if the header is longer."""
    head = window.read(at, expected)
    size = header_size(head)
    if size > len(head):
        head = window.read(at, size)
    return (parse_local(head, at) if 0 < size <= len(head) else None), head


def local_entries(window: Window, start: int, stop: int) -> Iterator[Found]:
    """Every plausible local header in a stretch, in order.

    Where a header does not say how long its data is, the content that was read in between says it.
    """
    at = find(window, start, stop, (LOCAL,))
    while at >= 0:
        local, _ = read_local(window, at, 512)
        if local is None or not _plausible(local):
            at = find(window, at + 4, stop, (LOCAL,))
            continue
        source = _source(window, local, stop)
        yield Found(at, local, source)
        at = find(window, _after(local, source, stop), stop, (LOCAL,))


def find(window: Window, start: int, stop: int, signatures: tuple[bytes, ...]) -> int:
    """Where the first of some four-byte signatures stands in a stretch; -1 if none does."""
    at, step = start, NEAR
    while at < stop:
        block = window.read(at, min(step, stop - at))
        places = [place for place in map(block.find, signatures) if place >= 0]
        if places:
            return at + min(places)
        if len(block) <= SIGNATURE:
            break
        at, step = at + len(block) - 3, BLOCK
    return -1


def _plausible(local: Local) -> bool:
    known = local.needed & 0xFF <= NEWEST_VERSION and local.method in METHODS
    return known and len(local.name) > 0 and min(local.name.replace(b"\0", b"_")) >= FIRST_PRINTABLE


def _source(window: Window, local: Local, stop: int) -> Packed:
    if not local.flags & STREAMED or local.packed not in {0, FULL32}:
        source = Packed(window, local.data, local.packed, local.size, local.crc, local.method, local.flags)
        source.extra = local.extra
        return source
    packed = -1
    if local.method == STORED:  # nothing in the data says where it ends: the next record does
        following = find(window, local.data, stop, (DESCRIPTOR, LOCAL, CENTRAL))
        packed = (following if following >= 0 else stop) - local.data
    return Packed(window.part(0, stop), local.data, packed, -1, -1, local.method, local.flags)


def _after(local: Local, source: Packed, stop: int) -> int:
    if source.used >= 0:
        return local.data + source.used
    declared = local.data + max(0, source.packed)
    return declared if declared <= stop else local.data
