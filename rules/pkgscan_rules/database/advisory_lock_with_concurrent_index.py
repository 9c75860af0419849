"""A runner waits for an advisory lock while another builds an index concurrently: the two wait for each other.

CREATE INDEX CONCURRENTLY waits for all older transactions, also for the one that waits in pg_advisory_lock; the server
ends one of the two, and an invalid index may stay.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import AdvisoryLock, SchemaChange
from pkgscan.model import Related
from pkgscan.reason.schema_words import evidence, statement
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule


@rule(
    title="Advisory lock that deadlocks with a concurrent index",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Ask for the lock with pg_try_advisory_lock in a loop, or build the index outside of the locked run.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if change.action.form not in {"create-index-concurrently", "reindex-concurrently"} or change.action.is_undo:
        return
    for lock in scan.facts(AdvisoryLock):
        if lock.waits and lock.engine == "postgresql":
            yield Problem(
                change.span,
                f"{statement(change)} deadlocks with a second runner, which waits in {lock.function}",
                evidence=evidence(change),
                related=(Related(lock.span, "the lock is waited for here"),),
                confidence="high" if lock.unit == change.action.unit else "medium",
            )
            return
