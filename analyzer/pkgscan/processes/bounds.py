"""How much a child may say. The parent holds part of it in memory, and a child that is hostile would fill that."""

from __future__ import annotations

from pkgscan.archive.limits import GIB, MIB, Limits
from pkgscan.sandbox.wire import FrameError

ANSWER_BYTES = 128 * MIB  # about one entry, held until it is read: four times the largest entry that is read
ANSWER_FRAMES = 100_000  # the same, with 500 facts in a frame: more than the largest entry has lines worth a fact
WISH_BYTES = 64 * MIB  # of all second looks asked for; 128 contents at a time are handed out, so few make sense
WALK_BYTES = GIB  # of entries, facts and gaps of all walks: a million entries are half of it
OUTCOME_BYTES = 128 * MIB  # twice what the most findings a report may have come to
FACTS_FILE_BYTES = GIB  # a scanner's memory holds the facts of no longer one
FRAME_BYTES = 64  # that a frame counts for besides, or very many empty ones would come to nothing
MORE_ENTRIES = 1000  # over the limit: the package itself, folders of a scanned folder
MORE_DEPTH = 2  # over the limit: the package itself is open, too
TEXT_OF_BYTE = 8  # bytes of text that one byte of a name may become when it is written out


class Bound:
    """Counts what a child said of one thing, and calls it a fault of the child when that is too much."""

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._count = 0

    def add(self, count: int) -> None:
        """So much more was said. Raises FrameError."""
        self._count += count
        if self._count > self._most:
            raise FrameError(f"it said over {self._most} {self._what}")


def path_bytes(limits: Limits) -> int:
    """The most bytes that the path of an archive can have."""
    return limits.name * TEXT_OF_BYTE * (limits.depth + MORE_DEPTH)
