"""A statement writes every row of a table anew, and whoever uses the table waits.

A change of type, a default that differs from row to row, or a copying ALTER of MySQL takes time with the size of the
table, and with it all its indexes; the lock is held until it commits.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import (
    concerns_a_live_table,
    estimate,
    evidence,
    grade,
    is_surest,
    related,
    sized,
    statement,
    waiting,
)
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, LOW, MEDIUM, Problem, Scan, rule


@rule(
    title="Rewrites a table under a lock",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, LOW), (CONTRADICTION, HIGH)),
    remedy="Add a new column, fill it in batches and switch over, or run it while the application is stopped.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    target = change.target
    if not _rewrites(change) or not is_surest(change, scan.facts_in(SchemaChange, change.span), _rewrites):
        return
    does = "may rewrite" if change.confidence != "high" else "rewrites"
    yield Problem(
        change.span,
        f"{statement(change)} {does} {sized(target)}; {waiting(target)}{estimate(change)}",
        evidence=evidence(change),
        related=related(change),
        confidence=change.confidence,
        grade=grade(target),
    )


def _rewrites(change: SchemaChange) -> bool:
    return change.target.rewrite and change.target.blocks != "nothing" and concerns_a_live_table(change)
