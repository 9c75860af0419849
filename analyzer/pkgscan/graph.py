"""The joined facts of a scan, and the questions rules and conclusions may ask of them. Built once by link."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from pkgscan.facts.container import Image
from pkgscan.facts.shell import Command, Frame
from pkgscan.joins import AS_WRITTEN, NOWHERE, InstallPath, Places, Reading, Shells, Start, Trigger, TriggerKind
from pkgscan.model import Entry, Span
from pkgscan.reason.layering import Layering
from pkgscan.reason.overlay import Removal
from pkgscan.reason.scripts import Script
from pkgscan.values import Value

__all__ = ["Graph", "InstallPath", "Places", "Reading", "Start", "Trigger", "TriggerKind", "in_order"]

F = TypeVar("F")


NO_IMAGES = Layering()


class Graph:
    """Entries and facts of one package, joined; read-only.

    Made by `pkgscan.link`; conclusions add their values before rules look. Everything it returns is in a fixed order.
    Facts are those that count: of a file that a later layer of its container image takes away, what it would do is no
    fact. Its entry is there all the same, since it is in the package; `removal` tells the two apart.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what link has joined
        self,
        entries: Iterable[Entry],
        facts: Mapping[type, tuple[Any, ...]],
        triggers: Iterable[Trigger] = (),
        places: Places = NOWHERE,
        by_path: Mapping[str, Entry] | None = None,
        layering: Layering = NO_IMAGES,
        shells: Shells = AS_WRITTEN,
    ) -> None:
        self._entries = tuple(entries)
        self._facts = dict(facts)
        self._triggers = tuple(triggers)
        self._places = places
        self._layering = layering
        self._shells = shells
        self._by_path = {entry.path: entry for entry in self._entries} if by_path is None else by_path
        self._started_by: dict[str, list[Trigger]] = {}
        for trigger in self._triggers:
            for started in trigger.starts:
                self._started_by.setdefault(started, []).append(trigger)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry seen, sorted by path, then by the order of the walk."""
        return self._entries

    def entry(self, path: str) -> Entry | None:
        """The entry at a path; of several of one name the last, which is the one most unpackers leave behind."""
        return self._by_path.get(path)

    def entries_at(self, path: str) -> tuple[Entry, ...]:
        """Every entry of a path; several where an archive has members of one name."""
        end = start = bisect_left(self._entries, path, key=attrgetter("path"))
        while end < len(self._entries) and self._entries[end].path == path:
            end += 1
        return self._entries[start:end]

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """Every fact of exactly this type, sorted by place."""
        return self._facts.get(kind, ())

    def facts_in(self, kind: type[F], span: Span) -> Iterator[F]:
        """The facts of a type that lie on the lines of a span, in a search of the sorted facts."""
        facts: tuple[Any, ...] = self._facts.get(kind, ())
        start = bisect_left(facts, (span.path, span.first_line), key=_row)
        for at in range(start, len(facts)):  # islice would walk through all that lie before
            fact = facts[at]
            if fact.span.path != span.path or fact.span.first_line > span.last_line:
                return
            if span.covers(fact.span):
                yield fact

    def install_paths(self, entry_path: str) -> tuple[InstallPath, ...]:
        """Where an entry would lie on the host, surest first."""
        entry = self._by_path.get(entry_path)
        return self._places.install_paths(entry) if entry else ()

    def resolve(self, path: str, origin: str) -> str | None:
        """The entry path that a host path names, seen from the entry at `origin`; None for none or several."""
        return self._places.resolve(path, origin)

    def candidates(self, path: str, origin: str) -> tuple[str, ...]:
        """Every entry path that a host path may name; several where the package holds variants. Sorted."""
        return self._places.candidates(path, origin)

    def which(self, name: str, folders: Sequence[str], origin: str = "") -> str:
        """The host path at which the package installs a program, looked for in the order of `folders`; else empty.

        Seen from the entry at `origin`: what lies in a container image is there for that image alone.
        """
        return self._places.which(name, folders, origin)

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""
        return self._places.in_own_tree(path)

    def triggers(self, entry_path: str) -> tuple[Trigger, ...]:
        """What starts the entry, directly."""
        return tuple(self._started_by.get(entry_path, ()))

    def all_triggers(self) -> tuple[Trigger, ...]:
        """Everything that starts by itself, sorted by place."""
        return self._triggers

    def removal(self, entry_path: str) -> Removal | None:
        """What takes an entry of a container image away, so that no container has it; None for all that counts."""
        return self._layering.removal(entry_path)

    def images_of(self, entry_path: str) -> tuple[Image, ...]:
        """The container images in whose layers an entry lies: there it does what it does, and not on the host."""
        return self._layering.images_of(entry_path)

    def may_meet(self, one: str, other: str) -> bool:
        """Whether two entries may lie in one file system: the host's, or that of a container."""
        return self._layering.shares(one, other)

    def readings(self, command: Command) -> tuple[Reading, ...]:
        """The words that a command may run as, variables filled in as far as they are known."""
        return self._shells.readings(command)

    def values(self, value: Value, span: Span, context: Sequence[Frame]) -> tuple[Value, ...]:
        """What a value that is written at a place may be."""
        return self._shells.values(value, span, context)

    def script(self, path: str) -> Script | None:
        """The commands, assignments and functions of an entry."""
        return self._shells.script(path)

    def shares(self, path: str) -> Sequence[Script]:
        """The other scripts that run in one shell with an entry: what it sources, and what sources it."""
        return self._shells.shares(path)

    def starts(self, path: str) -> tuple[Start, ...]:
        """How what starts by itself comes to run an entry, through scripts that run or source each other."""
        return self._shells.starts(path)

    def started_by(self, span: Span) -> tuple[Start, ...]:
        """How what starts by itself comes to a command: the job whose own line it stands in, else that of its entry."""
        own = (
            trigger
            for trigger in self._by_line.get(span.path, ())
            if any(at.covers(span) for at in trigger.commands_at)
        )
        found = tuple(Start(trigger) for trigger in own)
        return found or self._shells.starts(span.path)

    @cached_property
    def _by_line(self) -> dict[str, list[Trigger]]:
        """The triggers by the entry in which their command lines stand."""
        found: dict[str, list[Trigger]] = {}
        for trigger in self._triggers:
            for path in {at.path for at in trigger.commands_at}:
                found.setdefault(path, []).append(trigger)
        return found

    def with_facts(self, more: Mapping[type, tuple[Any, ...]]) -> Graph:
        """The same graph with the values of a conclusion among its facts, beside those it has of their types."""
        ordered = {kind: tuple(sorted((*self.facts(kind), *values), key=_place)) for kind, values in more.items()}
        return Graph(
            self._entries,
            {**self._facts, **ordered},
            self._triggers,
            self._places,
            self._by_path,
            self._layering,
            self._shells,
        )


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries by path, those of one path by number: two stable sorts, since a pair for each entry would cost more."""
    return sorted(sorted(entries, key=attrgetter("number")), key=attrgetter("path"))


def _place(fact: Any) -> Span:
    return fact.span  # type: ignore[no-any-return]  # every fact has one


def _row(fact: Any) -> tuple[str, int]:
    return fact.span.path, fact.span.first_line
