"""How what starts by itself comes to run an entry: through files that it starts, and those that these run or source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pkgscan.graph import Start, Trigger
from pkgscan.link.scripts import Scripts, Step
from pkgscan.model import MEMBER, Related
from pkgscan.safe import shortened

STARTS = 8  # ways to one entry that are kept, the shortest ones; a library may be used by every job of a package
DEPTH = 12  # files on one way; people write three
NAME = 60  # characters of a name in a phrase


class Reach:
    """Ways from triggers to entries, worked out in one walk when the first question comes."""

    def __init__(self, scripts: Scripts, triggers: Iterable[Trigger]) -> None:
        self._scripts = scripts
        self._triggers = tuple(triggers)

    def starts(self, path: str) -> tuple[Start, ...]:
        """The ways to an entry, shortest first."""
        return tuple(self._ways.get(path, ()))

    @cached_property
    def _ways(self) -> dict[str, list[Start]]:
        found: dict[str, list[Start]] = {}
        waiting = list(self._first())
        for _ in range(DEPTH):
            following: list[tuple[str, Start]] = []
            for path, start in waiting:
                ways = found.setdefault(path, [])
                if len(ways) >= STARTS or any(way.trigger is start.trigger for way in ways):
                    continue
                ways.append(start)
                following += self._onward(path, start)
            waiting = following
        return found

    def _first(self) -> Iterator[tuple[str, Start]]:
        for trigger in self._triggers:
            for path in dict.fromkeys((*trigger.starts, *trigger.reads)):
                yield path, Start(trigger)

    def _onward(self, path: str, start: Start) -> Iterator[tuple[str, Start]]:
        for step in self._scripts.steps(path):
            yield step.target, Start(start.trigger, (_related(step), *start.steps))


def _related(step: Step) -> Related:
    name = shortened(step.target.rpartition(MEMBER)[2].rpartition("/")[2], NAME)
    return Related(step.command.span, f"{'sources' if step.sourced else 'runs'} {name}")
