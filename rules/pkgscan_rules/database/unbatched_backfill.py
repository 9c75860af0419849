"""One statement changes every row of a table.

It locks all rows until it commits, doubles the table on PostgreSQL, fills the undo log of others and holds back
replicas; where it fails, all of it was for nothing. Nothing is said of a table that keeps the number of the schema's
version, which has one row, unless the profile says that it has more.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import concerns_a_live_table, estimate, evidence, grade, related, sized, statement
from pkgscan.reason.version_tables import sets_the_version
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, LOW, MEDIUM, Problem, Scan, rule


@rule(
    title="Changes all rows of a table at once",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, LOW), (CONTRADICTION, HIGH)),
    remedy="Change the rows in batches by their key, each in a transaction of its own.",
)
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    if change.action.form == "update-all" and concerns_a_live_table(change) and not sets_the_version(change):
        yield Problem(
            change.span,
            f"{statement(change)} changes every row of {sized(change.target)}{estimate(change)}",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
            grade=grade(change.target),
        )
