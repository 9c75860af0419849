"""A script changes what cron runs, so that a job starts by itself which no file of the package shows.

It is in no list of files, and what removes the package may leave it behind.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import CronWrite
from pkgscan.reason.running import is_documentation
from pkgscan.rule import ASSUMPTION, INFO, Problem, Scan, rule


@rule(
    title="Scheduled job installed by a script",
    category=ASSUMPTION,
    severity=INFO,
    looks_at=CronWrite,
    since="0.1",
    stage="stable",
    remedy="List the job with what runs on the host, and note who removes it.",
)
def check(write: CronWrite, scan: Scan) -> Iterator[Problem]:
    path = write.span.path
    if write.removes or write.where or is_documentation(path) or scan.images_of(path):
        return
    target = write.file or (f"the crontab of {write.user}" if write.user else "a crontab")
    yield Problem(
        write.span,
        f"{write.program} {'adds to' if write.adds else 'writes'} {target}",
        evidence=(write.program, target),
        related=write.set_at,
        confidence="high" if write.certainty == "must" else "medium",
    )
