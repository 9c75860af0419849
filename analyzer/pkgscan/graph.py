"""The joined facts of a scan, and the questions rules and conclusions may ask of them. Built once by link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from pkgscan.model import Entry, Span

F = TypeVar("F")
TriggerKind = Literal["cron job", "timer", "run-parts", "maintainer script"]


class InstallPath(msgspec.Struct, frozen=True):
    """Where an entry would lie on the host. `must`: the format or a command says so; `may`: its place suggests it."""

    path: str
    certainty: Literal["must", "may"]
    why: str


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """What starts something by itself, and the entries it starts directly.

    `title` reads after "started by": `cron job at 03:00`. `span` is the line that says so.
    """

    kind: TriggerKind
    title: str
    span: Span
    starts: tuple[str, ...] = ()  # entry paths


class Graph:
    """Entries and facts of one package, joined; read-only.

    Made by `pkgscan.link`; conclusions add their values before rules look. Everything it returns is in a fixed order.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        facts: Mapping[type, tuple[Any, ...]],
        triggers: Iterable[Trigger] = (),
        install_paths: Mapping[str, tuple[InstallPath, ...]] | None = None,
        own_tree: Iterable[str] = (),
        resolver: Callable[[str, str], str | None] = lambda _path, _origin: None,
    ) -> None:
        self._entries = tuple(entries)
        self._facts = dict(facts)
        self._triggers = tuple(triggers)
        self._install_paths = dict(install_paths or {})
        self._own_tree = frozenset(own_tree)
        self._resolver = resolver
        self._by_path: dict[str, list[Entry]] = {}
        for entry in self._entries:
            self._by_path.setdefault(entry.path, []).append(entry)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry seen, sorted by path, then by the order of the walk."""
        return self._entries

    def entry(self, path: str) -> Entry | None:
        """The entry at a path; of several of one name the last, which is the one most unpackers leave behind."""
        found = self._by_path.get(path)
        return found[-1] if found else None

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """Every fact of exactly this type, sorted by place."""
        return self._facts.get(kind, ())

    def facts_in(self, kind: type[F], span: Span) -> Iterator[F]:
        """The facts of a type that lie on the lines of a span."""
        return (fact for fact in self.facts(kind) if span.covers(fact.span))  # type: ignore[attr-defined]  # facts have spans

    def install_paths(self, entry_path: str) -> tuple[InstallPath, ...]:
        """Where an entry would lie on the host, surest first."""
        return self._install_paths.get(entry_path, ())

    def resolve(self, path: str, origin: str) -> str | None:
        """The entry path that a host path names, seen from the entry at `origin`; None if the package has none or several."""
        return self._resolver(path, origin)

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""
        parts = path.split("/")
        return any("/".join(parts[:depth]) in self._own_tree for depth in range(2, len(parts)))

    def triggers(self, entry_path: str) -> tuple[Trigger, ...]:
        """What starts the entry, directly."""
        return tuple(trigger for trigger in self._triggers if entry_path in trigger.starts)

    def all_triggers(self) -> tuple[Trigger, ...]:
        """Everything that starts by itself, sorted by place."""
        return self._triggers

    def with_facts(self, more: Mapping[type, tuple[Any, ...]]) -> Graph:
        """The same graph with the values of a conclusion among its facts."""
        return Graph(
            self._entries, {**self._facts, **more}, self._triggers, self._install_paths, self._own_tree, self._resolver
        )
