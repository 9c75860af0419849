"""A crontab has the line ends of Windows, so every command ends in a carriage return that the shell takes for a letter.

Cron hands a line on up to the newline: `/opt/app/run` becomes a program named `run` and a carriage return, which no
host has, and a last argument or log file gets it too. The job fails each time, and only its mail says so.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import CronJob
from pkgscan.model import Span
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule

CARRIAGE_RETURN = "\r"


@rule(
    title="Cron commands end in a carriage return",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=CronJob,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor for the file with Unix line ends; until then convert it before it is installed.",
)
def check(job: CronJob, scan: Scan) -> Iterator[Problem]:
    if job.text.endswith(CARRIAGE_RETURN) and not job.stdin and not _said_above(job, scan):
        name = job.span.path.rpartition("/")[2]
        yield Problem(job.span, f"the commands of {name} end in a carriage return", evidence=(name,))


def _said_above(job: CronJob, scan: Scan) -> bool:
    """Whether a line above it is the same: the whole file has one cause."""
    above = scan.facts_in(CronJob, Span(job.span.path, 1, job.span.first_line - 1))
    return any(other.text.endswith(CARRIAGE_RETURN) and not other.stdin for other in above)
