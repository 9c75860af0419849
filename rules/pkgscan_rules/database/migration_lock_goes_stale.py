"""A migration tool's lock is a row in a table, which stays when the tool is killed, and nothing here frees it.

Liquibase and knex write that they are at work. After a kill, a crash or a restart in the middle, every later run waits
or refuses, until somebody frees the lock by hand.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import MigrationRun
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule


@rule(
    title="Migration lock that outlives its runner",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=MigrationRun,
    since="0.1",
    stage="stable",
    remedy="Say in the procedure how to free it once no runner is left: liquibase release-locks, knex migrate:unlock.",
)
def check(run: MigrationRun, _scan: Scan) -> Iterator[Problem]:
    if run.lock == "row in a table" and not run.is_freed:
        yield Problem(
            run.span,
            f"{run.title}; its lock is a row that stays when it is killed, and nothing in the package frees it",
            evidence=(run.runner,),
            related=run.related,
            confidence=run.confidence,
        )
