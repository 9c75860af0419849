"""A statement reads a whole table to check it, and whoever uses the table waits.

A constraint that is added in one step is checked against every row before the lock is let go.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange, TableLock
from pkgscan.reason.schema_words import (
    concerns_a_live_table,
    estimate,
    evidence,
    grade,
    related,
    sized,
    statement,
    waiting,
)
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, LOW, MEDIUM, Problem, Scan, rule


@rule(
    title="Reads a whole table under a lock",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, LOW), (CONTRADICTION, HIGH)),
    remedy="Add the constraint as NOT VALID and validate it in a transaction of its own; for SET NOT NULL, validate a "
    "CHECK (column IS NOT NULL) first.",
)
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    table = _scanned(change)
    if table is None or not concerns_a_live_table(change):
        return
    yield Problem(
        change.span,
        f"{statement(change)} reads all of {sized(table)}; {waiting(table)}{estimate(change, table)}",
        evidence=evidence(change),
        related=related(change, table),
        confidence=change.confidence,
        grade=grade(table),
    )


def _scanned(change: SchemaChange) -> TableLock | None:
    """The table that is read while others wait, and not rewritten or indexed: where one is attached, the partition."""
    tables = change.others if change.action.form == "attach-partition" else (change.target,)
    return next((table for table in tables if table.blocks != "nothing" and _is_read_only(table)), None)


def _is_read_only(table: TableLock) -> bool:
    return table.scan and not (table.rewrite or table.index)
