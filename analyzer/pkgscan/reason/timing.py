"""When jobs and timers start, in words, whatever their dialect."""

from __future__ import annotations

import re

from pkgscan.facts.systemd import UnitTimer
from pkgscan.reason.calendar import ScheduleError, calendar_words, parse, words

# What each monotonic directive of systemd.timer(5) counts from.
MONOTONIC = {
    "OnActiveSec": "after the timer starts",
    "OnBootSec": "after boot",
    "OnStartupSec": "after systemd starts",
    "OnUnitActiveSec": "after each start",
    "OnUnitInactiveSec": "after each end",
}
MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60  # seconds
SPAN_PART = re.compile(r"([0-9]{1,12})\s*([a-zA-Z]*)")
# Units of systemd.time(7) that matter to a calendar; a number without one counts seconds.
SECONDS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * DAY),
}
NUMBER = re.compile(r"[0-9]{1,12}")  # seconds without a unit; more digits are no time anybody waits for
NONE = re.compile(r"(?:0+\s*[a-z]*)?")


def cron_when(expression: str) -> str:
    """A cron expression in words; the expression itself where cron would refuse it."""
    try:
        return words(parse(expression))
    except ScheduleError:
        return expression


def short(when: str) -> str:
    """The same, as it reads after a noun: what runs every day is a job "at 03:00"."""
    return when.removeprefix("every day ")


def timer_when(timer: UnitTimer) -> str:
    """All a timer's times in words: its calendars, what counts from boot or from the last run, and how much later."""
    times = [_calendar(expression) for expression, _ in timer.calendars]
    times += [f"{_lapse(value)} {MONOTONIC[key]}" for key, value in timer.monotonic if key in MONOTONIC]
    delay = timer_delay(timer)
    return " and ".join(dict.fromkeys(times)) + (f", up to {delay} later" if delay else "")


def timer_delay(timer: UnitTimer) -> str:
    """By how much systemd may put off each start of a timer (RandomizedDelaySec), in words; empty if it does not."""
    text = timer.randomized_delay.strip()
    if NONE.fullmatch(text):
        return ""
    if not NUMBER.fullmatch(text):
        return text
    seconds = int(text)
    parts: list[str] = []
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", 1)):
        parts += [f"{seconds // length} {unit}"] if seconds >= length else []
        seconds %= length
    return " ".join(parts)


def minutes_late(delay: str) -> int:
    """A time span of systemd's, such as `timer_delay` gives it, in minutes, begun ones counted; 0 for what is none."""
    parts = SPAN_PART.findall(delay)
    seconds = sum(int(number) * SECONDS[unit] for number, unit in parts if unit in SECONDS)
    return -(-seconds // MINUTE)


def _lapse(value: str) -> str:
    """A time span; a bare number counts seconds, systemd.time(7)."""
    return f"{value}s" if value.isdecimal() else value


def _calendar(expression: str) -> str:
    try:
        return calendar_words(expression)
    except ScheduleError:
        return f"at {expression}"
