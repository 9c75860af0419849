"""A statement deletes data that no later step brings back.

DROP TABLE, TRUNCATE and a DELETE without a condition leave a backup as the only way back. A table that is made anew,
its rows copied first and put back behind, is none.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.rebuilds import is_rebuilt
from pkgscan.reason.schema_words import concerns_a_live_table, evidence, related, sized, statement
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

FORMS = ("drop-table", "drop-table-foreign-key", "drop-schema", "truncate", "delete-all")


@rule(
    title="Deletes data for good",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Make sure that a backup is fresh, or rename the table and drop it a release later.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if change.action.form not in FORMS or not concerns_a_live_table(change):
        return
    if not is_rebuilt(change, scan.facts_of(SchemaChange, change.span.path)):
        yield Problem(
            change.span,
            f"{statement(change)} deletes all of {sized(change.target)}",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
        )
