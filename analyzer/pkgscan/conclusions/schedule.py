"""Everything of the package that starts by itself at a time: when, as whom, and what of the package it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from pkgscan.conclusion import Conclusion, Part
from pkgscan.facts.schedule import CronJob, ScheduledJob
from pkgscan.facts.systemd import UnitService, UnitTimer
from pkgscan.graph import Graph, Trigger
from pkgscan.model import MEMBER, Fact, Span
from pkgscan.reason.calendar import ScheduleError, calendar_schedule, next_calendar_runs, next_runs, parse
from pkgscan.reason.jobs import references_at
from pkgscan.reason.timing import cron_when, timer_when
from pkgscan.values import literal

NEXT_RUNS = 3
# Distinct schedules whose dates are worked out; a package has dozens, and one date may take milliseconds.
DATED = 1000
PERIODS = {"hourly": "every hour", "daily": "every day", "weekly": "every week", "monthly": "every month"}
COLUMN = 60  # characters of a command in the terminal; the JSON report has it whole

Dates = Callable[[str, str, bool], tuple[str, ...]]


def conclude(graph: Graph, now: datetime) -> Iterator[Fact]:
    """One value a cron line, timer, and script of a run-parts directory, in the order of their places."""
    jobs = {job.span: job for job in graph.facts(CronJob)}
    timers = {timer.span: timer for timer in graph.facts(UnitTimer)}
    services = {place: service for service in graph.facts(UnitService) for _, _, place in service.commands}
    dates = _dates(now)
    for trigger in graph.all_triggers():
        if trigger.kind == "cron job":
            yield _cron_job(jobs[trigger.span], trigger, graph, dates)
        elif trigger.kind == "timer":
            yield _timer(timers[trigger.span], trigger, services, graph, dates)
        elif trigger.kind == "run-parts":
            yield _run_parts(trigger, graph)


def _cron_job(job: CronJob, trigger: Trigger, graph: Graph, dates: Dates) -> ScheduledJob:
    return ScheduledJob(
        span=job.span,
        text=job.text,
        kind="cron job",
        when=cron_when(job.expression),
        expression=job.expression,
        time_zone=job.time_zone,
        user=job.user,
        command=job.command,
        runs=_runs(trigger, graph),
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
    return ScheduledJob(
        span=timer.span,
        text=timer.text,
        kind="timer",
        when=timer_when(timer),
        expression="; ".join(calendars + [f"{key}={value}" for key, value in timer.monotonic]),
        time_zone=_zone(calendars),
        user=service.user if service else "",
        command="; ".join(lines) or timer.starts,
        runs=_runs(trigger, graph),
        starts=trigger.starts,
        reads=trigger.reads,
        next_runs=tuple(found[:NEXT_RUNS]),
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
        starts=trigger.starts,
    )


def _runs(trigger: Trigger, graph: Graph) -> tuple[str, ...]:
    """The files that its commands start, by their paths; of the bare names those that the package ships."""
    started = (one for one in references_at(trigger.commands_at, trigger.span, graph) if one.use != "sourced")
    found = (literal(reference.path) or "" for reference in started)
    return tuple(dict.fromkeys(path for path in found if "/" in path))


def _dates(now: datetime) -> Dates:
    """A look-up of the next runs of an expression that works each out once."""
    known: dict[tuple[str, str, bool], tuple[str, ...]] = {}

    def dates(expression: str, zone: str, calendar: bool) -> tuple[str, ...]:  # noqa: FBT001  # part of the key
        key = (expression, zone, calendar)
        if key not in known:
            known[key] = _next(expression, zone, now, calendar=calendar) if len(known) < DATED else ()
        return known[key]

    return dates


def _next(expression: str, zone: str, now: datetime, *, calendar: bool) -> tuple[str, ...]:
    """ISO dates, with an offset where the zone is known. ScheduleErrors mean that there is no date to tell."""
    try:
        zone = zone or (_zone_of(expression) if calendar else "")
        if calendar:
            found = next_calendar_runs(expression, now, zone or UTC, NEXT_RUNS)
        else:
            found = next_runs(parse(expression), now, zone or UTC, NEXT_RUNS)
    except ScheduleError:
        return ()
    return tuple((date if zone else date.replace(tzinfo=None)).isoformat() for date in found)


def _line(job: ScheduledJob) -> tuple[str, ...]:
    """The columns of the terminal: when, what, as whom, the next time, where it is written."""
    what = job.runs[0] if len(job.runs) == 1 else job.command
    what = what if len(what) <= COLUMN else f"{what[: COLUMN - 3]}..."
    following = job.next_runs[0].replace("T", " ")[:16] if job.next_runs else ""
    zone = job.time_zone or "host time"
    place = job.span.path.rpartition(MEMBER)[2] + (f":{job.span.first_line}" if job.span.first_line else "")
    return job.when, what, f"as {job.user}" if job.user else "", f"next {following} {zone}" if following else "", place


SCHEDULE = Conclusion(
    name="schedule",
    concludes=(ScheduledJob,),
    conclude=conclude,
    part=Part(key="schedule", title="Starts by itself", row=ScheduledJob, line=_line),
)
