"""Blocks of a content on their way: holes of sparse files, and pieces too small to be worth a step each."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive.member import Damage

SMALL = 64 << 10  # bytes of a content taken at once; libarchive's own blocks are no larger
ZERO_BLOCK = bytes(64 << 10)


def together(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, small ones put together: a sparse file may come byte by byte."""
    held = bytearray()
    try:
        for block in blocks:
            if len(block) >= SMALL and not held:
                yield block
                continue
            held += block
            if len(held) >= SMALL:
                yield bytes(held)
                held.clear()
    except Damage:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


def zeros(count: int) -> Iterator[bytes]:
    """So many zeros; none where the number is negative."""
    while count > 0:
        yield ZERO_BLOCK[:count] if count < len(ZERO_BLOCK) else ZERO_BLOCK
        count -= len(ZERO_BLOCK)
