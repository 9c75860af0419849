"""A statement reads a whole table to check it, and whoever uses the table waits.

A constraint that is added in one step is checked against every row before the lock is let go.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
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
    target = change.target
    is_scan = target.scan and not (target.rewrite or target.index)
    if not (is_scan and target.blocks != "nothing" and concerns_a_live_table(change)):
        return
    yield Problem(
        change.span,
        f"{statement(change)} reads all of {sized(target)}; {waiting(target)}{estimate(change)}",
        evidence=evidence(change),
        related=related(change),
        confidence=change.confidence,
        grade=grade(target),
    )
