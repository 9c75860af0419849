"""What every archive format looks like to the walk: members with metadata, and blocks of their content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from pkgscan.model import EntryType

TYPE_BITS = 0o170000  # of a mode, as Unix has it
UNIX_TYPES: dict[int, EntryType] = {
    0o100000: "file", 0o040000: "directory", 0o120000: "symlink", 0o020000: "character-device",
    0o060000: "block-device", 0o010000: "fifo", 0o140000: "socket",
}  # fmt: skip
BLOCK = 256 << 10  # bytes asked for at once: large enough that calls cost nothing, small enough to stay in cache


# Counts so many more bytes of an archive's headers and tables; raises fatal Damage at the limit.
Charge: TypeAlias = "Callable[[int], None]"


class Damage(Exception):  # noqa: N818  # damage is what it is; the walk turns it into a Gap, not a failure
    """Bytes that cannot be seen: `reason` is a stable slug (encrypted, truncated ...), `detail` is for people.

    `fatal` damage ends the archive; other damage costs only the member.
    """

    def __init__(self, reason: str, detail: str, *, fatal: bool = False) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.fatal = fatal


class Exhausted(Damage):
    """A limit of the whole package is reached: every archive ends."""


class Member(msgspec.Struct):
    """Metadata of one member, as its archive states them. Sizes are declared ones and prove nothing.

    `content` yields the member's bytes block by block and raises `Damage`; it must be consumed, or left, before the
    next member is asked for. A block is valid until the next one is asked for.
    """

    name: bytes
    type: EntryType = "file"
    size: int = -1  # -1: not stated
    mode: int = 0
    has_mode: bool = True
    uid: int = 0
    gid: int = 0
    user: str = ""
    group: str = ""
    link_target: bytes = b""
    content: Iterator[bytes] = iter(())
    data: bytes | None = None  # the same content, where it is small and at hand: most members are
    stored_at: tuple[int, int] | None = None  # (offset, size) in the archive's own bytes, when not compressed


class Window:
    """A seekable stretch of an open file: the package itself, a stored member in place, or a spooled one."""

    def __init__(self, fd: int, offset: int, size: int) -> None:
        self.fd = fd
        self.offset = offset
        self.size = size

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes at `at` (counted from the window's start); short at the window's end, never past it."""
        count = min(count, self.size - at)
        return os.pread(self.fd, count, self.offset + at) if count > 0 and at >= 0 else b""

    def part(self, at: int, size: int) -> Window:
        """A window in this window, cut to it."""
        at = min(max(at, 0), self.size)
        return Window(self.fd, self.offset + at, max(0, min(size, self.size - at)))

    def copy(self) -> Window:
        """The same window by a descriptor of its own."""
        return Window(os.dup(self.fd), self.offset, self.size)

    def member(self) -> Member:
        """The window as a file of its own."""
        return Member(name=b"", size=self.size, content=self.blocks(), has_mode=False, stored_at=(0, self.size))

    def blocks(self) -> Iterator[bytes]:
        """The whole window, block by block."""
        at = 0
        while at < self.size:
            block = self.read(at, BLOCK)
            if not block:
                raise Damage("truncated", "the file is shorter than it was when opened", fatal=True)
            yield block
            at += len(block)
