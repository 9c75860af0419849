"""Everything of the package that starts by itself at a time: when, as whom, and what of the package it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.conclusions.container_jobs import placing
from pkgscan.facts.schedule import CronFileIgnored, CronJob, ScheduledJob
from pkgscan.facts.systemd import UnitService, UnitTimer
from pkgscan.graph import Graph, Trigger
from pkgscan.model import MEMBER, Fact, Span
from pkgscan.reason.calendar import ScheduleError, calendar_schedule, next_calendar_runs, next_runs, parse
from pkgscan.reason.jobs import references_at
from pkgscan.reason.timing import cron_when, timer_delay, timer_when
from pkgscan.reason.unit_line import PREFIXES
from pkgscan.safe import shortened
from pkgscan.values import literal, shown

NEXT_RUNS = 3
# Distinct schedules whose dates are worked out; a package has dozens, and one date may take milliseconds.
DATED = 1000
PERIODS = {"hourly": "every hour", "daily": "every day", "weekly": "every week", "monthly": "every month"}
NEVER = "never"  # in the words of a schedule that fits no date; what never starts does not start by itself
COLUMN = 60  # characters of a command in the terminal; the JSON report has it whole
ENABLED = "if enabled"
INSTANCES = "for each instance"

Dates = Callable[[str, str, bool], tuple[str, ...]]


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Fact]:
    """One value a cron line, timer, and script of a run-parts directory, in the order of their places."""
    ignored = _ignored_files(graph)
    placed = placing(graph)
    for found in _jobs(graph, _dates(circumstances)):
        job = placed(found)
        if job is None:
            continue
        why = ignored.get(job.span.path)
        if why:
            yield msgspec.structs.replace(job, ignored=why, next_runs=())
        elif job.when != NEVER:
            yield job


def _ignored_files(graph: Graph) -> dict[str, str]:
    """Why the jobs of a file do not start, by its path; what every cron refuses before what one of them takes."""
    found = (file for file in graph.facts(CronFileIgnored) if file.by != "cronie")  # cronie skips the bad lines alone
    order = sorted(found, key=lambda file: (not file.accepted_by, file.sure))
    return {file.span.path: _why_ignored(file) for file in order}


def _why_ignored(file: CronFileIgnored) -> str:
    whose = "Debian's " if file.accepted_by else ""
    effect = "skips" if file.by == "run-parts" else "ignores"
    mendable = not file.sure and file.cause in ("mode", "not executable")
    return f"{whose}{file.by} {effect} this file{' as it is packed' if mendable else ''}"


def _jobs(graph: Graph, dates: Dates) -> Iterator[ScheduledJob]:
    jobs = {job.span: job for job in graph.facts(CronJob)}
    timers = {timer.span: timer for timer in graph.facts(UnitTimer)}
    services = {place: service for service in graph.facts(UnitService) for _, _, place in service.commands}
    whens = {expression: cron_when(expression) for expression in {job.expression for job in jobs.values()}}
    enabled = _enabled(graph)
    for trigger in graph.all_triggers():
        if trigger.kind == "cron job":
            job = jobs[trigger.span]
            yield _cron_job(job, whens[job.expression], trigger, graph, dates)
        elif trigger.kind == "timer":
            timer = timers[trigger.span]
            job_of_timer = _timer(timer, trigger, services, graph, dates)
            yield msgspec.structs.replace(job_of_timer, condition=_condition(timer, enabled))
        elif trigger.kind == "run-parts":
            yield _run_parts(trigger, graph)


def _enabled(graph: Graph) -> frozenset[str]:
    """The timers that the package itself enables, by a link in `timers.target.wants` or its like."""
    links = (entry.path for entry in graph.entries() if entry.type == "symlink" and entry.path.endswith(".timer"))
    parts = (path.rpartition("/") for path in links if graph.removal(path) is None)
    return frozenset(name for folder, _, name in parts if folder.endswith((".wants", ".requires")))


def _condition(timer: UnitTimer, enabled: frozenset[str]) -> str:
    if timer.unit.endswith("@.timer"):
        return INSTANCES
    return "" if timer.unit in enabled else ENABLED


def _cron_job(job: CronJob, when: str, trigger: Trigger, graph: Graph, dates: Dates) -> ScheduledJob:
    runs, command_lines = _runs(trigger, graph)
    return ScheduledJob(
        span=job.span,
        text=job.text,
        kind="cron job",
        when=when,
        expression=job.expression,
        time_zone=job.time_zone,
        user=job.user,
        command=job.command,
        runs=runs,
        command_lines=command_lines,
        starts=trigger.starts,
        reads=trigger.reads,
        next_runs=dates(job.expression, job.time_zone, False),
        commands_at=trigger.commands_at,
    )


def _timer(
    timer: UnitTimer, trigger: Trigger, services: Mapping[Span, UnitService], graph: Graph, dates: Dates
) -> ScheduledJob:
    service = services[trigger.commands_at[0]] if trigger.commands_at else None
    calendars = [calendar for calendar, _ in timer.calendars]
    found = sorted({date for calendar in calendars for date in dates(calendar, "", True)})
    lines = [line for span in trigger.commands_at for _, line, place in services[span].commands if place == span]
    runs, command_lines = _runs(trigger, graph)
    return ScheduledJob(
        span=timer.span,
        text=timer.text,
        kind="timer",
        when=timer_when(timer),
        expression="; ".join(calendars + [f"{key}={value}" for key, value in timer.monotonic]),
        time_zone=_zone(calendars),
        user=service.user if service else "",
        command="; ".join(line.lstrip(PREFIXES) for line in lines) or timer.starts,
        runs=runs,
        command_lines=command_lines,
        starts=trigger.starts,
        reads=trigger.reads,
        next_runs=tuple(found[:NEXT_RUNS]),
        delay=timer_delay(timer),
        commands_at=trigger.commands_at,
    )


def _zone(calendars: list[str]) -> str:
    """The one time zone that all calendars name, if they do."""
    zones = {_zone_of(calendar) for calendar in calendars}
    return zones.pop() if len(zones) == 1 else ""


def _zone_of(calendar: str) -> str:
    try:
        found = calendar_schedule(calendar)
    except ScheduleError:
        return ""
    return found[1] if found else ""


def _run_parts(trigger: Trigger, graph: Graph) -> ScheduledJob:
    path = trigger.span.path
    place = next(place.path for place in graph.install_paths(path) if place.path.startswith("/etc/cron."))
    period = place.split("/")[2].removeprefix("cron.")
    return ScheduledJob(
        span=trigger.span,
        kind="run-parts",
        when=PERIODS[period],
        user="root",
        command=place,
        runs=(place,),
        command_lines=(place,),
        starts=trigger.starts,
    )


def _runs(trigger: Trigger, graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that its commands start, by their paths, and again with arguments; bare names only of the package."""
    runs, lines = [], []
    for reference in references_at(trigger.commands_at, trigger.span, graph):
        path = literal(reference.path) or ""
        if reference.use != "sourced" and "/" in path:
            runs.append(path)
            lines.append(" ".join((path, *map(shown, reference.arguments))))
    return tuple(dict.fromkeys(runs)), tuple(dict.fromkeys(lines))


def _dates(circumstances: Circumstances) -> Dates:
    """A look-up of the next runs of an expression that works each out once; in the host's zone, if that is known."""
    host = circumstances.stated.host.time_zone if circumstances.stated else None
    known: dict[tuple[str, str, bool], tuple[str, ...]] = {}

    def dates(expression: str, zone: str, calendar: bool) -> tuple[str, ...]:  # noqa: FBT001  # part of the key
        zone = zone or (_zone_of(expression) if calendar else "") or (host.value if host else "")
        key = (expression, zone, calendar)
        if key not in known:
            known[key] = _next(expression, zone, circumstances.now, calendar=calendar) if len(known) < DATED else ()
        return known[key]

    return dates


def _next(expression: str, zone: str, now: datetime, *, calendar: bool) -> tuple[str, ...]:
    """ISO dates, with an offset where the zone is known. ScheduleErrors mean that there is no date to tell."""
    try:
        if calendar:
            found = next_calendar_runs(expression, now, zone or UTC, NEXT_RUNS)
        else:
            found = next_runs(parse(expression), now, zone or UTC, NEXT_RUNS)
    except ScheduleError:
        return ()
    return tuple((date if zone else date.replace(tzinfo=None)).isoformat() for date in found)


def _line(job: ScheduledJob) -> tuple[str, ...]:
    """The columns of the terminal: when, what, as whom, the next time, where it is written."""
    what = shortened("; ".join(job.command_lines) or job.command, COLUMN)
    user = f"as {job.user}" if job.user else ""
    place = job.span.path.rpartition(MEMBER)[2] + (f":{job.span.first_line}" if job.span.first_line else "")
    return _when(job), what, user, _following(job), place


def _when(job: ScheduledJob) -> str:
    """When it starts, and on what that depends."""
    words = f"{job.when}, {job.condition}" if job.condition else job.when
    return f"{words}, but {job.ignored}" if job.ignored else words


def _following(job: ScheduledJob) -> str:
    """The next time; where systemd may put that off, the earliest."""
    if not job.next_runs:
        return ""
    zone = job.time_zone or f"{'container' if job.container else 'host'} time"
    return f"next {'from ' if job.delay else ''}{job.next_runs[0].replace('T', ' ')[:16]} {zone}"


SCHEDULE = Conclusion(
    name="schedule",
    concludes=(ScheduledJob,),
    conclude=conclude,
    after=("cron-files",),
    part=Part(key="schedule", title="Starts by itself", row=ScheduledJob, line=_line),
)
