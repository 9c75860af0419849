"""Content that turns out to be a zip by its end: self-extracting programs and polyglots."""

from __future__ import annotations

from itertools import islice

from pkgscan.archive.member import Window
from pkgscan.archive.zip.directory import directory_at, end_records, ends_last_part, is_last_part
from pkgscan.archive.zip.record import (
    CENTRAL,
    CENTRAL_FORM,
    END,
    END64_FORM,
    END_FORM,
    FULL16,
    FULL32,
    LOCATOR64,
    LOCATOR64_FORM,
)

SEARCHED = END64_FORM.size + LOCATOR64_FORM.size + END_FORM.size + 0xFFFF  # bytes: no reader looks further back
MOST_END_RECORDS = 1000  # looked at; a content with more of them is taken for a zip, so that it cannot hide in them


def ends_like_zip(tail: bytes, size: int, *, to_the_end: bool = False) -> bool:
    """Whether content of `size` bytes that ends in `tail` may be a zip: what it takes to look again, and all of it.

    An end record counts wherever it is, with a comment of any length and other bytes behind it, as readers take it
    there; `is_zip_behind` decides. With `to_the_end`, for archives that may well have a zip as their last member, the
    comment must end where the content does.
    """
    at, tried = tail.rfind(END), 0
    if ends_last_part(tail, at):
        return True
    while at >= 0 and tried < MOST_END_RECORDS:
        if (not to_the_end or _ends_all(tail, at)) and _may_end(tail, at, size):
            return True
        at, tried = tail.rfind(END, 0, at + 3), tried + 1
    return at >= 0 and not to_the_end


def _ends_all(tail: bytes, at: int) -> bool:
    after = at + END_FORM.size
    return after <= len(tail) and after + int.from_bytes(tail[after - 2 : after], "little") == len(tail)


def is_zip_behind(window: Window) -> bool:
    """Whether a content ends in a zip: in an end record that leads to a directory with entries, or in a zip64 one.

    Programs that read zips hold the mark of an end record as a constant, and most have other bytes behind it.
    """
    if is_last_part(window):  # of which the directory may begin in another part
        return True
    records = end_records(window, window.size, max(0, window.size - SEARCHED))
    for at in islice(records, MOST_END_RECORDS):
        directory = directory_at(window, at)
        if (directory is not None and directory.start < directory.stop) or _is_wide(window, at):
            return True
    return next(records, None) is not None


def _may_end(tail: bytes, at: int, size: int) -> bool:
    """Whether an end record stands at `at` of the tail that may lead to a directory with entries."""
    if len(tail) - at < END_FORM.size:
        return False
    locator = at - LOCATOR64_FORM.size
    if locator < 0 or tail.startswith(LOCATOR64, locator):
        return True
    length, offset = END_FORM.unpack_from(tail, at)[5:7]
    before = size - len(tail) + at  # bytes of the content before the record
    return bool(length or offset) and any(
        0 <= start <= before - CENTRAL_FORM.size and _may_begin(tail, start - before + at)
        for start in (before - length, offset)
    )


def _may_begin(tail: bytes, at: int) -> bool:
    """Whether a directory may begin at a place of the tail, or before it."""
    return at < 0 or tail.startswith(CENTRAL, at)


def _is_wide(window: Window, at: int) -> bool:
    """Whether an end record leaves its numbers to a zip64 one, and the locator of that stands before it."""
    found = window.read(at - LOCATOR64_FORM.size, LOCATOR64_FORM.size + END_FORM.size)
    if len(found) < LOCATOR64_FORM.size + END_FORM.size or not found.startswith(LOCATOR64):
        return False
    count, length, offset = END_FORM.unpack_from(found, LOCATOR64_FORM.size)[4:7]
    return count == FULL16 or FULL32 in {length, offset}
