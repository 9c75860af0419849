"""Second looks: which contents readers asked for after the walk, and what was found of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from pkgscan.archive.member import Window
from pkgscan.model import MEMBER, Entry, Gap, Span
from pkgscan.readers.base import Source, Wants

ENTRIES = 4  # contents of one wish: a signature, what it signs and a key are three; as many go with one frame
CONTENTS = 128  # held at a time, a descriptor each; a child may have 256 of them


class Look(msgspec.Struct, frozen=True):
    """One second look: the entry whose reader asked, what for, and (path, content) in the order it asked."""

    asker: Entry
    purpose: str
    contents: tuple[tuple[str, Window], ...]

    def sources(self) -> tuple[Source, ...]:
        """What its reader is handed."""
        return tuple(
            Source(Entry(path=path, size=window.size), "", blocks=window.blocks) for path, window in self.contents
        )


class Looks:
    """Collects wishes, says what to fetch, and puts together what each asker gets. Owns the descriptors it is given."""

    def __init__(self) -> None:
        self._wishes: list[tuple[Entry, Wants]] = []
        self._asked: frozenset[str] = frozenset()
        self._found: dict[str, Window] = {}

    def add(self, asker: Entry, wants: Wants) -> None:
        """One more wish."""
        self._wishes.append((asker, wants))

    def orders(self, names: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(input number, paths to fetch) by the names the inputs' paths start with."""
        self._wishes.sort(key=lambda wish: (wish[0].path, wish[0].number, wish[1].purpose, wish[1].entries))
        wanted = dict.fromkeys(path for _, wants in self._wishes for path in wants.entries)
        self._asked = frozenset(tuple(wanted)[:CONTENTS])
        for number, name in enumerate(names):
            mine = tuple(sorted(path for path in self._asked if path == name or path.startswith(name + MEMBER)))
            if mine:
                yield number, mine

    def found(self, path: str, window: Window | None) -> None:
        """A content, None where it was too large. The last of a path counts, as it is the one unpacking leaves behind.

        What nobody asked for is closed at once.
        """
        before = self._found.pop(path, None)
        if before is not None:
            os.close(before.fd)
        if window is None:
            return
        if path in self._asked:
            self._found[path] = window
        else:
            os.close(window.fd)

    @property
    def spool_end(self) -> int:
        """The end of what was found so far, in the file it may lie in."""
        return max((window.offset + window.size for window in self._found.values()), default=0)

    def ready(self) -> Iterator[Look | Gap]:
        """What each wish gets, in a fixed order; a Gap where something is missing."""
        for asker, wants in self._wishes:
            if failure := self._failure(wants):
                detail = f"{failure} for {wants.purpose}"
                yield Gap(effect="unread", stage="read", reason="not-seen-again", detail=detail, span=Span(asker.path))
            else:
                yield Look(asker, wants.purpose, tuple((path, self._found[path]) for path in wants.entries))
        self._wishes.clear()

    def _failure(self, wants: Wants) -> str:
        if len(wants.entries) > ENTRIES:
            return f"over {ENTRIES} entries asked for together"
        if not self._asked.issuperset(wants.entries):
            return f"over {CONTENTS} contents asked for"
        missing = [path for path in wants.entries if path not in self._found]
        return f"{', '.join(missing)} could not be handed in again" if missing else ""

    def close(self) -> None:
        """Close what was handed in."""
        for window in self._found.values():
            os.close(window.fd)
        self._found.clear()
