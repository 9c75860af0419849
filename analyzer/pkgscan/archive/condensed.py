"""A content on its way to its reader, without what the reader does not need, such as the rows of a dump."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from pkgscan.archive.events import gap
from pkgscan.archive.stream import Stream
from pkgscan.model import MEMBER, Gap, Span
from pkgscan.readers.base import Cut

AS_IT_IS = 1 << 20  # bytes; a content up to this long is handed on whole, for that costs a reader a second at most
CUTS = 100_000  # of one content; each is three numbers

Condense = Callable[[str, Iterator[bytes]], Iterator[bytes | Cut]]


class Condensed(msgspec.Struct, frozen=True):
    """What is kept, where something was left out, whether there was more than the limit, and what is to be said."""

    content: bytes
    cuts: tuple[Cut, ...] = ()
    truncated: bool = False
    notes: tuple[str, ...] = ()

    def gaps(self, path: str, limit: int) -> Iterator[Gap]:
        """What is to be said of what was left out."""
        for note in self.notes:
            yield Gap(effect="partial", stage="walk", reason="left-out", detail=note, span=Span(path))
        if self.truncated:
            detail = f"only the first {limit} bytes were read; raise it with --limit buffer=N"
            yield gap(path, "limit-buffer", detail)


def condensed(stream: Stream, path: str, condense: Condense | None, limit: int) -> Condensed:
    """What `condense` keeps of a content, up to `limit` bytes; all of it passes the stream. Raises Damage."""
    if condense is None:
        content, truncated = stream.collect(limit)
        return Condensed(content, truncated=truncated)
    first: list[bytes] = []
    size = 0
    while size <= AS_IT_IS and (block := stream.read()):
        first.append(bytes(block))
        size += len(block)
    if size <= AS_IT_IS:
        return Condensed(b"".join(first))
    found = _collect(condense(path.rpartition(MEMBER)[2], chain(first, iter(stream.read, b""))), limit)
    stream.drain()
    return found


def _collect(pieces: Iterator[bytes | Cut], limit: int) -> Condensed:
    kept: list[bytes] = []
    cuts: list[Cut] = []
    notes: dict[str, bool] = {}
    have = 0
    for piece in pieces:
        if isinstance(piece, Cut):
            cuts.append(msgspec.structs.replace(piece, offset=have))
            notes[piece.why] = True
        elif have + len(piece) > limit or len(cuts) > CUTS:
            return Condensed(b"".join(kept), tuple(cuts), truncated=True, notes=tuple(filter(None, notes)))
        else:
            kept.append(piece)
            have += len(piece)
    return Condensed(b"".join(kept), tuple(cuts), notes=tuple(filter(None, notes)))
