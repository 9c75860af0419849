"""What a scheduled job runs: its commands with the variables filled in that its crontab sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import msgspec

from pkgscan.facts.schedule import CronJob, ScheduledJob
from pkgscan.facts.shell import Command, Redirect
from pkgscan.model import Span
from pkgscan.reason.invocation import Reference, base_name, references
from pkgscan.values import Literal, literal, resolve

F = TypeVar("F")
# Options of test(1) that ask whether a file is there, and can be used.
FILE_TESTS = frozenset(("-d", "-e", "-f", "-h", "-L", "-r", "-s", "-x"))
LOOK_UPS = frozenset(("command", "which", "type", "hash"))


class Facts(Protocol):
    """What is asked of a graph or a scan."""

    def facts_in(self, kind: type[F], span: Span) -> Iterator[F]:
        """The facts of a type on the lines of a span."""


def commands_at(spans: Iterable[Span], job: Span, facts: Facts) -> tuple[Command, ...]:
    """The commands of a job in their order, variables of its crontab filled in."""
    settings = {name: Literal(value) for cron in facts.facts_in(CronJob, job) for name, value in cron.environment}
    found = (command for span in spans for command in facts.facts_in(Command, span))
    if not settings:
        return tuple(found)
    return tuple(
        msgspec.structs.replace(
            command,
            words=tuple(resolve(word, settings) for word in command.words),
            redirects=tuple(Redirect(one.operator, resolve(one.target, settings)) for one in command.redirects),
        )
        for command in found
    )


def commands_of(job: ScheduledJob, facts: Facts) -> tuple[Command, ...]:
    """The commands of a concluded job."""
    return commands_at(job.commands_at, job.span, facts)


def references_at(spans: Iterable[Span], job: Span, facts: Facts) -> tuple[Reference, ...]:
    """The files that the commands of a job start or source, in their order."""
    return tuple(references(commands_at(spans, job, facts), {}))


def guarded_paths(commands: Iterable[Command]) -> frozenset[str]:
    """The paths that some command asks after: `test -x X`, `[ -f X ]`, `command -v X`."""
    found: set[str] = set()
    for command in commands:
        name = base_name(command.words[0])
        texts = [literal(word) for word in command.words[1:]]
        if name in ("test", "[", "[["):
            found.update(text for flag, text in itertools.pairwise(texts) if flag in FILE_TESTS and text)
        elif name in LOOK_UPS:
            found.update(text for text in texts if text)
    return frozenset(found)
