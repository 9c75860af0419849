"""The joined facts of some files, conclusions included, without a package around them."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from datetime import UTC, datetime

from pkgscan.circumstances import Circumstances
from pkgscan.graph import Graph
from pkgscan.kinds import KindTable
from pkgscan.link import link
from pkgscan.model import Entry, Fact
from pkgscan.reading import EntryReader
from pkgscan.registry import load

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PACKAGE = "p.zip"


def concluded(files: Mapping[str, str]) -> Graph:
    """The graph of files by their paths in a package, with every conclusion's values."""
    registry = load()
    table = KindTable(kind for reader in registry.readers for kind in reader.kinds)
    entries, facts = [Entry(path=PACKAGE, format="zip")], {}
    for number, (path, text) in enumerate(sorted(files.items()), 1):
        data = text.encode()
        entry = Entry(
            path=f"{PACKAGE}!/{path}",
            number=number,
            kind=table.identify(path, data[:512]),
            size=len(data),
            mode=stat.S_IFREG | 0o755,
            archive=PACKAGE,
        )
        entries.append(entry)
        for reading in EntryReader(registry).read(entry, data, truncated=False):
            if isinstance(reading, Fact):
                facts.setdefault(type(reading), []).append(reading)
    graph = link(entries, {kind: tuple(found) for kind, found in facts.items()})
    for conclusion in registry.conclusions:
        values: dict[type, list[Fact]] = {}
        for value in conclusion.conclude(graph, Circumstances(NOW)):
            values.setdefault(type(value), []).append(value)
        graph = graph.with_facts({kind: tuple(found) for kind, found in values.items()})
    return graph


def script(text: str, name: str = "install.sh") -> Graph:
    """The graph of one script, its #! line added."""
    return concluded({name: f"#!/bin/bash\n{text}\n"})
