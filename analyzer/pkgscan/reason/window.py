"""Which starts of a schedule fall into a maintenance window: sets of minutes, so that no date is worked out.

A day is a number of 1440 bits. Source for what an unknown time zone is: tzset(3), UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pkgscan.reason.calendar import DAY_MINUTES, Schedule, ever_starts, members
from pkgscan.reason.cron_expression import ALL_DAYS, ALL_HOURS, ALL_MONTHS, ALL_WEEKDAYS

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Day, Window

# As `datetime.isoweekday` counts them, Sunday as 0 as in `Schedule.weekdays`.
_WEEKDAYS: dict[Day, int] = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_WEEK = range(7)
_DAY = (1 << DAY_MINUTES) - 1
_BEFORE, _SPREAD = 2, 6  # days: two zones are at most 26 hours apart, and a delay of more than a day says nothing
_LAST_YEAR = 9000  # far from where Python's calendar ends
_ZONES = 64  # pairs of zones remembered; a package names one or two


class Shift(NamedTuple):
    """By how many minutes the host's clocks are ahead of a schedule's, and in which months (bits) that is so."""

    minutes: int
    months: int


HOST_TIME = (Shift(0, ALL_MONTHS),)


class Nights:
    """The minutes of a window, on each day of the week."""

    def __init__(self, window: Window) -> None:
        self._start = window.start.value
        self._on = [0] * len(_WEEK)
        whole = ((1 << window.minutes) - 1) << self._start
        for weekday in {_WEEKDAYS[day.value] for day in window.days} or _WEEK:
            self._on[weekday] |= whole & _DAY
            self._on[(weekday + 1) % len(_WEEK)] |= whole >> DAY_MINUTES  # it may run past midnight

    def met_by(self, schedule: Schedule, shifts: Iterable[Shift] = HOST_TIME, delay: int = 0) -> int:
        """The minutes of the host's day, as bits, at which it may start in the window.

        `delay` is by how many minutes a start may come later.
        """
        if not ever_starts(schedule):
            return 0
        starts = sum(schedule.minutes << hour * 60 for hour in members(schedule.hours))
        # A day of the month falls on every weekday sooner or later.
        weekdays = [day for day in _WEEK if schedule.either_day or schedule.weekdays >> day & 1]
        met = 0
        for shift in shifts:
            if schedule.months & shift.months:
                met |= self._met(starts, weekdays, shift.minutes, delay)
        return met

    def met_at(self, start: datetime, delay: int = 0) -> int:
        """The same for one start, in the host's time."""
        return self._met(1 << start.hour * 60 + start.minute, [start.isoweekday() % len(_WEEK)], 0, delay)

    def in_order(self, minutes: int) -> tuple[int, ...]:
        """Minutes of the day, the window's first ones first."""
        return tuple(sorted(members(minutes), key=lambda minute: (minute - self._start) % DAY_MINUTES))

    def _met(self, starts: int, weekdays: Iterable[int], ahead: int, delay: int) -> int:
        spread = _smeared(starts, min(delay, DAY_MINUTES)) << _BEFORE * DAY_MINUTES + ahead
        met = 0
        for part in range(_SPREAD):
            minutes = spread >> part * DAY_MINUTES & _DAY
            for weekday in weekdays if minutes else ():
                met |= minutes & self._on[(weekday + part - _BEFORE) % len(_WEEK)]
        return met


def _smeared(starts: int, delay: int) -> int:
    """Every minute from a start to so many later."""
    done = 1
    while done <= delay:
        step = min(done, delay + 1 - done)
        starts |= starts << step
        done += step
    return starts


def meets_any(schedule: Schedule) -> bool:
    """Whether it starts in every hour of every day, so that no window can be chosen that it would not meet."""
    every = (ALL_HOURS, ALL_MONTHS, ALL_WEEKDAYS)
    return (schedule.hours, schedule.months, schedule.weekdays) == every and schedule.days == ALL_DAYS


@lru_cache(_ZONES)
def shifts(zone: str, host_zone: str, year: int) -> tuple[Shift, ...]:
    """How far the host's clocks are ahead of those of a zone during a year; of a zone that nobody knows, as of UTC."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # hardly any job names a zone

    home = ZoneInfo(host_zone)
    try:
        away = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown, not a name, or the name of a directory
        away = ZoneInfo("UTC")
    months: dict[int, int] = {}
    noon = datetime(min(year, _LAST_YEAR), 1, 1, 12, tzinfo=UTC)
    for _ in range(366):
        there = noon.astimezone(away)
        apart = (noon.astimezone(home).utcoffset() or timedelta()) - (there.utcoffset() or timedelta())
        minutes = apart // timedelta(minutes=1)
        months[minutes] = months.get(minutes, 0) | 1 << there.month
        noon += timedelta(days=1)
    return tuple(Shift(minutes, months[minutes]) for minutes in sorted(months))
