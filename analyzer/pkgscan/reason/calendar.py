"""When a job starts: cron expressions and systemd calendars as one `Schedule`, and the questions asked of it.

Nothing here reads the clock; dates are worked out from the moment that is passed in.
"""

from __future__ import annotations

from pkgscan.reason.calendar_runs import calendar_schedule, next_calendar_runs, next_runs
from pkgscan.reason.calendar_words import calendar_words, words
from pkgscan.reason.cron_expression import Schedule, ScheduleError, ever_starts, members, parse, starts_on
from pkgscan.reason.cron_oddities import Oddity, OddityKind, oddities

__all__ = [
    "DAY_MINUTES", "Oddity", "OddityKind", "Schedule", "ScheduleError",
    "calendar_schedule", "calendar_words", "ever_starts", "may_start_between", "members", "next_calendar_runs",
    "next_runs", "oddities", "parse", "start_minutes", "starts_on", "starts_per_day", "words",
]  # fmt: skip

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES


def start_minutes(schedule: Schedule) -> tuple[int, ...]:
    """The minutes of the day, from midnight, at which it starts on a day on which it starts at all."""
    if not ever_starts(schedule):
        return ()
    minutes = members(schedule.minutes)
    return tuple(hour * HOUR_MINUTES + minute for hour in members(schedule.hours) for minute in minutes)


def may_start_between(schedule: Schedule, from_minute: int, to_minute: int) -> bool:
    """Whether it can start, on some day, at or after one minute of the day and before another.

    Minutes count from midnight. A window that ends before it begins, or as it begins, runs past midnight. Never for
    @reboot, which has no time of day.
    """
    starts = start_minutes(schedule)
    if from_minute < to_minute:
        return any(from_minute <= minute < to_minute for minute in starts)
    return any(minute >= from_minute or minute < to_minute for minute in starts)


def starts_per_day(schedule: Schedule) -> int:
    """How often it starts on a day on which it starts at all; 0 if it never does, and for @reboot."""
    return schedule.minutes.bit_count() * schedule.hours.bit_count() if ever_starts(schedule) else 0
