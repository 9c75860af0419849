"""Where nested archives that need seeking are kept while they are read: in memory, never under a name."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Window
from pkgscan.archive.nameless import memory_file


class Spool:
    """Holds content in memfds up to `spool_memory`, then in the unlinked file the parent opened, `spool` in all.

    `overflow` is that file's descriptor, -1 where there is none. With `start`, contents are handed to others, who read
    them when we have gone on: the file is used from there, and nothing in it twice.
    """

    def __init__(self, limits: Limits, overflow: int = -1, start: int | None = None) -> None:
        self._limits = limits
        self._overflow = overflow
        self.keeps = start is not None
        self._in_memory = 0
        self._in_file = start or 0

    def hold(self, read: Callable[[], bytes]) -> Held:
        """Everything `read` hands out until it is empty. Raises Damage "limit-spool"."""
        held = Held(self, memory_file("spool"))
        try:
            while block := read():
                held.write(block)
        except BaseException:
            held.close()
            raise
        return held

    def take(self, count: int, *, memory: bool) -> None:
        """Account for `count` more bytes; negative gives them back."""
        if memory:
            self._in_memory += count
        elif count > 0 or not self.keeps:
            self._in_file += count
        if count > 0 and self._in_memory + self._in_file > self._limits.spool:
            detail = f"nested archives of over {self._limits.spool} bytes; raise it with --limit spool=N"
            raise Damage("limit-spool", detail)

    def overflow_place(self, count: int) -> tuple[int, int] | None:
        """(descriptor, offset) where `count` bytes of a content that outgrew memory go, or None to stay in memory."""
        if self._overflow < 0 or self._in_memory + count <= self._limits.spool_memory:
            return None
        return self._overflow, self._in_file


class Held:
    """One content in the spool; a stack, as archives nest: the last one held is the first one closed."""

    def __init__(self, spool: Spool, fd: int) -> None:
        self._spool = spool
        self._memfd = fd
        self._fd = fd
        self._start = 0
        self._size = 0

    def write(self, block: bytes) -> None:
        """Add a block, moving to the overflow file when memory is used up."""
        if self._fd == self._memfd and (place := self._spool.overflow_place(len(block))) is not None:
            self._move(*place)
        self._spool.take(len(block), memory=self._fd == self._memfd)
        _write_all(self._fd, block, self._start + self._size)
        self._size += len(block)

    def _move(self, fd: int, start: int) -> None:
        for block in self.window.blocks():
            self._spool.take(-len(block), memory=True)
            self._spool.take(len(block), memory=False)
            _write_all(fd, block, start)
            start += len(block)
        self._fd, self._start = fd, start - self._size
        os.close(self._memfd)

    @property
    def window(self) -> Window:
        """The content, seekable."""
        return Window(self._fd, self._start, self._size)

    def leave(self) -> None:
        """Let go of it; its room is given back unless others were handed it and hold it still."""
        if not self._spool.keeps:
            self.close()
        elif self._fd == self._memfd:
            os.close(self._memfd)

    def close(self) -> None:
        """Give the room back."""
        memory = self._fd == self._memfd
        self._spool.take(-self._size, memory=memory)
        self._size = 0
        if memory:
            os.close(self._memfd)


class InPlace(msgspec.Struct, frozen=True):
    """A content that needs no room, since its bytes lie in the input as they are."""

    window: Window


def _write_all(fd: int, block: bytes, at: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written
