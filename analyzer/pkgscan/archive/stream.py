"""The content of one entry on its way through: hashed, counted, and handed to whoever reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NoReturn

from pkgscan.archive.budget import ArchiveBudget
from pkgscan.archive.carriers import Carrier, carrier_of
from pkgscan.archive.formats import FAR_HEAD
from pkgscan.archive.member import Damage

# The end of a content that is kept: a zip's end records, old and zip64, with the longest comment.
TAIL = 56 + 20 + 22 + (1 << 16)
_ZIP_END = b"PK\5\6"


class Stream:
    """Pulls an entry's blocks; every byte that passes is hashed and counted once.

    `head` is the first bytes, at least `FAR_HEAD` if there are as many. After `drain`, `sha256`, `size` and `tail`
    speak of the whole content. `failure` is what ended the content early, so that an archive read from this stream can
    be told from the stream itself; it is raised by every further reading. `carrier` follows a content
    that states where it ends.
    """

    __slots__ = (
        "_blocks", "_budget", "_end", "_ended", "_hash", "_limit", "_returned", "carrier", "failure", "head", "size"
    )  # fmt: skip

    def __init__(self, blocks: Iterator[bytes], budget: ArchiveBudget, limit: int) -> None:
        self._blocks = blocks
        self._budget = budget
        self._limit = limit
        self._hash = hashlib.sha256()
        self._end = b""
        self._ended = False
        self.failure: Damage | None = None
        self.size = 0
        self.carrier: Carrier | None = None
        self.head = self._returned = self._peek()
        if carrier := carrier_of(self.head):
            carrier.feed(self.head)
            self.carrier = carrier

    def _peek(self) -> bytes:
        head = b""
        try:
            head = self._next()
            while len(head) < FAR_HEAD and (block := self._next()):
                head += block
        except Damage:
            pass  # kept in `failure`, and raised to whoever reads on
        return head

    def read(self) -> bytes:
        """The next block, empty at the end. Raises `Damage`."""
        if self._returned:
            block, self._returned = self._returned, b""
            return block
        return self._next()

    def _next(self) -> bytes:
        if self.failure is not None:
            raise self.failure
        try:
            block = next(self._blocks, b"")
            if block:
                size = len(block)
                self.size += size
                self._hash.update(block)
                self._budget.count_bytes(size)
                # Small blocks are put together, however small they are, for the mark may stand across them.
                self._end = block if size >= TAIL or not self._end else self._end[size - TAIL :] + block
                if self.carrier is not None:
                    self.carrier.feed(block)
                if self.size > self._limit:
                    self._refuse()
            else:
                self._ended = True
        except Damage as damage:
            self.failure = damage
            raise
        return block

    def _refuse(self) -> NoReturn:
        raise Damage("limit-entry", f"an entry of over {self._limit} bytes; raise it with --limit entry=N")

    def drain(self) -> None:
        """Read what is left, for the hash."""
        self._returned = b""
        while not self._ended:
            self._next()

    def collect(self, limit: int) -> tuple[bytes, bool]:
        """The whole content, up to `limit` bytes, and whether there was more; the rest is read for the hash."""
        pieces: list[bytes] = []
        have = 0
        while block := self.read():
            if have < limit:
                pieces.append(block if have + len(block) <= limit else block[: limit - have])
                have += len(pieces[-1])
        return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), self.size > limit

    @property
    def may_end_a_zip(self) -> bool:
        """Whether the last bytes hold the mark of a zip's end record at all."""
        # One byte of the mark is looked for first: that is ten times as fast, and small texts do not have it.
        return self._end.find(5) >= 0 and _ZIP_END in self._end[-TAIL:]

    @property
    def tail(self) -> bytes:
        """The last bytes, `TAIL` of them if there are as many."""
        return self._end[-TAIL:]

    @property
    def sha256(self) -> str:
        """The hash of the bytes that passed, in hex."""
        return self._hash.hexdigest()
