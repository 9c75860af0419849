"""Watches bytes pass for what libarchive passes over: the cut end of an ar or lha, and the sizes that an lz4 states.

An ar has no end mark, so one that is cut exactly between two members is whole; lha ends with a zero byte in the place
of a header. Sources: ar(5) of FreeBSD; the notes on the header that come with LHa for UNIX; the LZ4 frame format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pkgscan.archive.member import Damage

_AR_MARK, _AR_HEADER = b"!<arch>\n", 60
_AR_SIZE, _AR_SIZE_END, _AR_HEADER_MARK = 48, 58, b"`\n"
_AR_PADDING = b"\n\0 "  # what may stand behind the last member
_LHA_HEADER, _LHA_LARGE_HEADER = 24, 28  # bytes in which the sizes stand, for levels 0 to 2 and for level 3
_LHA_PACKED, _LHA_LEVEL, _LHA_SYSTEM, _OS9 = 7, 20, 23, ord("K")
_NO_END_MARK = b"-lz"  # methods of LArc, which writes none
_LZ4_MARK, _LZ4_OLD = b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18"
_SKIPPED_MARK = b"\x2a\x4d\x18"  # behind one byte from 0x50 to 0x5f
_LZ4_FLAGS, _LZ4_SIZE, _LZ4_SIZE_END = 4, 6, 14
_HAS_DICTIONARY, _HAS_SUM, _HAS_SIZE, _HAS_BLOCK_SUMS = 1, 4, 8, 16  # of the flags
_NOT_PACKED = 1 << 31  # in the size of a block
_KEPT = 1 << 20  # bytes behind the end that are kept: libarchive reads no more than a few blocks ahead
_MORE, _LOST, _END = (
    0,
    -1,
    -2,
)  # what a header can be besides so many bytes up to the next: unfinished, unknown, the end


class _Ends:
    """Hands on what `pull` hands out, and follows the headers in it."""

    def __init__(self, pull: Callable[[], bytes], step: Callable[[bytes], int]) -> None:
        self._pull, self._step = pull, step
        self._next = 0  # where the next header begins
        self._total = 0
        self._held = b""  # of a header that is not here as a whole
        self._state = _MORE
        self._rest: list[bytes] = []
        self._kept = 0

    def pull(self) -> bytes:
        """The next block."""
        block = self._pull()
        if block and self._state == _MORE:
            self._look(self._held + block if self._held else block, self._total - len(self._held))
        elif block and self._state == _END:
            self._keep(block)
        self._total += len(block)
        return block

    def _look(self, data: bytes, base: int) -> None:
        """Follow the headers in `data`, which begins at byte `base` of the archive."""
        self._held = b""
        while self._next < base + len(data):
            at = self._next - base
            step = self._step(data[at : at + _AR_HEADER])
            if step > 0:
                self._next += step
                continue
            self._state = step
            if step == _MORE:
                self._held = data[at:]
            elif step == _END:
                self._keep(data[at + 1 :])
            return

    def _keep(self, block: bytes) -> None:
        self._kept += len(block)
        if self._kept <= _KEPT:
            self._rest.append(block)

    def behind(self) -> Iterator[bytes]:
        """What follows the end mark, without the zeros that it begins with; to be asked for when libarchive is done."""
        if self._state != _END:
            return
        kept, self._rest = self._rest, []
        found = False
        for block in kept:
            if found or block.strip(b"\0"):
                found = True
                yield block
        while block := self._pull():
            if found or block.strip(b"\0"):
                found = True
                yield block


class ArEnd(_Ends):
    """Of an ar; of anything else, there is nothing to say."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        super().__init__(pull, self._ar_step)

    def _ar_step(self, head: bytes) -> int:
        if self._next == 0:
            if len(head) < len(_AR_MARK):
                return _MORE if _AR_MARK.startswith(head) else _LOST
            return len(_AR_MARK) if head.startswith(_AR_MARK) else _LOST
        return _ar_step(head)

    def cut(self) -> Damage | None:
        """That the archive is cut, where that shows; to be asked for when libarchive is done."""
        if self._next and self._state == _MORE and self._held.strip(_AR_PADDING):
            return Damage("truncated", f"the ar breaks off in the header at byte {self._next}")
        if self._state == _MORE and self._total < self._next - 1:  # the last padding byte may be missing
            return Damage("truncated", "the ar breaks off in the data of its last member")
        return None


class LhaEnd(_Ends):
    """Of an lha."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        super().__init__(pull, self._lha_step)
        self._marked = True  # whether it must have an end mark

    def _lha_step(self, head: bytes) -> int:
        self._marked = not head[2:].startswith(_NO_END_MARK)
        return _lha_step(head)

    def cut(self) -> Damage | None:
        """That the archive is cut, where that shows; to be asked for when libarchive is done."""
        if self._kept > _KEPT:
            return Damage("data-after-end", f"over {_KEPT} bytes were passed over behind the end mark of the lha")
        if self._state != _MORE or (self._total == self._next and not self._marked):
            return None
        return Damage("truncated", f"the lha has no end mark: it breaks off at byte {self._total}")


class Lz4Sizes(_Ends):
    """Of an lz4: the sizes that its frames state, together."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        super().__init__(pull, self._lz4_step)
        self._flags = -1  # of the frame that is being passed; negative between two
        self._stated = 0
        self._all_state = True

    def compared(self, content: Iterator[bytes]) -> Iterator[bytes]:
        """The content; behind it comes fatal `Damage` where it has not the size that is stated."""
        size = 0
        for block in content:
            size += len(block)
            yield block
        if self._all_state and size != self._stated:
            raise Damage("wrong-size", f"lz4: {size} bytes came out, the frames state {self._stated}", fatal=True)

    def _lz4_step(self, head: bytes) -> int:
        if self._flags >= 0:
            return self._block(head)
        if head[1:4] == _SKIPPED_MARK and head[0] >> 4 == 5:  # noqa: PLR2004  # as its bytes go
            return 8 + int.from_bytes(head[4:8], "little") if len(head) >= 8 else _MORE  # noqa: PLR2004  # its header
        if len(head) < _LZ4_SIZE:
            return _MORE
        if not head.startswith(_LZ4_MARK):
            self._all_state = self._all_state and not head.startswith(_LZ4_OLD)  # which states none
            return _LOST
        return self._frame(head, head[_LZ4_FLAGS])

    def _frame(self, head: bytes, flags: int) -> int:
        if flags & _HAS_SIZE and len(head) < _LZ4_SIZE_END:
            return _MORE
        stated = int.from_bytes(head[_LZ4_SIZE:_LZ4_SIZE_END], "little") if flags & _HAS_SIZE else 0
        self._all_state = self._all_state and stated > 0  # none means that it is not known
        self._stated, self._flags = self._stated + stated, flags
        return _LZ4_SIZE + 1 + (8 if flags & _HAS_SIZE else 0) + (4 if flags & _HAS_DICTIONARY else 0)

    def _block(self, head: bytes) -> int:
        if len(head) < 4:  # noqa: PLR2004  # bytes of its size
            return _MORE
        size, flags = int.from_bytes(head[:4], "little") & ~_NOT_PACKED, self._flags
        if size:
            return 4 + size + (4 if flags & _HAS_BLOCK_SUMS else 0)
        self._flags = -1
        return 4 + (4 if flags & _HAS_SUM else 0)


def _ar_step(head: bytes) -> int:
    if len(head) < _AR_HEADER:
        return _MORE
    size = head[_AR_SIZE:_AR_SIZE_END].rstrip(b" ")
    if head[_AR_SIZE_END:] != _AR_HEADER_MARK or not size.isdigit():
        return _LOST
    return _AR_HEADER + int(size) + int(size) % 2


def _lha_step(head: bytes) -> int:
    if head[0] == 0:
        return _END
    if len(head) < _LHA_HEADER:
        return _MORE
    level, packed = head[_LHA_LEVEL], int.from_bytes(head[_LHA_PACKED : _LHA_PACKED + 4], "little")
    # LHa of OS-9 counts the two bytes of a level 2 header's size, or does not: it cannot be followed.
    if head[2:4] != b"-l" or level > 3 or (level == 2 and head[_LHA_SYSTEM] == _OS9):  # noqa: PLR2004  # all levels
        return _LOST
    if level == 3 and len(head) < _LHA_LARGE_HEADER:  # noqa: PLR2004
        return _MORE
    size = (head[0] + 2, head[0] + 2, int.from_bytes(head[:2], "little"), int.from_bytes(head[24:28], "little"))[level]
    return max(size, _LHA_PACKED + 4) + packed  # however it lies, it goes on
