"""How long readers and writers of each table wait for the schema changes, as intervals with their parts.

Locks are held to the end of a transaction, so what commits together counts together for a table. What nobody waits for,
new tables, undo files and first installations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.facts.sql import NOT_KNOWN, Blocks, Downtime, Interval, Outage, SchemaChange, TableLock
from pkgscan.graph import Graph
from pkgscan.reason.downtime import seconds_in_words, together
from pkgscan.reason.table_size import size_in_words

ROWS = 200  # tables of transactions that are told; a chain of migrations since the first release has thousands
_ORDER: tuple[Blocks, ...] = ("nothing", "writes", "everything")
_WORDS = {"writes": "writes wait", "everything": "reads and writes wait", "nothing": ""}


def conclude(graph: Graph, _circumstances: Circumstances) -> Iterator[Downtime]:
    """A fact for each table that a transaction keeps others waiting for, longer than a moment."""
    groups: dict[tuple[str, str], list[SchemaChange]] = {}
    for change in graph.facts(SchemaChange):
        action = change.action
        if not (action.is_new or action.is_undo or change.is_install or not action.table):
            groups.setdefault((change.transaction, action.table), []).append(change)
    told = 0
    for changes in groups.values():
        if told < ROWS and (row := _row(changes)):
            told += 1
            yield row


def _row(changes: list[SchemaChange]) -> Downtime | None:
    blocks = max((change.target.blocks for change in changes), key=_ORDER.index)
    first = next((number for number, change in enumerate(changes) if change.target.blocks != "nothing"), None)
    if first is None:
        return None
    held = changes[first:]  # what came before the lock kept nobody waiting
    long = [change for change in held if _is_long(change)]
    if not long:
        return None
    target = changes[0].target
    parts = tuple(Outage(change.action.form, change.span.first_line, change.hold) for change in held)
    wait = held[0].wait
    known = together([part.seconds for part in parts])
    missing = "" if known.low != NOT_KNOWN else f"rows and bytes of {target.table}"
    return Downtime(
        span=long[0].span, text=long[0].text, table=target.table, engine=changes[0].engine, blocks=blocks,
        rows=target.rows, bytes=target.bytes, seconds=together([wait, known]) if not missing else Interval(),
        wait=wait, parts=parts, missing=missing,
    )  # fmt: skip


def _is_long(change: SchemaChange) -> bool:
    target = change.target
    return (target.rewrite or target.scan or target.index) or change.action.form in {"update-all", "delete-all"}


def line(row: Downtime) -> tuple[str, ...]:
    """A row's columns for the terminal."""
    size = size_in_words(TableLock(row.table, rows=row.rows, bytes=row.bytes))
    how_long = f"needs {row.missing}" if row.missing else seconds_in_words(row.seconds)
    forms = ", ".join(dict.fromkeys(part.what for part in row.parts))
    return (row.table, _WORDS[row.blocks], how_long, size, forms)


DOWNTIME = Conclusion(
    name="downtime",
    concludes=(Downtime,),
    conclude=conclude,
    part=Part("downtime", "Who waits for schema changes", Downtime, line),
    after=("schema-changes",),
)
