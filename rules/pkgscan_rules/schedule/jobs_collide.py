"""A job starts at the same minute as another, or starts what another one starts already.

Two jobs that begin together wait for each other's disk, locks and connections, and are late both. One program that two
jobs start runs twice: it imports, bills or mails twice, unless it guards itself. Jobs of every hour are left out, since
they meet everything. The host's own jobs are known from the crontabs that its profile imports; a crontab that the
package brings itself is taken to replace that of the same name.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import JobCollision
from pkgscan.reason.timing import short
from pkgscan.rule import ASSUMPTION, CONTRADICTION, LOW, MEDIUM, Problem, Scan, rule


@rule(
    title="Jobs that start together",
    category=ASSUMPTION,
    severity=LOW,
    may_be=((CONTRADICTION, LOW), (CONTRADICTION, MEDIUM)),
    looks_at=JobCollision,
    since="0.1",
    stage="stable",
    remedy="Give one of them another time; where both start one program, remove one or have the program lock.",
)
def check(found: JobCollision, _scan: Scan) -> Iterator[Problem]:
    job = found.job
    if found.same_program:
        what = f"starts {found.same_program}, which another job starts, too"
    else:
        also = "of the host or the package start" if found.with_host else "of the package start"
        what = f"starts when {found.count} more {also}" if found.count > 1 else "starts when another job does"
    severity = MEDIUM if found.same_program else LOW
    yield Problem(
        found.span,
        f"{job.kind} {short(job.when)} {what}",
        evidence=(job.expression, job.command),
        related=found.others,
        grade=(CONTRADICTION, severity) if found.with_host else None,
    )
