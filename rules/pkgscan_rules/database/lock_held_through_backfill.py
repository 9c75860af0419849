"""A transaction takes a lock, and then does long work on rows while it holds it.

A lock is held to the end of its transaction: a change that alone takes a moment keeps everybody waiting for as long as
the UPDATE or the check behind it takes.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.model import Related
from pkgscan.reason.schema_words import concerns_a_live_table, evidence, related, sized, statement, waiting
from pkgscan.reason.table_size import size_of
from pkgscan.reason.version_tables import sets_the_version
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, MEDIUM, Problem, Scan, rule

LONG = ("update-all", "update", "delete-all", "delete", "insert-select")


@rule(
    title="Holds a lock while it changes rows",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((CONTRADICTION, HIGH),),
    remedy="Commit the change of the table first, and fill rows in batches outside of its transaction.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if not _is_long(change) or not change.in_transaction or not concerns_a_live_table(change):
        return
    holder = _holder(change, scan)
    if holder is None:
        return
    yield Problem(
        holder.span,
        f"{statement(holder)} locks {sized(holder.target)} until its transaction ends, "
        f"which changes rows first; {waiting(holder.target)}",
        evidence=evidence(holder),
        related=(Related(change.span, "changes rows while the lock is held"), *related(holder)),
        confidence=min(change.confidence, holder.confidence, key=("low", "medium", "high").index),
        grade=(CONTRADICTION, HIGH) if size_of(change.target) == "large" else (ASSUMPTION, MEDIUM),
    )


def _holder(change: SchemaChange, scan: Scan) -> SchemaChange | None:
    """The lock that the transaction holds by then; None where rows were changed before, and it is told already."""
    held: SchemaChange | None = None
    for one in scan.facts_of(SchemaChange, change.span.path):
        if one.transaction != change.transaction or one.action.statement >= change.action.statement:
            continue
        if held is not None and _is_long(one):
            return None
        if held is None and one.action.form not in LONG and _locks(one):
            held = one
    return held


def _is_long(change: SchemaChange) -> bool:
    return change.action.form in LONG and not sets_the_version(change)


def _locks(change: SchemaChange) -> bool:
    return change.target.blocks != "nothing" and concerns_a_live_table(change)
