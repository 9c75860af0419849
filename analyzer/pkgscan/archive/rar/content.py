"""The content of a member of a RAR archive, held against what its block header says."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import Any

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.rar.block import Block

_LEAVES, _CHUNK = 8, 64  # BLAKE2sp: eight hashes take turns, 64 bytes each. Source: the BLAKE2 paper, section 2.10


class Blake2sp:
    """The tree of BLAKE2s hashes that RAR 5 can state instead of a CRC-32."""

    def __init__(self) -> None:
        self._leaves = [_blake(number, 0, last=number == _LEAVES - 1) for number in range(_LEAVES)]
        self._left = b""

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        data = self._left + data
        stop = len(data) - len(data) % (_LEAVES * _CHUNK)
        self._deal(data, stop)
        self._left = data[stop:]

    def digest(self) -> bytes:
        """The hash of all bytes, which ends it."""
        self._deal(self._left, len(self._left))
        root = _blake(0, 1, last=True)
        for leaf in self._leaves:
            root.update(leaf.digest())
        return bytes(root.digest())

    def _deal(self, data: bytes, stop: int) -> None:
        for number, leaf in enumerate(self._leaves):
            starts = range(number * _CHUNK, stop, _LEAVES * _CHUNK)
            leaf.update(b"".join([data[start : min(start + _CHUNK, stop)] for start in starts]))


def _blake(offset: int, depth: int, *, last: bool) -> Any:
    return hashlib.blake2s(fanout=_LEAVES, depth=2, node_offset=offset, node_depth=depth, inner_size=32, last_node=last)


def stored(block: Block, window: Window) -> Iterator[bytes]:
    """The content that stands in the archive as it is. Raises `Damage`."""
    held = block.packed_in(window)
    yield from checked(held.blocks(), block, cut=held.size < block.packed)


def checked(content: Iterator[bytes], block: Block, *, cut: bool = False) -> Iterator[bytes]:
    """The content as it comes. Raises `Damage` behind it where it is cut, or is not what the header states."""
    crc, size = 0, 0
    tree = Blake2sp() if block.blake else None
    for piece in content:
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if tree is not None:
            tree.update(piece)
        yield piece
    if cut:
        raise Damage("truncated", "the rar ends before it does")
    if size != block.size >= 0:
        raise Damage("wrong-size", f"{size} bytes, and its header states {block.size}")
    if crc != block.crc >= 0:
        raise Damage("bad-checksum", f"its CRC-32 is {crc:08x}, and its header states {block.crc:08x}")
    if tree is not None and tree.digest() != block.blake:
        raise Damage("bad-checksum", "its BLAKE2sp hash is not the one that its header states")


def unread(reason: str, detail: str) -> Iterator[bytes]:
    """The content of a member that cannot be read, and why."""
    raise Damage(reason, detail)
    yield b""
