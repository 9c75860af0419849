"""Finds the central directory of a zip, and reads it record by record."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator

import msgspec

from pkgscan.archive.member import BLOCK, Damage, Window
from pkgscan.archive.zip.record import (
    CENTRAL,
    CENTRAL_FORM,
    END,
    END64,
    END64_FORM,
    END_FORM,
    FULL16,
    FULL32,
    LOCAL,
    LOCATOR64,
    LOCATOR64_FORM,
    Central,
    wide,
)

CHUNK = 1 << 20  # of the directory read at once
LONGEST_RECORD = CENTRAL_FORM.size + 3 * 0xFFFF  # name, extra fields and comment have 16-bit lengths
MOST_END_RECORDS = 1000  # looked at; a file that repeats the signature must not cost its square
MOST_RECORDS = 4  # of one directory, times what the walk takes from one archive: these are said to be too many


class Directory(msgspec.Struct, frozen=True):
    """Where a central directory lies. Positions count from the window's start.

    `base` is to be added to the offsets in it (the size of what was put before the zip without telling it).
    `others` are further directories that some readers would take: (start, base).
    """

    start: int
    stop: int  # no record of it can lie behind
    base: int
    count: int
    end: int  # of the end record with its comment
    end_record: int
    spanned: bool = False
    others: tuple[tuple[int, int], ...] = ()


class Index(msgspec.Struct, frozen=True):
    """What must be known of all records before the first is judged: two words a record."""

    starts: array[int]  # of local headers, sorted, each once, then the start of the directory
    shared: dict[int, int]  # how many records point to a header, where that is more than one
    repeated: frozenset[int]  # hashes of names that occur more than once
    count: int
    end: int  # behind the last record


def find_directory(window: Window, stop: int | None = None) -> Directory | None:
    """The directory that the last good end record before `stop` names: the one nearly every reader takes."""
    for tried, at in enumerate(end_records(window, window.size if stop is None else stop)):
        directory = directory_at(window, at)
        if directory is not None or tried >= MOST_END_RECORDS:
            return directory
    return None


def end_records(window: Window, stop: int, start: int = 0) -> Iterator[int]:
    """Where the signature of an end record stands, from the last to the first."""
    high = stop
    step = END_FORM.size + 3  # nearly every zip ends without a comment: look there before reading more
    while high > start:
        low = max(start, high - step)
        block = window.read(low, min(high - low + 3, stop - low))
        at = block.rfind(END)
        while at >= 0:
            yield low + at
            at = block.rfind(END, 0, at + 3)
        high, step = low, BLOCK


def is_last_part(window: Window) -> bool:
    """Whether the file ends as the last part of a split archive does, wherever the directory of that begins."""
    tail = window.read(max(0, window.size - END_FORM.size - 0xFFFF), END_FORM.size + 0xFFFF)
    return ends_last_part(tail, tail.rfind(END))


def ends_last_part(tail: bytes, at: int) -> bool:
    """Whether a file that ends in `tail` is the last part of a split archive by the end record at `at` of the tail.

    The numbers of such a record fit each other, and its comment ends where the file does: the mark alone is chance.
    """
    if at < 0 or at + END_FORM.size > len(tail):
        return False
    _, disk, first, here, count, size, _, comment = END_FORM.unpack_from(tail, at)
    fits = first <= disk and here <= count <= size // CENTRAL_FORM.size
    return bool(0 < disk < FULL16 and count > 0 and fits and at + END_FORM.size + comment == len(tail))


def central_records(window: Window, start: int, stop: int) -> Iterator[Central]:
    """The records from `start` on, as long as they follow each other; what an end record counts is not asked."""
    origin = position = start
    buffer = window.read(start, min(CHUNK, stop - start))
    unpack, size = CENTRAL_FORM.unpack_from, CENTRAL_FORM.size
    while True:
        at = position - origin
        if len(buffer) - at < LONGEST_RECORD and origin + len(buffer) < stop:
            buffer = window.read(position, min(CHUNK, stop - position))
            origin, at = position, 0
        if len(buffer) - at < size:
            return
        (sign, made, _, flags, method, _, _, crc, packed, full, names, extras, notes, disk, _, attributes, offset) = (
            unpack(buffer, at)
        )
        name_end = at + size + names
        extra_end = name_end + extras
        if sign != CENTRAL or extra_end + notes > len(buffer):
            return
        position = origin + extra_end + notes
        extra = buffer[name_end:extra_end]
        if extras and FULL32 in {packed, full, offset}:
            full, packed, offset = wide(extra, (full, packed, offset))
        name = buffer[at + size : name_end]
        yield Central(name, flags, method, crc, packed, full, disk, made >> 8, attributes, offset, extra, position)


def index_records(window: Window, directory: Directory, entries: int) -> Index:
    """One quick pass over the directory. `entries`: how many the walk takes. Raises fatal Damage far above that."""
    starts: array[int] = array("Q")
    names: array[int] = array("q")
    end, base = directory.start, directory.base
    for record in central_records(window, directory.start, directory.stop):
        starts.append(max(0, record.offset + base))
        names.append(hash(record.name))
        end = record.after
        if len(names) > MOST_RECORDS * entries:
            detail = f"a zip directory of more than {MOST_RECORDS * entries} entries"
            raise Damage("limit-archive-entries", f"{detail}; raise it with --limit archive_entries=N", fatal=True)
    ordered, shared = _shared(starts)
    ordered.append(directory.start)
    return Index(array("Q", sorted(ordered)), shared, _repeated(names), len(names), end)


def _shared(starts: array[int]) -> tuple[array[int], dict[int, int]]:
    ordered: array[int] = array("Q")
    shared: dict[int, int] = {}
    last = -1
    for start in sorted(starts):
        if start == last:
            shared[start] = shared.get(start, 1) + 1
        else:
            ordered.append(start)
        last = start
    return ordered, shared


def _repeated(hashes: array[int]) -> frozenset[int]:
    ordered = sorted(hashes)
    return frozenset(one for one, following in itertools.pairwise(ordered) if one == following)


def directory_at(window: Window, at: int) -> Directory | None:
    """The directory an end record names, if a directory is there."""
    record = window.read(at, END_FORM.size)
    if len(record) < END_FORM.size:
        return None
    _, disk, first_disk, here, count, size, offset, comment = END_FORM.unpack(record)
    claims = [(count, size, offset)]
    stop = at
    spanned = disk not in {0, FULL16} or first_disk not in {0, FULL16}
    found = _zip64(window, at)
    if found is not None:
        stop, spanned, claim = found
        full = tuple(old if old not in {FULL16, FULL32} else new for old, new in zip(claims[0], claim, strict=True))
        claims = [claim] if full == claim else [claim, (full[0], full[1], full[2])]
    places = [place for claim in claims for place in _places(window, stop, claim)]
    if not places:
        return None
    start, base = places[0][0], _true_base(window, places[0], stop)
    others = tuple(dict.fromkeys(place for place in places[1:] if place[0] != start))
    counted = claims[0][0] if here in {count, FULL16} or found is not None else here
    end = min(at + END_FORM.size + comment, window.size)
    return Directory(start, stop, base, counted, end, at, spanned, others)


def _places(window: Window, stop: int, claim: tuple[int, int, int]) -> Iterator[tuple[int, int]]:
    """Where a directory is that fits a claim: right before the end record, or at the offset as it is written."""
    count, size, offset = claim
    if count == size == 0:
        yield stop, stop - offset if offset <= stop else 0
        return
    for start in (stop - size, offset):
        if 0 <= start < stop and window.read(start, 4) == CENTRAL:
            yield start, start - offset


def _true_base(window: Window, place: tuple[int, int], stop: int) -> int:
    """The base with which the first record points to a local header: some tools mend only one offset."""
    start, base = place
    first = next(central_records(window, start, stop), None) if base else None
    if first is None or window.read(first.offset + base, 4) == LOCAL or window.read(first.offset, 4) != LOCAL:
        return base
    return 0


def _zip64(window: Window, at: int) -> tuple[int, bool, tuple[int, int, int]] | None:
    """The zip64 end record that belongs to the end record at `at`: where it is, whether spanned, what it claims."""
    locator = window.read(at - LOCATOR64_FORM.size, LOCATOR64_FORM.size)
    if len(locator) < LOCATOR64_FORM.size or locator[:4] != LOCATOR64:
        return None
    _, _, offset, disks = LOCATOR64_FORM.unpack(locator)
    for place in (at - LOCATOR64_FORM.size - END64_FORM.size, offset):
        record = window.read(place, END64_FORM.size)
        if len(record) == END64_FORM.size and record[:4] == END64:
            _, _, _, _, disk, _, _, count, size, start = END64_FORM.unpack(record)
            return place, disks > 1 or disk > 0, (count, size, start)
    return None
