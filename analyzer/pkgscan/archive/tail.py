"""Content that turns out to be a zip by its end: self-extracting programs and polyglots."""

from __future__ import annotations

import struct

_END = b"PK\x05\x06"
_END_SIZE = 22
_ENTRY_SIZE = 46  # of a directory entry without its name


def ends_like_zip(tail: bytes, size: int) -> bool:
    """Whether content of `size` bytes that ends in `tail` ends in a zip's end record with a possible directory.

    Strict, because programs that read zips hold the same four bytes as a constant.
    """
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        return False
    entries, directory, offset, comment = struct.unpack("<HIIH", tail[at + 10 : at + _END_SIZE])
    if at + _END_SIZE + comment != len(tail) or not entries:
        return False
    end = size - len(tail) + at
    return bool(entries * _ENTRY_SIZE <= directory and offset + directory <= end)
