"""The package starts something by itself at a time.

A job nobody knows of runs unattended: with the package's rights, inside a maintenance window, long after the upgrade.
"""

from collections.abc import Iterable, Iterator

from pkgscan.facts.schedule import ScheduledJob
from pkgscan.reason.wording import shortened
from pkgscan.rule import ASSUMPTION, INFO, Problem, Related, Scan, rule

IN_CONTAINER = "Ask the vendor whether the container is meant to run it, and what happens to it when there are several."
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
    other = [path for path in job.starts if path != job.span.path]
    yield Problem(
        job.span,
        _message(job),
        evidence=(job.kind, job.expression, job.user, _cut(_paths(job))),
        confidence="low" if job.container else "high",
        remedy=IN_CONTAINER if job.container else "",
        related=(*_related(other, "started by it", scan), *_related(job.reads, "read by it", scan)),
    )


def _message(job: ScheduledJob) -> str:
    condition = f", {job.condition}," if job.condition else ""
    runner = f"{',' if ',' in job.when else ''} as {job.user}" if job.user else ""
    if job.ignored:
        return f"{_name(job)} would run {job.when}{runner} and start {_started(job)}, but {job.ignored}"
    return f"{_name(job)}{condition} runs {job.when}{runner} and starts {_started(job)}"


def _related(paths: Iterable[str], phrase: str, scan: Scan) -> Iterator[Related]:
    return (Related(entry.span, phrase) for path in paths if (entry := scan.entry(path)))


def _name(job: ScheduledJob) -> str:
    return "script of run-parts" if job.kind == "run-parts" else job.kind


def _started(job: ScheduledJob) -> str:
    """What it starts: with arguments if there is room for them or it is one command, the command line for no file."""
    lines = " and ".join(job.command_lines)
    return _cut(lines if lines and (len(lines) <= COMMAND or len(job.command_lines) == 1) else _paths(job))


def _paths(job: ScheduledJob) -> str:
    return " and ".join(job.runs) or job.command


def _cut(text: str) -> str:
    return shortened(text, COMMAND)
