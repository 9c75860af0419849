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
    "calendar_schedule", "calendar_words", "ever_starts", "members", "next_calendar_runs",
    "next_runs", "oddities", "parse", "starts_on", "words",
]  # fmt: skip

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES
