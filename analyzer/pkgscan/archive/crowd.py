"""Keeps gaps and facts of one kind from crowding a report: some of an archive are told one by one, the rest counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from msgspec.structs import replace

from pkgscan.archive.events import Event
from pkgscan.facts.archive import Disagreement
from pkgscan.model import MEMBER, Gap, Span

# Of one kind from one place: nobody reads more, and each becomes a finding. A zip tells a hundred and counts the rest.
MOST_FACTS = 101

Told: TypeAlias = Gap | Disagreement


class Crowd:
    """The gaps and disagreements of one walk, counted by archive and kind; of gaps, `most` of each are told."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._first_untold: dict[tuple[str, str, str], Told] = {}

    def admits(self, told: Event) -> bool:
        """Whether this one is told; it is counted either way. Events of other types always are."""
        if not isinstance(told, Told):
            return True
        key = _key(told)
        self._counts[key] += 1
        if self._counts[key] <= self._limit(told):
            return True
        self._first_untold.setdefault(key, told)
        return False

    def rest(self) -> Iterator[Told]:
        """For each kind of which there were too many, one more that says how many."""
        for key, told in self._first_untold.items():
            more = self._counts[key] - self._limit(told)
            text = f"and {more} more like it, not told one by one"
            place = Span(key[1]) if key[1] else told.span
            if isinstance(told, Gap):
                yield replace(told, detail=f"{text}; raise it with --limit gaps=N", span=place)
            elif place is not None:
                yield Disagreement(span=place, text=text, disagreement=told.disagreement)

    def _limit(self, told: Told) -> int:
        return self._most if isinstance(told, Gap) else MOST_FACTS


def _key(told: Told) -> tuple[str, str, str]:
    """(what it is, place, kind): a gap is counted for its archive, a fact for what it names, mostly an archive."""
    path = told.span.path if told.span else ""
    if isinstance(told, Gap):
        return "gap", path.rpartition(MEMBER)[0], told.reason
    return "fact", path, told.disagreement
