"""Dates of schedules: cron's through cronsim, systemd's through oncalendar; sole importer of both."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from datetime import datetime, tzinfo

from pkgscan.reason.cron_expression import (
    ALL_DAYS,
    ALL_HOURS,
    ALL_MINUTES,
    ALL_MONTHS,
    ALL_WEEKDAYS,
    NAMED,
    Schedule,
    ScheduleError,
    ever_starts,
    members,
)

CALENDAR_LIMIT = 256  # characters of a systemd calendar; real ones are under 60, and oncalendar recurses on commas
LOOK_AHEAD = (
    100_000  # starts looked through for one on a weekday that fits; a year of minutes falls short of no real one
)
EVERY_YEAR = 2199 - 1970 + 1  # years that oncalendar, like systemd, counts


def next_runs(schedule: Schedule, now: datetime, zone: str | tzinfo, count: int) -> tuple[datetime, ...]:
    """The next starts after `now`, at most `count`, in a time zone (a name or an object).

    Empty for @reboot and for what never starts. Fewer than `count` where cronsim's 50 years end. Jobs at a fixed time
    run once in the night the clocks go back, as with Debian's cron. ScheduleError for a time zone nobody knows.
    """
    from cronsim import CronSim, CronSimError  # noqa: PLC0415  # only a report with dates needs it

    if not ever_starts(schedule):
        return ()
    try:
        starts = CronSim(_canonical(schedule), _local(now, _zone(zone)))
    except CronSimError as error:
        raise ScheduleError(f"no dates: {error}") from error
    dated = _to_the_end(itertools.islice(starts, LOOK_AHEAD))
    return tuple(itertools.islice((start for start in dated if _weekday_fits(schedule, start)), count))


def _to_the_end(dates: Iterator[datetime]) -> Iterator[datetime]:
    """The dates before the year 10000, which Python's calendar does not have."""
    with contextlib.suppress(OverflowError):
        yield from dates


def _local(now: datetime, zone: tzinfo) -> datetime:
    try:
        return now.astimezone(zone)
    except OverflowError as error:
        raise ScheduleError("no dates: the time lies at the end of the calendar") from error


def _zone(zone: str | tzinfo) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # only a report with dates needs it

    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:  # unknown, not a name, or the name of a directory
        raise ScheduleError(f"unknown time zone {zone}") from error


def _canonical(schedule: Schedule) -> str:
    """The same schedule in the plainest form: cronsim gives `5#2` and `L` another meaning, and refuses what cron takes.

    A leading `*` of minute and hour stays, because it decides what happens when the clocks change.
    """
    wild = (NAMED.get(schedule.expression) or schedule.expression).split()
    wild_minute, wild_hour = (text.startswith("*") for text in wild[:2]) if len(wild) > 1 else (False, False)
    minutes = _list(schedule.minutes, ALL_MINUTES, wild=wild_minute)
    hours = _list(schedule.hours, ALL_HOURS, wild=wild_hour)
    days, weekdays = _day_fields(schedule)
    return f"{minutes} {hours} {days} {_list(schedule.months, ALL_MONTHS)} {weekdays}"


def _day_fields(schedule: Schedule) -> tuple[str, str]:
    """The two day fields; cronsim wants both to fit where one of them begins with `*`, as Debian's cron does."""
    days, weekdays = _list(schedule.days, ALL_DAYS), _list(schedule.weekdays, ALL_WEEKDAYS)
    if not schedule.either_day:
        return days, (weekdays if days == "*" else "*")  # the weekdays of the others are looked at afterwards
    if "*" in {days, weekdays}:
        return "*", "*"
    return days or "*", weekdays or "*"


def _list(bits: int, everything: int, *, wild: bool = False) -> str:
    if bits == everything:
        return "*"
    values = members(bits)
    step = values[1] - values[0] if len(values) > 1 else 0
    if wild and step and values == tuple(range(values[0], everything.bit_length(), step)) and values[0] == 0:
        return f"*/{step}"
    return ",".join(str(value) for value in values)


def _weekday_fits(schedule: Schedule, start: datetime) -> bool:
    return schedule.either_day or bool(schedule.weekdays >> start.isoweekday() % 7 & 1)


def calendar_schedule(on_calendar: str) -> tuple[Schedule, str] | None:
    """A systemd calendar as a schedule and its time zone ("" for the host's own).

    None where it says more than a schedule can: seconds, years, days counted from the end of the month. ScheduleError
    where systemd refuses it.
    """
    from oncalendar import BaseIterator, OnCalendarError  # noqa: PLC0415  # only timers need it

    expression, zone = _split_zone(on_calendar)
    try:
        parts = BaseIterator(expression, datetime(2000, 1, 1))  # noqa: DTZ001  # only its sets are looked at
    except (OnCalendarError, ValueError) as error:
        raise ScheduleError(_why(error)) from error
    if parts.seconds != {0} or len(parts.years) != EVERY_YEAR or parts.any_reverse_day:
        return None
    return _of_sets(on_calendar, parts.minutes, parts.hours, parts.days, parts.months, parts.weekdays), zone


def _of_sets(  # noqa: PLR0913, PLR0917  # the parts of a calendar
    expression: str, minutes: set[int], hours: set[int], days: set[int], months: set[int], weekdays: set[int]
) -> Schedule:
    return Schedule(
        expression=expression,
        minutes=_bits(minutes),
        hours=_bits(hours),
        days=_bits(days),
        months=_bits(months),
        weekdays=_bits({(weekday + 1) % 7 for weekday in weekdays}),  # theirs begin with Monday
    )


def next_calendar_runs(on_calendar: str, now: datetime, zone: str | tzinfo, count: int) -> tuple[datetime, ...]:
    """The next times of a systemd calendar after `now`, at most `count`, in a time zone; ScheduleError if refused.

    A zone within the expression decides when; the answers are still in `zone`.
    """
    from oncalendar import BaseIterator, OnCalendarError  # noqa: PLC0415  # only timers need it

    expression, own_zone = _split_zone(on_calendar)
    local = _zone(zone)
    try:
        times = BaseIterator(expression, _local(now, _zone(own_zone) if own_zone else local))
        return tuple(_local(time, local) for time in itertools.islice(_to_the_end(times), count))
    except (OnCalendarError, ValueError) as error:
        raise ScheduleError(_why(error)) from error


def _split_zone(on_calendar: str) -> tuple[str, str]:
    if len(on_calendar) > CALENDAR_LIMIT:
        raise ScheduleError("too long for a calendar")
    head, _, last = on_calendar.strip().rpartition(" ")
    if not head or not last[0].isalpha():
        return on_calendar.strip(), ""
    try:
        _zone(last)
    except ScheduleError:  # then it is a weekday or a mistake, which the calendar's own reader tells apart
        return on_calendar.strip(), ""
    return head.strip(), last


def _why(error: Exception) -> str:
    return str(error).lower() or "not a calendar"


def _bits(numbers: set[int]) -> int:
    return sum(1 << number for number in numbers)
