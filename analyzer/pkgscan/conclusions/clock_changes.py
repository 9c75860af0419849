"""Which jobs start at a time that the clocks of the host's zone skip on one day of the year, or pass twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.schedule import ClockChange, ScheduledJob
from pkgscan.graph import Graph
from pkgscan.reason.calendar import DAY_MINUTES, Schedule, members
from pkgscan.reason.cron_expression import starts_on
from pkgscan.reason.daylight import Change, changes
from pkgscan.reason.schedules import has_fixed_hours, minutes_of_day, schedules


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[ClockChange]:
    """One fact a job, for the first of its times that is so."""
    host = circumstances.profile.host.time_zone
    if host is None:
        return
    for job in graph.facts(ScheduledJob):
        if not job.container and not job.ignored:
            yield from _of_job(job, host.value, circumstances.now.date())


def _of_job(job: ScheduledJob, host_zone: str, today: date) -> Iterator[ClockChange]:
    for schedule, own in schedules(job):
        zone = own or host_zone
        found = [(change, minute) for change in changes(zone, today) if (minute := _met(schedule, change)) is not None]
        if found and has_fixed_hours(schedule):
            days = {change.skipped: str(change.day) for change, _ in found}
            yield ClockChange(
                span=job.span,
                job=job,
                zone=zone,
                minute=found[0][1],
                skipped=days.get(True, ""),
                repeated=days.get(False, ""),
            )
            return


def _met(schedule: Schedule, change: Change) -> int | None:
    """The first minute of a change at which it starts on that day."""
    if not starts_on(schedule, change.day.month, change.day.day, change.day.isoweekday() % 7):
        return None
    changed = (1 << change.end) - (1 << change.first)
    return next(iter(members(minutes_of_day(schedule) & changed & ((1 << DAY_MINUTES) - 1))), None)


CLOCK_CHANGES = Conclusion(name="clock-changes", concludes=(ClockChange,), conclude=conclude, after=("schedule",))
