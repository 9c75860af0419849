"""A job that is certain to fail appends to a log that nothing rotates, and the disk behind it is not endless.

It fails each time it runs, tells so each time, and the day on which the disk is full nobody thinks of it.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import LogRotation, ScheduledJob
from pkgscan.facts.shell import Command
from pkgscan.facts.uses import NetworkUse
from pkgscan.reason.globs import path_matches
from pkgscan.reason.jobs import commands_of
from pkgscan.reason.sizes import byte_size
from pkgscan.rule import CONTRADICTION, MEDIUM, Problem, Related, Scan, rule
from pkgscan.values import literal


@rule(
    title="Failing job fills the disk with its log",
    category=CONTRADICTION,
    severity=MEDIUM,
    looks_at=ScheduledJob,
    since="0.1",
    stage="stable",
    remedy="Remove the job before staging, or have its log rotated until the vendor has mended it.",
    asks="endpoints",
)
def check(job: ScheduledJob, scan: Scan) -> Iterator[Problem]:
    logs = [(command, path) for command in commands_of(job, scan) for path in _appended(command, scan)]
    contact = next(_failing(job, scan), None) if logs else None
    if contact is None:
        return
    command, path = logs[0]
    mount = scan.target.mount(path)
    if mount is None or mount.free is None:
        return
    retired = scan.target.retired_host(contact.host)
    yield Problem(
        command.span,
        f"{job.kind} fails {job.when} and appends to {path}, which nothing rotates; {byte_size(mount.free.value)} are"
        f" free on {mount.path.value}",
        evidence=(path, contact.host),
        related=(
            Related(contact.span, f"fails here: {contact.program} contacts {contact.host}, which is retired"),
            *((Related(retired.span, "retired here"),) if retired else ()),
            Related(mount.free.span, "the space left is stated here"),
        ),
    )


def _failing(job: ScheduledJob, scan: Scan) -> Iterator[NetworkUse]:
    """What the job contacts of hosts that are retired."""
    for use in scan.facts(NetworkUse):
        is_sure = use.certainty == "must" and bool(use.host) and scan.target.retired_host(use.host) is not None
        if is_sure and any(start.trigger.span == job.span for start in scan.started_by(use.span)):
            yield use


def _appended(command: Command, scan: Scan) -> Iterator[str]:
    """The files a command adds to and nothing in the package rotates."""
    for redirect in command.redirects:
        path = literal(redirect.target) or ""
        if redirect.operator.endswith(">>") and path.startswith("/") and not path.startswith("/dev/"):
            patterns = (pattern for rotation in scan.facts(LogRotation) for pattern in rotation.patterns)
            if not any(path_matches(path, pattern) for pattern in patterns):
                yield path
