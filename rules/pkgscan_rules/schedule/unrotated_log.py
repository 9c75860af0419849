"""A scheduled job appends to a log that no logrotate file in the package covers.

The log grows with every run, fastest when the job fails, until the disk is full.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import LogRotation, ScheduledJob
from pkgscan.facts.shell import Command
from pkgscan.model import Span
from pkgscan.reason.globs import path_matches
from pkgscan.reason.invocation import base_name, peel
from pkgscan.reason.jobs import commands_of
from pkgscan.rule import ASSUMPTION, LOW, Problem, Related, Scan, rule
from pkgscan.values import literal

DEVICES = ("/dev/", "/proc/", "/sys/")


@rule(
    title="Log of a scheduled job that nothing rotates",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=ScheduledJob,
    since="0.1",
    stage="stable",
    remedy="Add a logrotate file for the log, or have the job write to the system log.",
)
def check(job: ScheduledJob, scan: Scan) -> Iterator[Problem]:
    commands = commands_of(job, scan)
    emptied = {path for command in commands for path in _emptied(command)}
    told: set[str] = set()
    for command in commands:
        for path in _appended(command):
            if path in told or path in emptied or _is_rotated(path, scan):
                continue
            told.add(path)
            yield Problem(
                command.span,
                f"{job.kind} appends to {path} {job.when}, and nothing in the package rotates it",
                evidence=(path,),
                related=_related(job, command.span),
            )


def _related(job: ScheduledJob, place: Span) -> tuple[Related, ...]:
    return () if job.span.covers(place) else (Related(job.span, f"{job.kind} runs {job.when}"),)


def _appended(command: Command) -> Iterator[str]:
    """The files a command adds to."""
    for redirect in command.redirects:
        if redirect.operator.endswith(">>"):
            yield from _file(literal(redirect.target))
    words = peel(command.words)
    if words and base_name(words[0]) == "tee":
        texts = [literal(word) or "" for word in words[1:]]
        if any(text == "--append" or (text.startswith("-") and "a" in text and text[:2] != "--") for text in texts):
            for text in texts:
                yield from _file(text)


def _file(path: str | None) -> Iterator[str]:
    if path and path.startswith("/") and not path.startswith(DEVICES):
        yield path


def _emptied(command: Command) -> Iterator[str]:
    """The files a command of the same job starts anew, so that they cannot grow."""
    for redirect in command.redirects:
        if redirect.operator.endswith(">") and not redirect.operator.endswith(">>"):
            yield from _file(literal(redirect.target))


def _is_rotated(path: str, scan: Scan) -> bool:
    rotations = scan.facts(LogRotation)
    return any(path_matches(path, pattern) for rotation in rotations for pattern in rotation.patterns)
