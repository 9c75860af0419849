"""Watches the bytes of a tar pass for members that readers of tars take for different ones, and say nothing.

Readers find the next header in different places where a size is stated twice, where it is no plain number, and where
a member without content has one; they write different files where a member has two names, or is a directory by its
name alone. The headers are followed as libarchive follows them, so that a tar in a tar is not taken for its own.
How libarchive, GNU tar, 7-Zip and Python's tarfile read each of these is told, and held against them, in
tests/oracles/test_tar_readers.py.
"""

from __future__ import annotations

from collections.abc import Callable

from pkgscan.archive.tar.header import (
    BLOCK,
    MAGIC,
    NAME_END,
    PREFIX,
    SIZE,
    SIZE_END,
    SPARSE_NAME,
    SPARSE_SIZES,
    TYPE,
    capabilities_of,
    decimal,
    has_map,
    is_gnu,
    is_plain,
    is_size,
    is_summed,
    is_ustar,
    name_of,
    number,
    padded,
    records,
    stands_for,
    stray_prefix,
    until_nul,
)
from pkgscan.facts.archive import DisagreementKind

_MOST_TEXT = 1 << 20  # bytes of records or of a name that are kept: of longer ones libarchive makes nothing and says so
_MOST_SHOWN = 200  # bytes of a name in a text
_PLAIN_SIZES = 8 << 30  # from here on a plain header cannot hold the size
_FILE, _HARD_LINK, _SYMLINK, _SPARSE, _ACCESS_LIST, _LABEL, _GLOBAL, _LONG_NAME, _LONG_LINK = b"012SAVgLK"
_PAX = b"xX"  # records of one member, in two spellings; _GLOBAL are those of all that follow
_BEFORE = b"AV"  # headers that stand between a pax header and its member, beside long names: an access list, a label
_LONG = {_LONG_NAME: b"path", _LONG_LINK: b"linkpath"}  # GNU tar's long names, by the records that say the same
_EMPTY = b"23456"  # types without data, whatever their header says
# Of these, what some pass over and others read. All read on behind a directory's header: many tars give it a size.
_BOTH_WAYS = {b"2"[0]: "a symbolic link", b"3"[0]: "a device", b"4"[0]: "a device", b"6"[0]: "a fifo"}
_NO_FILES = b"123456D"  # types of which none is a file that could be a directory by its name; D is one of GNU tar's
_MORE, _MORE_STILL = 482, 504  # bytes that say whether a part of GNU's sparse map follows: in a header, in a part
_OFF = -1  # in the place of the next header's offset: there is none that is to be followed
_SLASH = ord("/")
_DIGITS = b"01234567"
_ENDS = b"\0 "  # what stands behind them
_MERE_NAMES = b"25"  # symbolic links and directories
_NO_SIZE = b"00000000000\0"  # as nearly all of them have it
_MOST_STEPS = 4096  # sizes that are remembered: a tar of many members has most of them many times
MOST = 100  # differences told of one archive


class TarAudit:
    """Hands on what `pull` hands out; `differences` are (kind, text), each of a member that readers differ on."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._total = 0  # bytes that passed
        self._next = 0  # where the next header begins
        self._held = b""  # of a header that is not here as a whole
        self._text = bytearray()
        self._text_at = self._text_end = 0  # where the rest of the text that is being read begins and ends
        self._text_type = 0
        self._records: dict[bytes, bytes] = {}  # of the next member, by pax
        self._long: dict[bytes, bytes] = {}  # the same by GNU tar's long names
        self._stated_for_all = -1  # the size by records of all members; negative: none
        self._pax = False  # whether records have been seen: those who write them give hard links data
        self._plain = False  # whether nothing that was read bears on the next member
        self._steps: dict[bytes, int] = {}  # from a plain file's header to the next, by the size as it is written
        self._unsure = 0  # bytes of data of a hard link, unless a header follows it
        self._map_data = -1  # bytes of data behind the part of a sparse map that is next; negative: none is next
        self.differences: list[tuple[DisagreementKind, str]] = []
        self.capable: list[tuple[bytes, str]] = []  # members with capabilities, by their names

    def pull(self) -> bytes:
        """The next block."""
        block = self._pull()
        if block and self._next != _OFF:
            if held := self._held:
                self._follow(held + block[: BLOCK - len(held)], self._total - len(held))
            if len(held) + len(block) >= BLOCK or not held:
                self._follow(block, self._total)
            self._total += len(block)
        return block

    def _follow(self, data: bytes, base: int) -> None:
        """Go from header to header in `data`, which begins at byte `base` of the archive."""
        if self._text_end:
            self._read_text(data, base)
        at, last, steps = self._next - base, len(data) - BLOCK, self._steps
        while 0 <= at <= last:
            # Most members are plain files without records: they must cost next to nothing. `end` is that of the name.
            if self._plain and (not data[at + PREFIX] or data.startswith(b"ustar\0", at + MAGIC)):
                kind = data[at + TYPE]
                if kind == _FILE:
                    end = data.find(0, at, at + NAME_END)
                    if end > at and data[end - 1] != _SLASH:
                        field = data[at + SIZE : at + SIZE_END]
                        if step := steps.get(field) or self._step_over(field):
                            at += step
                            continue
                elif kind in _MERE_NAMES and data.startswith(_NO_SIZE, at + SIZE):
                    at += BLOCK
                    continue
            at = self._walk(data, base, at)
        self._next = base + at if self._next != _OFF else _OFF
        self._held = data[at:] if 0 <= at < len(data) and self._next != _OFF else b""

    def _walk(self, data: bytes, base: int, at: int) -> int:
        """Take in the header at `at`, whatever it is; returns where the next one is."""
        self._next = base + at
        self._step(data[at : at + BLOCK])
        if self._text_end:
            self._read_text(data, base)
        return self._next - base if self._next != _OFF else _OFF

    def _step_over(self, field: bytes) -> int:
        """The bytes that a plain file of this size takes with its header; none where the size is not plain."""
        if field[-1] not in _ENDS or field[:-1].translate(None, _DIGITS):  # nearly all write eleven digits
            return 0
        if len(self._steps) >= _MOST_STEPS:
            self._steps.clear()
        step = self._steps[field] = BLOCK + padded(int(field[:-1], 8))
        return step

    def _step(self, head: bytes) -> None:
        """Take in the header, or the block in its place, at `_next`, and set that to the one after it."""
        if self._map_data >= 0:
            self._pass_map(head[_MORE_STILL], self._map_data)
            return
        unsure, self._unsure = self._unsure, 0
        if unsure and not (is_ustar(head) and is_summed(head)):
            self._next += unsure
            return
        field, kind = head[SIZE:SIZE_END], head[TYPE]
        size = number(field)
        if size < 0 or not head.strip(b"\0") or (not self._next and not is_summed(head)):
            self._next = _OFF  # the end, or nothing that is read
            return
        if not is_plain(field):
            self._tell_number(head, field, size)
        self._take(head, kind, size)
        told = self._records or self._long or self._pax or self._unsure
        self._plain = not told and self._map_data < 0 > self._stated_for_all

    def _take(self, head: bytes, kind: int, size: int) -> None:
        """Take in a header that is one."""
        if kind in _PAX or kind == _GLOBAL or kind in _LONG:
            self._begin_text(kind, size)
        elif kind in _BEFORE:
            if kind == _LABEL and size:
                self._tell("type-differs", head, f"is a label to some unpackers, and to others a file of {size} bytes")
            self._next += BLOCK + padded(size)
            self._pax = kind == _ACCESS_LIST
        else:
            self._member(head, kind, size)
            self._records, self._long = {}, {}

    def _begin_text(self, kind: int, size: int) -> None:
        start = self._next + BLOCK
        self._next, self._pax = start + padded(size), kind not in _LONG
        if 0 < size <= _MOST_TEXT:
            self._text_type, self._text_at, self._text_end = kind, start, start + size
            self._text.clear()

    def _read_text(self, data: bytes, base: int) -> None:
        """Keep what `data` has of the records or of a long name, and read them when they are whole."""
        piece = data[max(0, self._text_at - base) : max(0, self._text_end - base)]
        self._text += piece
        self._text_at += len(piece)
        if self._text_at < self._text_end:
            return
        self._text_end, text = 0, bytes(self._text)
        if self._text_type in _LONG:
            self._long[_LONG[self._text_type]] = until_nul(text)
        elif self._text_type == _GLOBAL:
            size = records(text).get(b"size", b"")
            self._stated_for_all = int(size) if is_size(size) else self._stated_for_all
        else:
            self._records |= records(text)
        self._plain = False

    def _member(self, head: bytes, kind: int, plain: int) -> None:
        """Hold what is said of a member against each other, and pass over its data."""
        size = self._size(head, plain)
        self._pax = self._pax and is_ustar(head) and not is_gnu(head)
        if size:
            size = self._weigh(head, kind, size)
        if self._records:
            self._compare_names(head, kind)
            self._compare_sparse(head, size)
            if len(self.capable) < MOST and kind not in _NO_FILES and (told := capabilities_of(self._records)):
                self.capable.append((self._names(head), told))
        if prefix := stray_prefix(head):
            text = f"has {_shown(prefix)} in a place that some unpackers take for folders before its name"
            self._tell("name-differs", head, text)
        if b"\0" in self._records.get(b"path", b""):
            self._tell("nul-in-name", head, "has a zero byte in the name that its pax record gives, where some cut it")
        size = 0 if kind in _EMPTY else padded(size)
        if kind == _HARD_LINK and not self._pax:  # ustar may mean it, older forms do not
            self._unsure = size if is_ustar(head) and not is_gnu(head) else 0
            size = 0
        if kind == _SPARSE and is_gnu(head):
            self._pass_map(head[_MORE], size)
        else:
            self._next += BLOCK + size

    def _size(self, head: bytes, plain: int) -> int:
        """The size of a member as libarchive takes it, which heeds no records for all members."""
        own = self._records.get(b"size")
        if own is None:
            stated, size = self._stated_for_all, plain
        elif is_size(own):
            stated = size = int(own)
        elif own.isdigit():  # more than any size: libarchive says so
            return plain
        else:
            text = f"has the size {_shown(own)} by its pax record, which is no plain number, and {plain} by its header"
            self._tell("size-differs", head, text)
            return decimal(own)
        if 0 <= stated < _PLAIN_SIZES and stated != plain and is_ustar(head):
            text = f"has {stated} bytes by its pax record, {plain} by its header, and not all unpackers heed the record"
            self._tell("size-differs", head, text)
        return size

    def _weigh(self, head: bytes, kind: int, size: int) -> int:
        """Tell of a size that only some heed; returns that by which libarchive goes on."""
        if kind in _BOTH_WAYS or (kind == _HARD_LINK and self._pax):
            what = _BOTH_WAYS.get(kind, "a hard link")
            text = f"is {what} with a size of {size} bytes: some unpackers pass over them, others read members there"
            self._tell("size-differs", head, text)
        elif kind not in _NO_FILES and self._names(head).endswith(b"/"):
            text = f"is a directory by its name and holds {size} bytes: some unpackers write a file, some read members"
            self._tell("type-differs", head, text)
            return 0
        return size

    def _compare_names(self, head: bytes, kind: int) -> None:
        for key in (b"path", b"linkpath") if kind in {_HARD_LINK, _SYMLINK} else (b"path",):
            pax, gnu = self._records.get(key), self._long.get(key)
            if pax == b"":
                self._tell(
                    "name-differs", head, f"has an empty {key.decode()} in its pax record, which not all pass over"
                )
            elif pax is not None and gnu is not None and pax.rstrip(b"/") != gnu.rstrip(b"/"):
                verb = "is called" if key == b"path" else "leads to"
                text = f"{verb} {_shown(pax)} by its pax record and {_shown(gnu)} by a GNU long name"
                self._tell("name-differs", head, text)

    def _compare_sparse(self, head: bytes, size: int) -> None:
        """Tell of what is said of a sparse file, and is heeded of one that is none."""
        name, shown = self._records.get(SPARSE_NAME), self._records.get(b"path") or name_of(head)
        if name is not None and name != shown and not stands_for(shown, name):
            text = f"is called {_shown(name)} by its record of a sparse file, which not all unpackers heed"
            self._tell("name-differs", head, text)
        sizes = {value for key in SPARSE_SIZES if is_size(value := self._records.get(key, b""))}
        if any(int(value) != size for value in sizes) and not has_map(self._records):
            text = f"has {_shown(min(sizes))} bytes by its record of a sparse file, and {size} to those who heed none"
            self._tell("size-differs", head, text)

    def _names(self, head: bytes) -> bytes:
        """The name of a member; of two, the one that ends with a slash, unless a sparse file's is there."""
        if name := self._records.get(SPARSE_NAME):
            return name
        said = [name for name in (self._records.get(b"path"), self._long.get(b"path")) if name]
        return max(said, key=lambda name: name.endswith(b"/")) if said else name_of(head)

    def _tell_number(self, head: bytes, field: bytes, size: int) -> None:
        written = _shown(field.rstrip(_ENDS))
        text = f"has its size written as {written}, which is {size} to some unpackers and not to others"
        self._tell("size-differs", head, text)

    def _tell(self, kind: DisagreementKind, head: bytes, text: str) -> None:
        if len(self.differences) < MOST and is_summed(head):  # what is no header, libarchive does not take for one
            name = until_nul(self._names(head))[:_MOST_SHOWN].decode("utf-8", "replace") or "a member without a name"
            self.differences.append((kind, f"{name}, at byte {self._next} of the tar, {text}; have it packed again"))

    def _pass_map(self, more: int, size: int) -> None:
        """Pass over a part of a sparse map, and over the data behind the last."""
        self._map_data = size if more else -1
        self._next += BLOCK + (0 if more else size)


def _shown(field: bytes) -> str:
    """A field in quotes, with what is no plain character as its code."""
    return ascii(field[:_MOST_SHOWN].decode("utf-8", "backslashreplace"))
