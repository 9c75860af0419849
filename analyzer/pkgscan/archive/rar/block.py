"""One block header of a RAR archive, the same for both generations of the format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from pkgscan.archive.member import Damage, Window

Kind = Literal["main", "file", "service", "end", "locked", "old", "unknown"]
HARD_LINK, FILE_COPY = 4, 5  # kinds of redirection; those before are symbolic links
SOFT_LINKS = range(1, 4)  # of Unix, of Windows, junctions
LEAST = 32  # bytes that the least header counts as, for it costs as much; it has 7


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What one header says. Offsets and sizes are bytes in the archive's window; the data begins at `data`.

    `size`, `crc` are negative and `blake` is empty where they are not stated. `old_name` is the name in the character
    set of its system, where a Unicode name stands beside it. `kind` is old for what RAR 1.5 and 2 put in, and unknown
    for what nobody may pass over. `modern`: it is as only RAR 3 and newer write it.
    """

    at: int
    data: int
    kind: Kind
    packed: int = 0
    sound: bool = True  # its checksum is right
    volume: bool = False
    name: bytes = b""
    old_name: bytes = b""
    size: int = -1
    crc: int = -1
    blake: bytes = b""
    stored: bool = False
    outdated: bool = False  # packed as RAR 1.5 or 2 did, which libarchive does not know
    locked: bool = False
    split: bool = False
    directory: bool = False
    mode: int = -1  # of Unix, with the type
    redirection: int = 0
    target: bytes = b""  # of the redirection
    modern: bool = True

    @property
    def end(self) -> int:
        """Where the next block begins."""
        return self.data + self.packed

    def packed_in(self, window: Window) -> Window:
        """Its data as they stand, as far as they are there."""
        return window.part(self.data, self.packed)


def in_order(window: Window, start: int, block_at: Callable[[Window, int], Block | Damage]) -> Iterator[Block | Damage]:
    """The blocks from byte `start` on, up to the end block, or to a `Damage` that tells why there are no more."""
    at = start
    while at != window.size:
        found = block_at(window, at)
        yield found
        if isinstance(found, Damage) or found.kind in {"end", "locked"}:
            return
        at = found.end
        if at > window.size:
            yield Damage("truncated", f"the rar breaks off in the data of the block at byte {found.at}")
            return


def misfit(at: int) -> Damage:
    """What is told of a block whose fields need more room than its header has."""
    return Damage("corrupt", f"the fields of the block at byte {at} of the rar do not fit into it")
