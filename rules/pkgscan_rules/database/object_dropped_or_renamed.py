"""A column, table or view goes away or gets another name while the old release may still use it.

Between the migration and the last restart both releases run; the old one's queries then fail.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import concerns_a_live_table, evidence, related, statement
from pkgscan.rule import ASSUMPTION, LOW, Problem, Scan, rule

FORMS = (
    "drop-column", "drop-column-indexed", "drop-column-foreign-key", "drop-column-primary-key", "rename-column",
    "rename-table", "rename-view", "drop-view",
)  # fmt: skip


@rule(
    title="Drops or renames what the old release may use",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Let a release pass in which nothing uses the old name, or stop the application before this migration.",
)
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    if change.action.form in FORMS and concerns_a_live_table(change):
        yield Problem(
            change.span,
            f"{statement(change)}: the release before it may still use {change.action.column or change.action.table}",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
        )
