"""The join itself: entries and facts in, one graph out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from pkgscan.facts.archive import Disagreement
from pkgscan.facts.container import Image
from pkgscan.facts.shell import Command, Frame
from pkgscan.facts.text import TextLine
from pkgscan.graph import Graph, in_order
from pkgscan.link.copies import COPYING, Find, placements
from pkgscan.link.images import lay
from pkgscan.link.install import Installation
from pkgscan.link.places import Places
from pkgscan.link.reach import Reach
from pkgscan.link.scripts import Scripts
from pkgscan.link.triggers import find_triggers
from pkgscan.model import Entry, Span
from pkgscan.reason.layering import Layering
from pkgscan.values import Value, literal

# Facts about what lies in the package, which is so whether or not a container would see it.
SHIPPED = frozenset({Disagreement, TextLine})
WRAPPED = 12  # words in which the name of a copy command stands, wrappers and their options before it


def link(entries: Sequence[Entry], facts: Mapping[type, tuple[Any, ...]]) -> Graph:
    """Join everything the readers stated: install paths, references, triggers.

    `entries` in the order of the walk, `facts` in any order; the graph holds both sorted by place.
    """
    ordered = tuple(in_order(entries))
    by_path = {entry.path: entry for entry in ordered}
    layering = lay(ordered, by_path, facts)
    joined = {kind: tuple(sorted(_effective(kind, values, layering), key=_place)) for kind, values in facts.items()}
    joined[Image] = tuple(sorted(layering.images, key=_place))
    places = Places(ordered, by_path, Installation(by_path), layering)
    scripts = _scripts(joined, places, by_path)
    copies = tuple(placements(_copying(joined.get(Command, ()), scripts), _finder(ordered, places)))
    if copies:  # which say better where scripts lie, and so what they mean by a path
        places = Places(ordered, by_path, Installation(by_path, copies), layering)
        scripts = _scripts(joined, places, by_path)
    graph = Graph(ordered, joined, places=places, by_path=by_path, layering=layering)
    triggers = sorted(find_triggers(graph), key=lambda trigger: (trigger.span, trigger.title))
    return Graph(ordered, joined, triggers, places, by_path, layering, Linked(scripts, Reach(scripts, triggers)))


class Linked:
    """What the graph knows of the scripts of a package."""

    def __init__(self, scripts: Scripts, reach: Reach) -> None:
        self.readings = scripts.readings
        self.script = scripts.script
        self.shares = scripts.shares
        self.starts = reach.starts
        self._scripts = scripts

    def values(self, value: Value, span: Span, context: Sequence[Frame]) -> tuple[Value, ...]:
        """What a value that is written at a place may be."""
        return self._scripts.values.values(value, span, context)


def _scripts(facts: Mapping[type, tuple[Any, ...]], places: Places, by_path: Mapping[str, Entry]) -> Scripts:
    def place(path: str) -> str:
        entry = by_path.get(path)
        found = places.install_paths(entry) if entry is not None else ()
        return found[0].path if found else ""

    return Scripts(facts, places.resolve, place)


def _copying(commands: Sequence[Command], scripts: Scripts) -> Iterator[Command]:
    """The commands that may copy, each once for every way its variables may be filled in."""
    for command in commands:
        if any(literal(word) in COPYING for word in command.words[:WRAPPED]):
            for reading in scripts.readings(command):
                yield replace(command, words=reading.words)


def _effective(kind: type, values: tuple[Any, ...], layering: Layering) -> Iterable[Any]:
    """The facts that count: not what a file would do that no container of its image has."""
    if kind in SHIPPED or not layering.takes_away:
        return values
    return (value for value in values if layering.removal(value.span.path) is None)


def _place(fact: Any) -> tuple[Any, str]:
    return fact.span, fact.text if hasattr(fact, "text") else ""


def _finder(ordered: Sequence[Entry], places: Places) -> Find:
    """Finds the entry, or the directory some entries lie in, that a source of a copy command names."""

    def find(source: str, origin: str) -> str | None:
        found = places.resolve(source, origin) if "/" in source else None
        if found is not None:
            return found
        beside = places.beside(source, origin)
        if beside is None:
            return None
        at = bisect_left(ordered, beside, key=lambda entry: entry.path)
        return beside if at < len(ordered) and ordered[at].path.startswith((beside, f"{beside}/")) else None

    return find
