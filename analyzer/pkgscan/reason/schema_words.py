"""What rules say of a schema change, and how grave it is by the size of its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from pkgscan.facts.sql import NOT_KNOWN, SchemaChange, TableLock
from pkgscan.model import Category, Related, Severity, Span
from pkgscan.reason.downtime import seconds_in_words
from pkgscan.reason.table_size import size_in_words, size_of

_SURE = ("low", "medium", "high")
_BESIDE = 1000  # changes on the lines of one that are looked at; a text may stand on one line whole
_SHOWN = 90  # characters of a statement in a message
_WAIT = {"everything": "reads and writes wait", "writes": "writes wait", "nothing": "nobody waits"}
_ENGINES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "mysql": "MySQL", "sqlite": "SQLite", "oracle": "Oracle",
            "sqlserver": "SQL Server", "": "an engine that is not known"}  # fmt: skip
# What a size means for a lock that is held as long as the table takes.
GRADES: dict[str, tuple[Category, Severity]] = {
    "unknown": ("assumption", "medium"), "middling": ("assumption", "medium"), "small": ("assumption", "low"),
    "large": ("contradiction", "high"),
}  # fmt: skip


def concerns_a_live_table(change: SchemaChange) -> bool:
    """Whether it changes what may be in use: no new table, no undo, no first installation."""
    action = change.action
    return not (action.is_new or action.is_undo or change.is_install)


def is_surest(change: SchemaChange, beside: Iterable[SchemaChange], counts: Callable[[SchemaChange], bool]) -> bool:
    """Whether a change is the surest of those that count of what its statement does to its table, all of it at once.

    `beside` are the changes on its lines.
    """
    key = _statement_of(change)
    alike = [one for one in islice(beside, _BESIDE) if _statement_of(one) == key and counts(one)]
    return max(alike, key=lambda one: _SURE.index(one.confidence), default=change) is change


def _statement_of(change: SchemaChange) -> tuple[str, int, str, Span, str]:
    action = change.action
    return action.unit, action.statement, action.via, change.span, change.target.table


def grade(table: TableLock) -> tuple[Category, Severity]:
    """The grade of a long lock on a table."""
    return GRADES[size_of(table)]


def statement(change: SchemaChange) -> str:
    """The statement in a line, cut where it is long."""
    text = " ".join(change.text.split()) or change.action.form
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def sized(table: TableLock) -> str:
    """`invoices (48,000,000 rows, 31.0 GiB)`."""
    return f"{table.table or 'a table'} ({size_in_words(table)})"


def waiting(table: TableLock) -> str:
    """Who waits."""
    return _WAIT[table.blocks]


def estimate(change: SchemaChange, table: TableLock | None = None) -> str:
    """`, for 3 to 55 min`; empty where the size of the table is not known, or it is another than the change's."""
    is_known = change.hold.low != NOT_KNOWN and table in {None, change.target}
    return f", for {seconds_in_words(change.hold)}" if is_known else ""


def engine_name(change: SchemaChange) -> str:
    """The engine as it is written."""
    return _ENGINES[change.engine]


def related(change: SchemaChange, table: TableLock | None = None) -> tuple[Related, ...]:
    """The command that runs it, and the line of the profile with the table's size."""
    table = table or change.target
    run = (Related(change.called_at, "run here"),) if change.called_at is not None else ()
    size = (Related(table.size_at, f"{table.table} has {size_in_words(table)}"),) if table.size_at is not None else ()
    return (*run, *size)


def evidence(change: SchemaChange) -> tuple[str, ...]:
    """What identifies it in the next release."""
    action = change.action
    return tuple(filter(None, (action.form, action.table, action.column or action.name)))
