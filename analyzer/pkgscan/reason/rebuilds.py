"""Tables that are made anew: their rows are copied elsewhere, the table is dropped, and the copy takes its place.

That is how SQLite changes a column (https://sqlite.org/lang_altertable.html, section 7), and others were changed so
before they knew better.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from pkgscan.facts.sql import DdlAction, SchemaChange

COPIES = frozenset(("insert-select", "create-table-as"))
STEPS = 1000  # of an entry that are looked at for each table that is dropped; a rebuild takes a handful


def is_rebuilt(change: SchemaChange, beside: Iterable[SchemaChange]) -> bool:
    """Whether a dropped table's rows were copied before, and the copy is renamed or copied back behind.

    `beside` are the changes of the same entry, in their order.
    """
    dropped = change.action
    steps = [one.action for one in islice(beside, STEPS) if one.action.unit == dropped.unit]
    copies = {
        one.table for one in steps if one.form in COPIES and dropped.table in one.others and _before(one, dropped)
    }
    return any(_before(dropped, one) and _takes_its_place(one, copies, dropped.table) for one in steps)


def _before(one: DdlAction, other: DdlAction) -> bool:
    return (one.statement, one.action) < (other.statement, other.action)


def _takes_its_place(action: DdlAction, copies: set[str], table: str) -> bool:
    if action.form == "rename-table":
        return action.table in copies
    return action.form == "insert-select" and action.table == table and not copies.isdisjoint(action.others)
