"""Compares the contents in a cpio with sums (070702) with the sums in its headers, which libarchive passes over.

The sum is that of a regular file's bytes, in 32 bits; all other members, and names whose content comes with another
one, have none. Sources: cpio(5) of FreeBSD; what GNU cpio writes and compares.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterator

from pkgscan.archive.member import Damage, Member

MAGIC = b"070702"
_MAGICS = (MAGIC, b"070701")  # a header of the kind without sums may stand among the others
_HEADER = 110  # bytes: the magic, and thirteen numbers of eight hex digits
_LINKS, _SIZE, _NAME_SIZE, _SUM = 38, 54, 94, 102
_HEX = b"0123456789abcdefABCDEF"
_NEVER = -1  # in the place of the next header's offset: there is none that can be followed
_EXACT = 256  # bytes whose Adler sum is below its modulus, and so the plain sum


class CpioSums:
    """Hands on what `pull` hands out, and follows the headers in it as libarchive does."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._total = 0  # bytes that passed
        self._next = 0  # where the next header begins
        self._held = b""  # of a header that is not here as a whole
        self._ahead: deque[int | None] = deque()  # sums of the members that libarchive is still to list

    def pull(self) -> bytes:
        """The next block."""
        block = self._pull()
        if block and self._next != _NEVER:
            self._follow(self._held + block, self._total - len(self._held))
        self._total += len(block)
        return block

    def _follow(self, data: bytes, base: int) -> None:
        """Go from header to header in `data`, which begins at byte `base` of the archive."""
        while self._next != _NEVER and self._next + _HEADER <= base + len(data):
            at = self._next - base
            self._step(data[at : at + _HEADER])
        self._held = data[self._next - base :] if base <= self._next < base + len(data) else b""

    def _step(self, head: bytes) -> None:
        if not head.startswith(_MAGICS) or head[len(MAGIC) :].translate(None, _HEX):
            self._next = _NEVER  # libarchive seeks the next header, and says that it did
            return
        links, size, name_size, told = (int(head[at : at + 8], 16) for at in (_LINKS, _SIZE, _NAME_SIZE, _SUM))
        has_sum = head.startswith(MAGIC) and (size or links <= 1)
        self._ahead.append(told if has_sum else None)
        self._next += (_HEADER + name_size + 3 & -4) + (size + 3 & -4)

    def checked(self, member: Member) -> Member:
        """The member that comes next, its content to end in `Damage` where it has not the sum of its header."""
        told = self._ahead.popleft() if self._ahead else None
        if told is None or member.type != "file":
            return member
        if member.data is None:
            member.content = _summed(member.content, told)
        elif _sum(member.data) != told:
            blocks = (member.data,) if member.data else ()  # an empty block would be the end to whoever reads
            member.content, member.data = _summed(iter(blocks), told), None
        return member


def _summed(blocks: Iterator[bytes], told: int) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += _sum(block)
        yield block
    if total & 0xFFFFFFFF != told:
        raise Damage("bad-checksum", f"its bytes sum up to {total & 0xFFFFFFFF:08x}, its header says {told:08x}")


def _sum(data: bytes) -> int:
    """The sum of bytes; by zlib, ten times as fast as by Python's own."""
    adler, view = zlib.adler32, memoryview(data)
    return sum(adler(view[at : at + _EXACT], 0) & 0xFFFF for at in range(0, len(data), _EXACT))
