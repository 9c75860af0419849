"""An index is built while nobody may write to the table.

CREATE INDEX without CONCURRENTLY, a UNIQUE or PRIMARY KEY added in one step and REINDEX hold writers off until the
index is whole; the last ones hold readers off, too.
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
    title="Builds an index while writers wait",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, LOW), (CONTRADICTION, HIGH)),
    remedy="Build it with CREATE INDEX CONCURRENTLY outside of a transaction; add a constraint USING such an index.",
)
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    target = change.target
    if not (target.index and not target.rewrite and target.blocks != "nothing" and concerns_a_live_table(change)):
        return
    yield Problem(
        change.span,
        f"{statement(change)} builds an index on {sized(target)}; {waiting(target)}{estimate(change)}",
        evidence=evidence(change),
        related=related(change),
        confidence=change.confidence,
        grade=grade(target),
    )
