"""Which starts of a schedule fall into a maintenance window."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pkgscan.reason.calendar import DAY_MINUTES, Schedule, next_runs, start_minutes

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Day, Window

# As `datetime.isoweekday` counts them, Sunday as 0 as in `Schedule.weekdays`.
_WEEKDAYS: dict[Day, int] = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_WEEK = range(7)
LOOKED_AT = 400  # starts in another zone; a year of a daily job, with both changes of the clocks


class Stretch:
    """A window's minutes as offsets from its start, on each of its days."""

    def __init__(self, window: Window) -> None:
        self._start = window.start.value
        self._minutes = window.minutes
        self._days = frozenset(_WEEKDAYS[day.value] for day in window.days) or frozenset(_WEEK)

    def offset(self, minute: int, weekday: int) -> int | None:
        """How many minutes into the window a time of a day lies; None if it lies outside."""
        offset = (minute - self._start) % DAY_MINUTES
        begun = weekday if minute >= self._start else (weekday - 1) % len(_WEEK)  # it may run past midnight
        return offset if offset < self._minutes and begun in self._days else None


def starts_in(schedule: Schedule, window: Window) -> tuple[int, ...]:
    """The times of day, in minutes, at which it may start inside the window; both in the host's time."""
    stretch = Stretch(window)
    # A day of the month falls on every weekday sooner or later.
    days = [day for day in _WEEK if schedule.either_day or schedule.weekdays >> day & 1]
    return tuple(
        minute for minute in start_minutes(schedule) if any(stretch.offset(minute, day) is not None for day in days)
    )


def starts_in_from(schedule: Schedule, window: Window, zone: str, now: datetime, host_zone: str) -> tuple[int, ...]:
    """The same for a schedule of a time zone of its own: of its next starts, those that fall into the window.

    Raises ScheduleError for a zone that nobody knows.
    """
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # hardly any job names a zone

    stretch, home = Stretch(window), ZoneInfo(host_zone)
    starts = (start.astimezone(home) for start in next_runs(schedule, now, zone, LOOKED_AT))
    found = ((start.hour * 60 + start.minute, start.isoweekday() % 7) for start in starts)
    return tuple(sorted({minute for minute, day in found if stretch.offset(minute, day) is not None}))
