"""Crontabs: the system's own and cron.d, with a user in each line, and users' own without.

A line that Debian's cron refuses is stated with cron's own message; its rules are those of cron 3.0pl1, which drops a
whole file for one such line. A line that only lacks what an installer fills in (a placeholder) is a gap instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from pkgscan.facts.schedule import CronDialect, CronFileUnterminated, CronJob, CronLineRejected, Variable
from pkgscan.model import MEMBER, Gap, Span
from pkgscan.readers.base import Embedded, Kind, Line, Reader, Reading, Segment, Source
from pkgscan.reason.cron_line import (
    BLANKS,
    COMMAND_LIMIT,
    LineError,
    has_user_field,
    read_command,
    read_times,
    read_user,
    read_variable,
)
from pkgscan.reason.placeholder import PLACEHOLDER

LINE_LIMIT = 10_003  # lines; Debian's cron ignores a longer file (MAX_TAB_LINES and the header it allows for)
# How many jobs are read in all of a package, the walk bounds: `line_by_line`.
LINE_CHARACTERS = 2048  # twice what cron takes of a command, or of a variable, and room for long lists of times
RUN_OF_BLANKS = re.compile(r"[ \t]{2,}+")
REJECTED_LIMIT = 100  # stated a file; a text that is no crontab at all would state thousands
ENVIRONMENT_LIMIT = 4096  # characters carried by each job; real files set under 300
MARK = b"\xef\xbb\xbf"  # UTF-8's byte order mark, which cron takes for the first character of the first line
DOCUMENTATION = "/share/doc/"  # samples for people: no program may use what lies there (Debian policy 12.3)


class Tab(msgspec.Struct):
    """What is in force while one file is read: its dialect and the variables set so far."""

    dialect: CronDialect
    environment: dict[str, str]
    in_force: tuple[tuple[str, str], ...] = ()
    rejected: int = 0
    said: frozenset[str] = frozenset()  # reasons of gaps, each stated once a file: its lines have one cause


class CrontabReader(Reader):
    """Cron lines, variables and refused lines, with every command handed on to the reader of shell lines."""

    kinds = (
        Kind(name="crontab-system", paths=("etc/crontab", "etc/cron.d/*", "debian/*.cron.d"), line_by_line=True),
        Kind(name="crontab-user", paths=("var/spool/cron/*", "crontabs/*", "var/spool/cron/tabs/*"), line_by_line=True),
        Kind(name="crontab", names=("crontab",), suffixes=(".crontab", ".cron"), line_by_line=True),
    )
    facts = (CronJob, Variable, CronLineRejected, CronFileUnterminated)

    def read(self, source: Source) -> Iterator[Reading]:
        """Every line in order; a file that only its name makes a crontab yields nothing if no line looks like a job."""
        dialect = _dialect(source)
        if dialect is None or DOCUMENTATION in "/" + source.path.rpartition(MEMBER)[2]:
            return
        tab = Tab(dialect, {})
        for line in source.lines():
            if line.number > LINE_LIMIT:
                yield from _too_long(line, tab)
                break
            if line.terminated or not source.truncated:
                yield from _read_line(source, line, tab)


def _dialect(source: Source) -> CronDialect | None:
    """System or user; where the path does not say, by what most jobs look like, and None if there are no jobs."""
    if source.kind != "crontab":
        return "system" if source.kind == "crontab-system" else "user"
    if source.data.startswith(b"#!"):
        return None
    jobs = with_user = 0
    for text in _likely_jobs(source):
        try:
            times = read_times(text, _indent(text))
        except LineError:
            continue
        jobs += 1
        with_user += has_user_field(text, times.end)
    if not jobs:
        return None
    return "system" if with_user * 2 > jobs else "user"


def _likely_jobs(source: Source) -> Iterator[str]:
    """The lines that may be jobs, as far as a file is read."""
    for line in source.lines():
        at = _indent(line.text)
        if line.number > LINE_LIMIT:
            return
        is_text = line.text[at : at + 1] not in ("", "#") and "\0" not in line.text
        if is_text and _size(line.text) <= LINE_CHARACTERS:
            yield line.text


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(BLANKS))


def _size(text: str) -> int:
    """The characters of a line, blanks in a row counted once."""
    return len(text) if len(text) <= LINE_CHARACTERS else len(RUN_OF_BLANKS.sub(" ", text))


def _read_line(source: Source, line: Line, tab: Tab) -> Iterator[Reading]:
    """What one line states: nothing (blank, comment), a variable, a job, or why cron refuses it."""
    at = _indent(line.text)
    marked = line.number == 1 and source.data.startswith(MARK)
    if at == len(line.text) or line.text[at] == "#":
        if marked:  # cron does not see the # behind the mark
            yield from _refuse(line, tab, LineError("bad minute", "byte order mark"))
        return
    unread = _unread(line, tab)
    if unread:
        yield from _unread_once(tab, *unread, line.span)
        return
    variable = read_variable(line.text[at:])
    if variable is not None:
        tab.environment[variable.name] = variable.value
        tab.in_force = _bounded(tab.environment)
        yield Variable(span=line.span, text=line.text, name=variable.name, value=variable.value)
        if variable.bare:
            yield from _refuse(line, tab, LineError("bad minute", line.text[at:].rstrip()), "cronie")
    else:
        if marked:
            yield from _refuse(line, tab, LineError("bad minute", "byte order mark"))
        yield from _read_job(source, line, at, tab)
    if not line.terminated:
        yield CronFileUnterminated(span=line.span, text=line.text)


def _unread(line: Line, tab: Tab) -> tuple[str, str] | None:
    """Why a line is not read, if so: the reason of its gap, and the detail."""
    if "\0" in line.text:  # one cron ends the line there, another refuses it, a third reads on
        tab.rejected = REJECTED_LIMIT  # a file that is no text at all would have its debris refused line by line
        return "binary", "a line with a NUL byte was not read"
    if _size(line.text) > LINE_CHARACTERS:
        return "long-line", f"a line of {len(line.text)} characters was not read"
    return None


def _bounded(environment: dict[str, str]) -> tuple[tuple[str, str], ...]:
    # The variables set last are dropped first: real files never come near the limit.
    room, kept = ENVIRONMENT_LIMIT, []
    for name, value in environment.items():
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((name, value))
    return tuple(kept)


def _read_job(source: Source, line: Line, at: int, tab: Tab) -> Iterator[Reading]:
    """A job line: the job and its command; or the refusal, beside the job where another cron takes the line."""
    text = line.text
    quiet = text.startswith("-", at)  # cronie's way to say: do not log this job
    try:
        times = read_times(text, at + quiet)
        user, start, shared = read_user(text, times.end) if tab.dialect == "system" else ("", times.end, "")
        _check_command(text, start, tab)
    except LineError as refusal:
        yield from _refuse(line, tab, refusal)
        return
    if quiet:
        yield from _refuse(line, tab, LineError("bad minute", text[at : at + 2]), "cronie")
    if shared:
        yield from _refuse(line, tab, LineError("bad username", user + shared), "FreeBSD's cron")
    yield from _job(source, line, tab, times.expression, user, start)


def _check_command(text: str, start: int, tab: Tab) -> None:
    if tab.dialect == "user" and text.startswith("*", start):
        raise LineError("bad command", "*")
    if len(text[start:].encode("utf-8", "surrogateescape")) >= COMMAND_LIMIT:
        raise LineError("command too long", "")


def _job(source: Source, line: Line, tab: Tab, expression: str, user: str, start: int) -> Iterator[Reading]:  # noqa: PLR0913, PLR0917  # the parts of a line
    command = read_command(line.text.rstrip("\r"), start)
    yield CronJob(
        span=line.span,
        text=line.text,
        dialect=tab.dialect,
        expression=expression,
        user=user,
        command=command.text,
        stdin=command.stdin,
        time_zone=tab.environment.get("CRON_TZ", ""),
        environment=tab.in_force,
    )
    if command.text:
        pieces = tuple(_segment(source, offset, line.offset + at) for offset, at in command.pieces)
        yield Embedded("shell-line", command.text, pieces)


def _segment(source: Source, offset: int, at: int) -> Segment:
    place = source.segment(at)
    return Segment(offset, place.line, place.column)


def _refuse(line: Line, tab: Tab, refusal: LineError, accepted_by: str = "") -> Iterator[Reading]:
    found = PLACEHOLDER.search(line.text)
    if found:
        if "template" not in tab.said:
            tab.said |= {"template"}
            detail = f"{found[0]} stands for a value that is filled in elsewhere"
            yield Gap(effect="partial", stage="read", reason="template", detail=detail, span=line.span)
        return
    tab.rejected += 1
    if tab.rejected <= REJECTED_LIMIT:
        yield CronLineRejected(
            span=line.span,
            text=line.text,
            dialect=tab.dialect,
            why=refusal.why,
            token=refusal.token,
            accepted_by=accepted_by,
        )


def _too_long(line: Line, tab: Tab) -> Iterator[Reading]:
    yield CronLineRejected(span=line.span, text=line.text, dialect=tab.dialect, why="crontab too long")
    yield from _unread_once(tab, "long-crontab", f"line {line.number} and all below it were not read", line.span)


def _unread_once(tab: Tab, reason: str, detail: str, span: Span) -> Iterator[Gap]:
    if reason not in tab.said:
        tab.said |= {reason}
        yield Gap(effect="unread", stage="read", reason=reason, detail=detail, span=span)
