"""Which command has a database run which text: by its place in the script, by the file it names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pkgscan.facts.sql import DdlAction, SqlCall
from pkgscan.graph import Graph
from pkgscan.values import Value, literal, shown

_VARIABLE = re.compile(r"\$\{?\w+\}?|<[^>]*>")
_COMPONENTS = 2  # of a path with variables, the last ones that must fit


class Calls:
    """Calls of database clients, to ask which runs an action."""

    def __init__(self, graph: Graph, calls: Iterable[SqlCall]) -> None:
        self._calls = tuple(calls)
        self._by_path: dict[str, SqlCall] = {}
        for call in self._calls:
            for file in call.files:
                for path in _entries(graph, file, call.span.path):
                    self._by_path.setdefault(path, call)

    def of(self, action: DdlAction) -> SqlCall | None:
        """The call that runs an action; None if no script of the package says."""
        for call in self._calls:
            if any(text.covers(action.span) for text in call.texts_at):
                return call
        return self._by_path.get(action.span.path)


def _entries(graph: Graph, file: Value, origin: str) -> tuple[str, ...]:
    """The entries that a file's name may mean; with variables or wildcards in it, all that fit its known end."""
    known = literal(file)
    if known is not None and "*" not in known:
        return graph.candidates(known, origin)
    parts = [part for part in _VARIABLE.sub("*", shown(file)).split("/") if part not in {"", "."}]
    ends = parts[-_COMPONENTS:]
    if not any(part.strip("*") for part in ends):
        return ()
    pattern = re.compile("(?:^|.*/|.*!/)" + "/".join("[^/]*".join(map(re.escape, part.split("*"))) for part in ends))
    archive = origin.rpartition("!/")[0]
    return tuple(
        entry.path for entry in graph.entries() if entry.path.startswith(archive) and pattern.fullmatch(entry.path)
    )
