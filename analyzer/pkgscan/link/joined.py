"""The join itself: entries and facts in, one graph out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pkgscan.facts.archive import Disagreement
from pkgscan.facts.container import Image
from pkgscan.facts.shell import Command
from pkgscan.facts.text import TextLine
from pkgscan.graph import Graph, in_order
from pkgscan.link.copies import Find, placements
from pkgscan.link.images import lay
from pkgscan.link.install import Installation
from pkgscan.link.places import Places
from pkgscan.link.triggers import find_triggers
from pkgscan.model import Entry
from pkgscan.reason.layering import Layering

# Facts about what lies in the package, which is so whether or not a container would see it.
SHIPPED = frozenset({Disagreement, TextLine})


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
    copies = tuple(placements(joined.get(Command, ()), _finder(ordered, places)))
    if copies:
        places = Places(ordered, by_path, Installation(by_path, copies), layering)
    graph = Graph(ordered, joined, places=places, by_path=by_path, layering=layering)
    triggers = sorted(find_triggers(graph), key=lambda trigger: (trigger.span, trigger.title))
    return Graph(ordered, joined, triggers, places, by_path, layering)


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
