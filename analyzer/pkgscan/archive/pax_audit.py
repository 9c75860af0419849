"""Watches the bytes of a tar pass for members whose size is stated twice and differently.

A pax record may restate the size of a member, which is needed from 8 GiB on. Readers that heed it and readers that go
by the plain header then find the next header in different places, and see different members. The headers are followed
as libarchive follows them, so that a tar in a tar is not taken for its own. Sources: pax(1), ustar; tar(5) of FreeBSD.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_BLOCK = 512
_MOST_TEXT = 1 << 20  # bytes of pax records that are kept: of longer ones libarchive makes nothing, and says so
_PLAIN_SIZES = 8 << 30  # from here on a plain header cannot hold the size
_SIZE, _SIZE_END, _SUM, _TYPE, _MAGIC = 124, 136, 148, 156, 257
_FILE, _HARD_LINK, _SPARSE, _ACCESS_LIST, _GLOBAL = b"01SAg"
_PAX = b"xX"  # records of one member, in two spellings; _GLOBAL are those of all that follow
_BEFORE = b"LKAV"  # headers that stand between a pax header and its member: GNU names, an access list, a label
_EMPTY = b"23456"  # types without data, whatever their header says
_MORE, _MORE_STILL = 482, 504  # bytes that say whether a part of GNU's sparse map follows: in a header, in a part
_OFF = -1  # in the place of the next header's offset: there is none that is to be followed
_DIGITS = b"01234567"
_ENDS = b"\0 "  # what stands behind them
_OCTAL = re.compile(rb"[ \t]*(-?[0-7]*)")
MOST = 100  # differences told of one archive


class PaxAudit:
    """Hands on what `pull` hands out; `differences` are (offset, size by the pax record, size by the header)."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._total = 0  # bytes that passed
        self._next = 0  # where the next header begins
        self._held = b""  # of a header that is not here as a whole
        self._text = bytearray()
        self._text_at = self._text_end = 0  # where the rest of the records that are being read begins and ends
        self._text_type = 0
        self._stated = self._stated_for_all = -1  # sizes by records, of the next member and of all; negative: none
        self._pax = False  # whether records have been seen: those who write them give hard links data
        self._plain = False  # whether nothing that was read bears on the next member
        self._unsure = 0  # bytes of data of a hard link, unless a header follows it
        self._map_data = -1  # bytes of data behind the part of a sparse map that is next; negative: none is next
        self.differences: list[tuple[int, int, int]] = []

    def pull(self) -> bytes:
        """The next block."""
        block = self._pull()
        if block and self._next != _OFF:
            if held := self._held:
                self._follow(held + block[: _BLOCK - len(held)], self._total - len(held))
            if len(held) + len(block) >= _BLOCK or not held:
                self._follow(block, self._total)
            self._total += len(block)
        return block

    def _follow(self, data: bytes, base: int) -> None:
        """Go from header to header in `data`, which begins at byte `base` of the archive."""
        if self._text_end:
            self._read_text(data, base)
        at, last = self._next - base, len(data) - _BLOCK
        while 0 <= at <= last:
            # Most members are plain files without records: they must cost next to nothing.
            if self._plain and data[at + _TYPE] == _FILE:
                digits = data[at + _SIZE : at + _SIZE_END - 1]  # as nearly all write it: eleven, and a zero or a space
                if data[at + _SIZE_END - 1] in _ENDS and not digits.translate(None, _DIGITS):
                    at += _BLOCK + (int(digits, 8) + _BLOCK - 1 & -_BLOCK)
                    continue
            self._next = base + at
            self._step(data[at : at + _BLOCK])
            if self._text_end:
                self._read_text(data, base)
            at = self._next - base if self._next != _OFF else _OFF
        self._next = base + at if self._next != _OFF else _OFF
        self._held = data[at:] if 0 <= at < len(data) and self._next != _OFF else b""

    def _step(self, head: bytes) -> None:
        """Take in the header, or the block in its place, at `_next`, and set that to the one after it."""
        if self._map_data >= 0:
            self._pass_map(head[_MORE_STILL], self._map_data)
            return
        unsure, self._unsure = self._unsure, 0
        if unsure and not (_is_ustar(head) and _is_summed(head)):
            self._next += unsure
            return
        size, kind = _number(head[_SIZE:_SIZE_END]), head[_TYPE]
        if size < 0 or not head.strip(b"\0") or (not self._next and not _is_summed(head)):
            self._next = _OFF  # the end, or nothing that is read
            return
        if kind in _PAX or kind == _GLOBAL:
            self._begin_text(kind, size)
        elif kind in _BEFORE:
            self._next += _BLOCK + _padded(size)
            self._pax = kind == _ACCESS_LIST
        else:
            self._member(head, kind, size)
        self._plain = not (self._pax or self._unsure or self._map_data >= 0) and self._stated < 0 > self._stated_for_all

    def _begin_text(self, kind: int, size: int) -> None:
        start = self._next + _BLOCK
        self._next, self._pax = start + _padded(size), True
        if 0 < size <= _MOST_TEXT:
            self._text_type, self._text_at, self._text_end = kind, start, start + size
            self._text.clear()

    def _read_text(self, data: bytes, base: int) -> None:
        """Keep what `data` has of the records, and read them when they are whole."""
        piece = data[max(0, self._text_at - base) : max(0, self._text_end - base)]
        self._text += piece
        self._text_at += len(piece)
        if self._text_at < self._text_end:
            return
        self._text_end, stated = 0, _stated(bytes(self._text))
        if stated >= 0 and self._text_type == _GLOBAL:
            self._stated_for_all = stated
        elif stated >= 0:
            self._stated = stated

    def _member(self, head: bytes, kind: int, plain: int) -> None:
        """Compare the sizes of a member, and pass over its data."""
        own, self._stated = self._stated, -1
        stated, size = (own, own) if own >= 0 else (self._stated_for_all, plain)  # libarchive heeds no global records
        if 0 <= stated < _PLAIN_SIZES and stated != plain and _is_ustar(head) and len(self.differences) < MOST:
            self.differences.append((self._next, stated, plain))
        self._pax = self._pax and _is_ustar(head) and not _is_gnu(head)
        size = 0 if kind in _EMPTY else _padded(size)
        if kind == _HARD_LINK and not self._pax:  # ustar may mean it, older forms do not
            self._unsure = size if _is_ustar(head) and not _is_gnu(head) else 0
            size = 0
        if kind == _SPARSE and _is_gnu(head):
            self._pass_map(head[_MORE], size)
        else:
            self._next += _BLOCK + size

    def _pass_map(self, more: int, size: int) -> None:
        """Pass over a part of a sparse map, and over the data behind the last."""
        self._map_data = size if more else -1
        self._next += _BLOCK + (0 if more else size)


def _is_ustar(head: bytes) -> bool:
    return head.startswith(b"ustar", _MAGIC)


def _is_gnu(head: bytes) -> bool:
    return head.startswith(b"ustar  \0", _MAGIC)


def _is_summed(head: bytes) -> bool:
    """Whether a block has the checksum of a header, by bytes without or with a sign."""
    total = sum(head) - sum(head[_SUM:_TYPE]) + (_TYPE - _SUM) * ord(" ")
    signs = sum(byte > 127 for byte in head) - sum(byte > 127 for byte in head[_SUM:_TYPE])  # noqa: PLR2004
    return _number(head[_SUM:_TYPE]) in {total, total - 256 * signs}


def _padded(size: int) -> int:
    return size + _BLOCK - 1 & -_BLOCK


def _number(field: bytes) -> int:
    """A number as tars write it: octal digits, or base 256, which has the first bit set and the second for a sign."""
    if field[0] < 0x80:  # noqa: PLR2004  # the first bit
        match = _OCTAL.match(field)
        digits = match[1] if match else b""
        return int(digits, 8) if digits.strip(b"-") else 0
    bits = 8 * len(field) - 1
    value = int.from_bytes(field, "big") & (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _stated(records: bytes) -> int:
    """The size that pax records state, the last one; negative if none does."""
    at, found = 0, -1
    while at < len(records):
        digits, space, _ = records[at : at + 8].partition(b" ")
        if not space or not digits.isdigit() or int(digits) < len(digits) + 2:
            break
        key, _, value = records[at + len(digits) + 1 : at + int(digits)].partition(b"=")
        if key == b"size" and value[:-1].isdigit() and len(value) < 20:  # noqa: PLR2004  # digits of a 64-bit number
            found = int(value[:-1])
        at += int(digits)
    return found
