"""Nothing keeps two runners of the package's migrations apart.

Two hosts, a retry or an impatient second call then run the same migration at once: it fails half done, or is applied
twice. Scripts that loop over files, and several well-known tools, take no lock unless told to.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import MigrationRun
from pkgscan.rule import DEFECT, HIGH, MEDIUM, Problem, Scan, rule


@rule(
    title="Migrations without a lock between runners",
    category=DEFECT,
    severity=HIGH,
    looks_at=MigrationRun,
    since="0.1",
    stage="stable",
    may_be=((DEFECT, MEDIUM),),
    remedy="Take an advisory lock (pg_try_advisory_lock, GET_LOCK) around the whole run, or start it under flock on "
    "the one host that runs it.",
)
def check(run: MigrationRun, _scan: Scan) -> Iterator[Problem]:
    if run.lock:
        return
    yield Problem(
        run.span,
        f"{run.title}, and nothing keeps two runners apart",
        evidence=(run.runner,),
        related=run.related,
        confidence=run.confidence,
        grade=(DEFECT, HIGH) if run.is_started else (DEFECT, MEDIUM),
    )
