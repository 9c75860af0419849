"""systemd timers and services, by systemd.syntax(7), systemd.timer(5) and systemd.service(5).

Exec lines are not shell: they are split by systemd's own quoting. Specifiers (`%i`) stay as written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from pkgscan.facts.shell import Command
from pkgscan.facts.systemd import UnitDirectiveRejected, UnitService, UnitTimer
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Embedded, Kind, Line, Reader, Reading, Segment, Source
from pkgscan.reason.calendar import ScheduleError, calendar_schedule
from pkgscan.reason.invocation import shell_string
from pkgscan.reason.placeholder import PLACEHOLDER
from pkgscan.reason.unit_line import ExecWord, exec_commands

MONOTONIC = ("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec")
LINE_LIMIT = 64 * 1024  # characters of one Exec line; systemd itself stops at 1 MiB, real ones are under 4 KiB
USER_UNITS = "/systemd/user/"  # run by the manager of whoever is logged in
TRUE = frozenset(("1", "yes", "y", "true", "t", "on"))


class Directive(msgspec.Struct, frozen=True):
    """One assignment: its section, key and value, and where each character of the value stands in the source."""

    section: str
    key: str
    value: str
    first: int  # offset of the key
    last: int  # offset of the last character
    pieces: tuple[tuple[int, int], ...]  # (offset in the value, offset in the source)

    def place(self, at: int) -> int:
        """Where a character of the value stands in the source."""
        start, origin = self.pieces[bisect_right(self.pieces, at, key=_value_offset) - 1]
        return origin + at - start


def _value_offset(piece: tuple[int, int]) -> int:
    return piece[0]


class TimerReader(Reader):
    """Reads timer units and their drop-ins."""

    kinds = (Kind(name="unit-timer", paths=("*.timer.d/*.conf",), suffixes=(".timer",), by_name_alone=True),)
    facts = (UnitTimer, UnitDirectiveRejected)

    def read(self, source: Source) -> Iterator[Reading]:
        """One timer, and each calendar systemd would ignore."""
        calendars: list[tuple[str, Span]] = []
        monotonic: list[tuple[str, str]] = []
        settings: dict[str, str] = {}
        first: Span | None = None
        for directive in _directives(source, "Timer"):
            span = source.span(directive.first, directive.last)
            if directive.key in (*MONOTONIC, "OnCalendar"):
                first = first or span
                if not directive.value:  # an empty one drops all times set before, of either sort
                    calendars, monotonic = [], []
                elif directive.key != "OnCalendar":
                    monotonic.append((directive.key, directive.value))
                elif why := _refusal(directive.value):
                    yield _rejected(directive.value, why, span)
                else:
                    calendars.append((directive.value, span))
            else:
                settings[directive.key] = directive.value
        if first is not None:
            yield _timer(source, first, tuple(calendars), tuple(monotonic), settings)


def _rejected(calendar: str, why: str, span: Span) -> UnitDirectiveRejected | Gap:
    found = PLACEHOLDER.search(calendar)
    if found is None:
        return UnitDirectiveRejected(span=span, text=calendar, directive="OnCalendar", value=calendar, why=why)
    detail = f"{found[0]} stands for a value that is filled in elsewhere"
    return Gap(effect="partial", stage="read", reason="template", detail=detail, span=span)


def _timer(
    source: Source,
    first: Span,
    calendars: tuple[tuple[str, Span], ...],
    monotonic: tuple[tuple[str, str], ...],
    settings: dict[str, str],
) -> UnitTimer:
    unit = unit_name(source.member)
    return UnitTimer(
        span=calendars[0][1] if calendars else first,
        text=calendars[0][0] if calendars else "",
        unit=unit,
        starts=settings.get("Unit") or unit.removesuffix(".timer") + ".service",
        calendars=calendars,
        monotonic=monotonic,
        randomized_delay=settings.get("RandomizedDelaySec", ""),
        persistent=settings.get("Persistent", "").lower() in TRUE,
    )


def _refusal(calendar: str) -> str:
    """Why systemd would not take a calendar; empty if it does, or if a specifier leaves that open."""
    if "%" in calendar:
        return ""
    try:
        calendar_schedule(calendar)
    except ScheduleError as error:
        return str(error)
    return ""


class ServiceReader(Reader):
    """Reads service units and their drop-ins: who runs them, and their Exec lines as commands."""

    kinds = (Kind(name="unit-service", paths=("*.service.d/*.conf",), suffixes=(".service",), by_name_alone=True),)
    facts = (UnitService, Command)

    def read(self, source: Source) -> Iterator[Reading]:
        """One service, then the commands of its Exec lines."""
        execs: dict[str, list[Directive]] = {}
        settings: dict[str, str] = {}
        for directive in _directives(source, "Service"):
            if directive.key.startswith("Exec"):
                execs.setdefault(directive.key, []).append(directive)
                if not directive.value:
                    execs[directive.key] = []
            settings[directive.key] = directive.value
        lines = sorted((line for found in execs.values() for line in found), key=lambda line: line.first)
        if settings:
            yield _service(source, settings, lines)
        for line in lines:
            yield from _commands(source, line)


def _service(source: Source, settings: dict[str, str], lines: list[Directive]) -> UnitService:
    spans = [(line, source.span(line.place(0), line.last)) for line in lines]
    dynamic = settings.get("DynamicUser", "").lower() in TRUE
    return UnitService(
        span=spans[0][1] if spans else Span(source.path),
        text=lines[0].value if lines else "",
        unit=unit_name(source.member),
        user=settings.get("User") or ("dynamic" if dynamic else "" if USER_UNITS in source.path else "root"),
        commands=tuple((line.key, line.value, span) for line, span in spans),
    )


def _commands(source: Source, line: Directive) -> Iterator[Reading]:
    if len(line.value) > LINE_LIMIT:
        span = source.span(line.first, line.last)
        detail = f"{line.key} is longer than {LINE_LIMIT} characters"
        yield Gap(effect="unread", stage="read", reason="line-too-long", detail=detail, span=span)
        return
    for words in exec_commands(line.value):
        first, last = line.place(words[0].first), line.place(words[-1].last)
        command = Command(
            span=source.span(first, last),
            text=source.text[first : last + 1],
            words=tuple(word.value for word in words),
            name_span=source.span(first, line.place(words[0].last)),
            reader="unit",
        )
        yield command
        at = shell_string(command.words)
        if at >= 0:
            yield _embedded(source, line, words[at])


def _embedded(source: Source, line: Directive, word: ExecWord) -> Embedded:
    """The string given to a shell, `$$` made one dollar, with each stretch mapped to its place."""
    segments: list[Segment] = []
    text: list[str] = []
    previous = -2
    for offset, (character, at) in enumerate(zip(word.text, word.places, strict=True)):
        if word.text[offset - 1 : offset + 1] == "$$" and text[-1:] == ["$"]:
            previous = -2
            continue
        place = line.place(at)
        if place != previous + 1 or text[-1] == "\n":
            segments.append(msgspec.structs.replace(source.segment(place), offset=len(text)))
        text.append(character)
        previous = place
    return Embedded("shell-line", "".join(text), tuple(segments) or (source.segment(line.place(word.first)),))


def unit_name(member: str) -> str:
    """The unit a file belongs to: its own name, or the unit whose drop-in it is."""
    folder, _, name = member.rpartition("/")
    parent = folder.rpartition("/")[2]
    return parent.removesuffix(".d") if name.endswith(".conf") and parent.endswith(".d") else name


def _directives(source: Source, wanted: str) -> Iterator[Directive]:
    """The assignments of one section, lines joined as systemd does."""
    section = ""
    for lines in _logical_lines(source):
        text = lines[0].text.strip()
        if text.startswith("[") and text.endswith("]"):
            section = text[1:-1]
        elif section == wanted and "=" in lines[0].text:
            yield _directive(section, lines)


def _directive(section: str, lines: list[Line]) -> Directive:
    key, _, first = lines[0].text.partition("=")
    texts, pieces, length = [], [], 0
    for line in lines:
        text, offset = (first, line.offset + len(key) + 1) if line is lines[0] else (line.text, line.offset)
        pieces.append((length, offset))
        texts.append(_bare(text))
        length += len(texts[-1]) + 1
    value = " ".join(texts)  # a backslash and its newline together become a space
    indent = len(value) - len(value.lstrip())
    stripped = value.strip()
    moved = [
        (max(0, at - indent), origin + max(0, indent - at)) for at, origin in pieces if at - indent < len(stripped)
    ]
    last = Directive(section, key.strip(), stripped, 0, 0, tuple(moved) or ((0, pieces[0][1]),))
    start = lines[0].offset + len(key) - len(key.lstrip())
    end = last.place(len(stripped) - 1) if stripped else lines[0].offset + len(key)
    return msgspec.structs.replace(last, first=start, last=end)


def _bare(text: str) -> str:
    text = text.removesuffix("\r")
    return text.removesuffix("\\")


def _logical_lines(source: Source) -> Iterator[list[Line]]:
    """Physical lines that systemd reads as one; comments, between continued lines too, are left out."""
    pending: list[Line] = []
    for line in source.lines():
        if line.text.lstrip().startswith(("#", ";")):
            continue
        if not pending and not line.text.strip():
            continue
        pending.append(line)
        if not line.text.removesuffix("\r").endswith("\\"):
            yield pending
            pending = []
    if pending:
        yield pending
