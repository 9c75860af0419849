"""An index is to be built concurrently inside a transaction, which the server refuses.

CREATE INDEX CONCURRENTLY commits in the middle of its work and fails in a transaction block; so do psql -1, a string of
several statements, and tools that wrap each migration in a transaction.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import evidence, related, statement
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Concurrent index inside a transaction",
    category=DEFECT,
    severity=HIGH,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Put the statement into a migration of its own that runs outside of a transaction.",
)
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    if change.action.form.endswith("-concurrently") and change.in_transaction and change.engine == "postgresql":
        if change.action.form == "refresh-materialized-view-concurrently":
            return
        yield Problem(
            change.span,
            f"{statement(change)} fails: it stands in a transaction",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
        )
