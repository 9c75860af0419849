"""The package starts something by itself at a time.

A job nobody knows of runs unattended: with the package's rights, inside a maintenance window, long after the upgrade.
"""

from collections.abc import Iterable, Iterator

from pkgscan.facts.schedule import ScheduledJob
from pkgscan.rule import ASSUMPTION, INFO, Problem, Related, Scan, rule

COMMAND = 80  # characters of a command worth reading in a message


@rule(
    title="Starts a job at a time",
    category=ASSUMPTION,
    severity=INFO,
    looks_at=ScheduledJob,
    since="0.1",
    stage="stable",
    remedy="Check that the time lies outside your maintenance window, and list the job with what runs on the host.",
)
def check(job: ScheduledJob, scan: Scan) -> Iterator[Problem]:
    runner = f"{',' if ',' in job.when else ''} as {job.user}" if job.user else ""
    other = [path for path in job.starts if path != job.span.path]
    yield Problem(
        job.span,
        f"{_name(job)} runs {job.when}{runner} and starts {_started(job)}",
        evidence=(job.kind, job.expression, job.user, _started(job)),
        related=(*_related(other, "started by it", scan), *_related(job.reads, "read by it", scan)),
    )


def _related(paths: Iterable[str], phrase: str, scan: Scan) -> Iterator[Related]:
    return (Related(entry.span, phrase) for path in paths if (entry := scan.entry(path)))


def _name(job: ScheduledJob) -> str:
    return "script of run-parts" if job.kind == "run-parts" else job.kind


def _started(job: ScheduledJob) -> str:
    """The files it starts; the command line where it names none."""
    text = " and ".join(job.runs) or job.command
    return text if len(text) <= COMMAND else f"{text[: COMMAND - 3]}..."
