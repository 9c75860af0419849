"""Second looks: which contents readers asked for after the walk, and what was found of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pkgscan.model import MEMBER, Entry, Gap, Span
from pkgscan.processes import messages as say
from pkgscan.readers.base import Wants
from pkgscan.sandbox.wire import MAX_FDS


class Looks:
    """Collects wishes, says what to fetch, and puts together what each asker gets. Owns the descriptors it is given."""

    def __init__(self) -> None:
        self._wishes: list[tuple[Entry, Wants]] = []
        self._found: dict[str, tuple[say.Piece, int]] = {}

    def add(self, asker: Entry, wants: Wants) -> None:
        """One more wish."""
        self._wishes.append((asker, wants))

    def orders(self, names: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(input number, paths to fetch) by the names the inputs' paths start with."""
        wanted = {path for _, wants in self._wishes for path in wants.entries}
        for number, name in enumerate(names):
            mine = tuple(sorted(path for path in wanted if path == name or path.startswith(name + MEMBER)))
            if mine:
                yield number, mine

    def found(self, piece: say.Piece, fds: tuple[int, ...]) -> None:
        """A content the decoder handed out."""
        if fds and piece.size >= 0:
            self._found[piece.path] = (piece, fds[0])

    @property
    def spool_end(self) -> int:
        """The end of what was found so far, in the file it may lie in."""
        return max((piece.offset + piece.size for piece, _ in self._found.values()), default=0)

    def ready(self) -> Iterator[tuple[say.LookOrder, tuple[int, ...]] | Gap]:
        """An order with its descriptors for each wish, in a fixed order; a Gap where something is missing."""
        for asker, wants in sorted(self._wishes, key=lambda wish: (wish[0].path, wish[1].purpose, wish[1].entries)):
            missing = [path for path in wants.entries if path not in self._found]
            if missing or len(wants.entries) > MAX_FDS:
                detail = f"{', '.join(missing) or 'too many entries'} could not be handed in again for {wants.purpose}"
                yield Gap(effect="unread", stage="read", reason="not-seen-again", detail=detail, span=Span(asker.path))
                continue
            pieces = tuple(self._found[path][0] for path in wants.entries)
            fds = tuple(os.dup(self._found[path][1]) for path in wants.entries)
            yield say.LookOrder(asker, wants.purpose, pieces), fds
        self._wishes.clear()

    def close(self) -> None:
        """Close what was handed in."""
        for _, fd in self._found.values():
            os.close(fd)
        self._found.clear()
