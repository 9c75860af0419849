"""Keeps gaps of one kind from crowding a report: so many of an archive are told one by one, the rest as a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from pkgscan.model import MEMBER, Gap, Span


class Crowd:
    """The gaps of one walk, counted by archive and reason; `most` of each are told."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first_untold: dict[tuple[str, str], Gap] = {}

    def admits(self, gap: Gap) -> bool:
        """Whether this one is told; it is counted either way."""
        key = (gap.span.path.rpartition(MEMBER)[0] if gap.span else "", gap.reason)
        self._counts[key] += 1
        if self._counts[key] <= self._most:
            return True
        self._first_untold.setdefault(key, gap)
        return False

    def rest(self) -> Iterator[Gap]:
        """For each kind of which there were too many, a gap that says how many more."""
        for (archive, reason), gap in self._first_untold.items():
            more = self._counts[archive, reason] - self._most
            detail = f"and {more} more like it, not told one by one; raise it with --limit gaps=N"
            yield replace(gap, detail=detail, span=Span(archive) if archive else gap.span)
