"""Finds where zstd data ends, by the lengths in its frames (RFC 8878, section 3), without unpacking it."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from pkgscan.archive.member import Damage

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPED_MAGIC, SKIPPED_LOW = b"\x2a\x4d\x18", range(0x50, 0x60)  # of a frame without content, whose first byte varies
EMPTY_FRAME = b"\x50\x2a\x4d\x18" + bytes(4)
MAGIC_SIZE = SKIPPED_SIZE = 4
BREAKS_OFF = "the zstd data breaks off"

# The descriptor of a frame, section 3.1.1.1.1.
SIZE_SHIFT, SINGLE, CHECKSUM, DICTIONARY = 6, 1 << 5, 1 << 2, 3
DICTIONARY_SIZES = (0, 1, 2, 4)
CONTENT_SIZES = (0, 2, 4, 8)
CHECKSUM_SIZE = 4

# The header of a block, section 3.1.1.2: whether it is the last, two bits of type, and its length.
BLOCK_HEADER = 3
REPEATED = 1  # the type of a block that is one byte, many times


class Frames:
    """The frames at the start of some bytes; what follows them and is none is left. `used` counts their bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0  # in the buffer: what is before belongs to frames
        self._given = 0
        self.used = 0

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the frames, at least one. Raises Damage where they break off or there is none."""
        steps = _steps()
        step, head = next(steps), b""
        while step:
            if step > 0:
                yield from self._fill(step)
                head = self._buffer[self._at : self._at + step]
                self._at += len(head)
            else:
                yield from self._pass(-step)
            step = steps.send(head)
        self._at -= len(head)  # of what follows the last frame
        self.used = self._given + self._at
        yield self._buffer[: self._at]

    def _fill(self, count: int) -> Iterator[bytes]:
        """Room for `count` bytes in the buffer, or for all there are."""
        while len(self._buffer) - self._at < count and (piece := next(self._pieces, b"")):
            if self._at:
                yield self._buffer[: self._at]
            self._given += self._at
            self._buffer, self._at = self._buffer[self._at :] + piece, 0

    def _pass(self, count: int) -> Iterator[bytes]:
        """Bytes of any number, as they come."""
        while count > len(self._buffer) - self._at:
            count -= len(self._buffer) - self._at
            self._at = len(self._buffer)
            yield from self._fill(1)
            if self._at:
                raise Damage("truncated", BREAKS_OFF)
        self._at += count


def _steps() -> Generator[int, bytes, None]:
    """The way through frames: how many bytes are to be sent in, or, negative, to be passed over; 0 at the end."""
    magic = yield MAGIC_SIZE
    if not _begins(magic):
        raise Damage("corrupt", "the zstd data does not begin as such")
    while _begins(magic):
        yield from _frame() if magic == MAGIC else _skipped()
        magic = yield MAGIC_SIZE
    yield 0


def _begins(magic: bytes) -> bool:
    return magic == MAGIC or (magic[1:] == SKIPPED_MAGIC and magic[0] in SKIPPED_LOW)


def _skipped() -> Generator[int, bytes, None]:
    yield from _over((yield from _number(SKIPPED_SIZE)))


def _frame() -> Generator[int, bytes, None]:
    described = yield from _number(1)
    single = bool(described & SINGLE)
    size = CONTENT_SIZES[described >> SIZE_SHIFT] or int(single)
    yield from _over(size + int(not single) + DICTIONARY_SIZES[described & DICTIONARY])
    last = 0
    while not last:
        number = yield from _number(BLOCK_HEADER)
        last = number & 1
        yield from _over(1 if number >> 1 & 3 == REPEATED else number >> 3)
    if described & CHECKSUM:
        yield from _over(CHECKSUM_SIZE)


def _number(size: int) -> Generator[int, bytes, int]:
    head = yield size
    if len(head) < size:
        raise Damage("truncated", BREAKS_OFF)
    return int.from_bytes(head, "little")


def _over(count: int) -> Generator[int, bytes, None]:
    if count:
        yield -count
