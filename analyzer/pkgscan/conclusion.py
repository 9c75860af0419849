"""What a conclusion is made of: a pure function over the joined facts, and at most one part of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.graph import Graph
from pkgscan.model import Fact
from pkgscan.report import Report

# What no part may be called: keys of the report itself, that of its JSON form alone included.
RESERVED_KEYS = frozenset({"schema", *Report.__struct_fields__})


class Part(msgspec.Struct, frozen=True):
    """A part of the report: its key in JSON, the type of its rows, and how a row reads in the text report.

    The key is neither another part's nor one of the report's own. `line` gives a row's columns for the terminal,
    `title` the heading above them, and `detail` the lines that stand below a row, if any do.
    """

    key: str
    title: str
    row: type[Any]
    line: Callable[[Any], tuple[str, ...]]
    detail: Callable[[Any], Iterator[str]] | None = None


class Conclusion(msgspec.Struct, frozen=True):
    """`conclude(graph, circumstances)` yields facts; those of type `part.row` also become rows of the report part.

    Conclusions run in the order of their `after`, so that one may stand on another's values; one that `collects` a type
    of fact runs after all that conclude it, whoever they are.
    """

    name: str
    concludes: tuple[type[Fact], ...]
    conclude: Callable[[Graph, Circumstances], Iterator[Fact]]
    part: Part | None = None
    after: tuple[str, ...] = ()
    collects: tuple[type[Fact], ...] = ()
