"""What cron accepts without a word, but surely was not meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from pkgscan.reason.cron_expression import (
    ALL_DAYS,
    ALL_HOURS,
    ALL_MINUTES,
    ALL_WEEKDAYS,
    Field,
    Range,
    Schedule,
    ever_starts,
)

OddityKind = Literal["never", "reversed-range", "large-step", "ignored-text", "either-day", "both-days", "every-minute"]


class Oddity(msgspec.Struct, frozen=True):
    """One thing that is odd about a schedule; `why` is a phrase that names the text and what cron makes of it."""

    kind: OddityKind
    why: str


def oddities(schedule: Schedule) -> tuple[Oddity, ...]:
    """Everything odd about a schedule as it is written, worst first; nothing for @names."""
    if not schedule.fields:
        return ()
    by_field = [oddity for field in schedule.fields for oddity in _of_field(field)]
    return (*_never(schedule), *by_field, *_of_days(schedule), *_every_minute(schedule))


def _never(schedule: Schedule) -> Iterator[Oddity]:
    if not ever_starts(schedule) and all(field.bits for field in schedule.fields):
        day, month = schedule.fields[2].text, schedule.fields[3].text
        yield Oddity("never", f"day {day} of month {month} is on no calendar, so it never starts")


def _of_field(field: Field) -> Iterator[Oddity]:
    name = field.kind.name
    for item in field.ranges:
        if item.first > item.last:
            effect = "so it never starts" if not field.bits else "which cron skips"
            yield Oddity("reversed-range", f"{name} {field.text} runs backwards, {effect}")
        elif item.step > 1 and item.first < item.last and len(item.values()) == 1:
            yield Oddity("large-step", _large_step(field, item))
    if field.ignored:
        yield Oddity("ignored-text", f"cron skips {field.ignored} in {name} {field.text}")


def _large_step(field: Field, item: Range) -> str:
    name, reach = field.kind.name, item.last - item.first
    return (
        f"{name} {field.text} steps by {item.step} over a range of {reach + 1}, so it means {name} {item.first} alone"
    )


def _of_days(schedule: Schedule) -> Iterator[Oddity]:
    day, weekday = schedule.fields[2], schedule.fields[4]
    restricted = bool(schedule.days and schedule.weekdays)
    if not restricted or schedule.days == ALL_DAYS or schedule.weekdays == ALL_WEEKDAYS:
        return
    both = f"day-of-month {day.text} and day-of-week {weekday.text}"
    if schedule.either_day:
        yield Oddity("either-day", f"{both} are both set, and cron starts it when either fits")
    else:
        yield Oddity("both-days", f"{both} are both set, and some crons want both to fit, some either")


def _every_minute(schedule: Schedule) -> Iterator[Oddity]:
    hour = schedule.fields[1]
    stepped = any(item.step > 1 for item in hour.ranges) and schedule.hours != ALL_HOURS
    if schedule.minutes == ALL_MINUTES and (schedule.hours.bit_count() == 1 or stepped):
        together = f"minute {schedule.fields[0].text} with hour {hour.text}"
        yield Oddity("every-minute", f"{together} starts it 60 times in each hour that fits")
