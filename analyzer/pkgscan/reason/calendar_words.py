"""A schedule in words that a person can act on, and that never say more or less than the schedule does.

The words are `TIME`, `TIME, DAYS` or `DAYS at HH:MM`. Where no short form is exact, minutes and hours are listed.
"""

from __future__ import annotations

from pkgscan.reason.calendar_runs import calendar_schedule
from pkgscan.reason.cron_expression import (
    ALL_DAYS,
    ALL_MONTHS,
    ALL_WEEKDAYS,
    Schedule,
    ever_starts,
    members,
)

MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
WORKDAYS, WEEKEND = 0b0111110, 0b1000001
CLOCK_TIMES = 6  # more times of day than that are said by their minutes and hours
LISTED_MINUTES = 4  # the same for minutes of every hour
PROGRESSION = 3  # fewer steps are plainer as a list
LISTED_STEPS = 5  # more values than that, all equally far apart, are said by their step
RUN = 3  # neighbours that are said as a range
HOUR, DAY = 60, 24


def words(schedule: Schedule) -> str:
    """When it starts, in words: "every day at 03:00", "every 15 minutes, on weekdays", "when the system starts"."""
    if schedule.reboot:
        return "when the system starts"
    if not ever_starts(schedule):
        return "never"
    often = _often(members(schedule.minutes), members(schedule.hours))
    if often:
        days = _days(schedule, each=False)
        return f"{often}, {days}" if days else often
    days = _days(schedule, each=True) or "every day"
    times = [f"{hour:02}:{minute:02}" for hour in members(schedule.hours) for minute in members(schedule.minutes)]
    return f"{days} at {times[0]}" if len(times) == 1 else f"at {_and(times)} {days}"


def calendar_words(on_calendar: str) -> str:
    """A systemd calendar in words; where words would not be exact, the calendar itself: `at *-*-* 03:00:30`.

    ScheduleError where systemd refuses it.
    """
    found = calendar_schedule(on_calendar)
    if found is None:
        return f"at {' '.join(on_calendar.split())}"
    schedule, zone = found
    return f"{words(schedule)} ({zone})" if zone else words(schedule)


def _often(minutes: tuple[int, ...], hours: tuple[int, ...]) -> str:
    """The times of a day as a frequency; empty where the times themselves are plainer."""
    if len(minutes) == HOUR:
        return _every_minute(hours)
    even = _even(minutes, HOUR)
    if even:
        return f"every {even} minutes{_even_reach(minutes, hours)}"
    if len(hours) == DAY and len(minutes) <= LISTED_MINUTES:
        return f"every hour at {_and([f':{minute:02}' for minute in minutes])}"
    if len(minutes) == 1 and _step(hours):
        return _every_hours(minutes[0], hours)
    if len(minutes) * len(hours) <= CLOCK_TIMES:
        return ""
    of_hours = "every hour" if len(hours) == DAY else _hours(hours)
    return f"at {_stepped(minutes, 'minute') or f'minutes {_list(minutes)}'} of {of_hours}"


def _even_reach(minutes: tuple[int, ...], hours: tuple[int, ...]) -> str:
    if len(hours) == DAY:
        return f" from 00:{minutes[0]:02}" if minutes[0] else ""
    if len(hours) == 1 or _step(hours) == 1:
        return f" from {hours[0]:02}:{minutes[0]:02} to {hours[-1]:02}:{minutes[-1]:02}"
    return f"{f' from :{minutes[0]:02}' if minutes[0] else ''} of {_hours(hours)}"


def _every_minute(hours: tuple[int, ...]) -> str:
    if len(hours) == DAY:
        return "every minute"
    if len(hours) == 1 or _step(hours) == 1:
        return f"every minute from {hours[0]:02}:00 to {hours[-1]:02}:59"
    return f"every minute of {_hours(hours)}"


def _every_hours(minute: int, hours: tuple[int, ...]) -> str:
    step = _step(hours)
    every = "every hour" if step == 1 else f"every {step} hours"
    until = "" if _even(hours, DAY) else f" to {hours[-1]:02}:{minute:02}"
    return f"{every} from {hours[0]:02}:{minute:02}{until}"


def _hours(hours: tuple[int, ...]) -> str:
    return _stepped(hours, "hour") or f"the hours {_list(hours)}"


def _stepped(values: tuple[int, ...], what: str) -> str:
    """`every 7th minute from 0 to 56`; empty where a list is plainer."""
    step = _step(values) if len(values) > LISTED_STEPS else 0
    return f"every {_ordinal(step)} {what} from {values[0]} to {values[-1]}" if step > 1 else ""


def _step(values: tuple[int, ...]) -> int:
    """The distance of values that are all equally far apart; 0 if they are not, or too few to say so."""
    step = values[1] - values[0] if len(values) >= PROGRESSION else 0
    return step if step and values == tuple(range(values[0], values[-1] + 1, step)) else 0


def _even(values: tuple[int, ...], whole: int) -> int:
    """The distance of values that go round the hour or the day without a break, else 0."""
    step = values[1] - values[0] if len(values) > 1 else 0
    return step if step > 1 and whole % step == 0 and values == tuple(range(values[0] % step, whole, step)) else 0


def _days(schedule: Schedule, *, each: bool) -> str:
    """The dates, or nothing if it is every day; `each`: "every Sunday", before a time of day, else "on Sundays"."""
    all_days, all_weekdays = schedule.days == ALL_DAYS, schedule.weekdays == ALL_WEEKDAYS
    if (all_days or all_weekdays) if schedule.either_day else (all_days and all_weekdays):
        in_months = _in_months(schedule.months).strip()
        return f"every day {in_months}" if each and in_months else in_months
    if schedule.either_day:
        return " and ".join(part for part in (_dates(schedule), _weekdays(schedule, each=each)) if part)
    if all_days:
        return _weekdays(schedule, each=each)
    return _dates(schedule) if all_weekdays else f"{_dates(schedule)} if that is {_weekday_choice(schedule.weekdays)}"


def _in_months(bits: int) -> str:
    return "" if bits == ALL_MONTHS else f" in {_month_names(bits)}"


def _month_names(bits: int) -> str:
    return _and([MONTHS[month] for month in members(bits)])


def _dates(schedule: Schedule) -> str:
    months = "the month" if schedule.months == ALL_MONTHS else _month_names(schedule.months)
    return f"on {_ordinals(members(schedule.days))} of {months}" if schedule.days else ""


def _weekdays(schedule: Schedule, *, each: bool) -> str:
    months = _in_months(schedule.months)
    if schedule.weekdays in {WORKDAYS, WEEKEND}:
        return ("on weekdays" if schedule.weekdays == WORKDAYS else "on weekends") + months
    names = [WEEKDAYS[weekday] for weekday in members(schedule.weekdays)]
    if not names:
        return ""
    return f"every {_and(names)}{months}" if each else f"on {_and([name + 's' for name in names])}{months}"


def _weekday_choice(bits: int) -> str:
    return "a " + _join([WEEKDAYS[weekday] for weekday in members(bits)], "or")


def _ordinals(days: tuple[int, ...]) -> str:
    step = _step(days) if len(days) > LISTED_STEPS else 0
    if step > 1:
        return f"every {_ordinal(step)} day from the {_ordinal(days[0])} to the {_ordinal(days[-1])}"
    return "the " + _and([" to ".join(_ordinal(day) for day in part) for part in _runs(days)])


def _ordinal(number: int) -> str:
    teen = number // 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _list(values: tuple[int, ...]) -> str:
    return _and([" to ".join(str(value) for value in part) for part in _runs(values)])


def _runs(values: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Neighbouring values as (first, last); those that stand alone, or in pairs, as (value,)."""
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][-1] == value - 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    parts: list[tuple[int, ...]] = []
    for run in runs:
        parts.extend([(run[0], run[-1])] if len(run) >= RUN else [(value,) for value in run])
    return parts


def _and(items: list[str]) -> str:
    return _join(items, "and")


def _join(items: list[str], word: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"
