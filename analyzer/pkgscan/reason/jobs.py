"""What a scheduled job runs: its commands with the variables filled in that its crontab sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# Where a command word without a slash is looked for: the default PATH of a Debian root login, and what RPM hosts add.
SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/usr/games")
LOOK_UPS = frozenset(("command", "which", "type", "hash"))


class Facts(Protocol):
    """What is asked of a graph or a scan."""

    def facts_in(self, kind: type[F], span: Span) -> Iterator[F]:
        """The facts of a type on the lines of a span."""


class Programs(Facts, Protocol):
    """What is asked of a graph that knows where entries lie on the host."""

    def which(self, name: str, folders: Sequence[str], origin: str = "") -> str:
        """The host path at which the package installs a program, looked for in the order of `folders`; else empty."""


def commands_at(spans: Iterable[Span], job: Span, facts: Facts) -> tuple[Command, ...]:
    """The commands of a job in their order, variables of its crontab filled in."""
    return _resolved(spans, _settings(job, facts), facts)


def _settings(job: Span, facts: Facts) -> dict[str, str]:
    """What the crontab of a job sets where the job stands."""
    return {name: value for cron in facts.facts_in(CronJob, job) for name, value in cron.environment}


def _resolved(spans: Iterable[Span], settings: Mapping[str, str], facts: Facts) -> tuple[Command, ...]:
    found = (command for span in spans for command in facts.facts_in(Command, span))
    if not settings:
        return tuple(found)
    known = {name: Literal(value) for name, value in settings.items()}
    return tuple(
        msgspec.structs.replace(
            command,
            words=tuple(resolve(word, known) for word in command.words),
            redirects=tuple(Redirect(one.operator, resolve(one.target, known)) for one in command.redirects),
        )
        for command in found
    )


def commands_of(job: ScheduledJob, facts: Facts) -> tuple[Command, ...]:
    """The commands of a concluded job."""
    return commands_at(job.commands_at, job.span, facts)


def references_at(spans: Iterable[Span], job: Span, graph: Programs) -> tuple[Reference, ...]:
    """The files that the commands of a job start or source, in their order.

    A bare name that PATH leads to a file of the package stands as that file's path; the others are the host's own.
    """
    settings = _settings(job, graph)
    folders = _path_folders(settings)
    return tuple(_looked_up(found, folders, graph) for found in references(_resolved(spans, settings, graph), {}))


def _path_folders(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The directories of the PATH that a crontab sets; cron takes it as written, so `$HOME/bin` is none."""
    path = settings.get("PATH")
    return SEARCH_PATH if path is None else tuple(folder for folder in path.split(":") if folder.startswith("/"))


def _looked_up(reference: Reference, folders: Sequence[str], graph: Programs) -> Reference:
    name = literal(reference.path) or ""
    found = (
        graph.which(name, folders, reference.span.path)
        if name and "/" not in name and reference.use != "directory"
        else ""
    )
    return msgspec.structs.replace(reference, path=Literal(found)) if found else reference


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
