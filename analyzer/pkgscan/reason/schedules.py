"""The times of day at which a job of the package starts, as schedules."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.schedule import ScheduledJob
from pkgscan.reason.calendar import Schedule, ScheduleError, calendar_schedule, ever_starts, members, parse
from pkgscan.reason.cron_expression import ALL_HOURS


def schedules(job: ScheduledJob) -> Iterator[tuple[Schedule, str]]:
    """(schedule, time zone) of each expression that names times of day; what is refused is a finding of its own."""
    for text in job.expression.split("; "):
        try:
            if job.kind == "cron job" and text:
                yield parse(text), job.time_zone
            elif "=" not in text and text and (found := calendar_schedule(text)) is not None:
                yield found
        except ScheduleError:
            continue


def has_fixed_hours(schedule: Schedule) -> bool:
    """Whether it starts at some hours of the day and not at others, and ever starts at all."""
    return schedule.hours & ALL_HOURS not in {0, ALL_HOURS} and ever_starts(schedule)


def minutes_of_day(schedule: Schedule) -> int:
    """The minutes of the day at which it starts, as bits."""
    return sum(schedule.minutes << hour * 60 for hour in members(schedule.hours))


def may_meet(one: Schedule, other: Schedule) -> bool:
    """Whether two schedules may start on one day: a day of the month falls on every weekday sooner or later."""
    if not one.months & other.months:
        return False
    if one.either_day or other.either_day:
        return True
    return bool(one.days & other.days and one.weekdays & other.weekdays)
