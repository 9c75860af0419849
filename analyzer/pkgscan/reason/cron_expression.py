"""Cron's five time fields as sets of bits, accepted and refused exactly as Debian's cron does.

The grammar is that of `entry.c` in Debian's cron 3.0pl1 (get_list, get_range, get_number), its oddities included:

1. A field is a list of ranges, each `*`, a number or name, or two of them with `-`; the first and the last of these may
   carry `/step`. Whatever follows the last range up to the next blank is skipped without a word: `5#2` is 5.
2. A range that ends before it begins is accepted and sets nothing; a step beyond the end of one sets its first value.
3. A field that begins with `*` counts as unrestricted when the two day fields are joined, even if a step restricts it.
"""

from __future__ import annotations

import msgspec

ALNUM = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = frozenset("0123456789")
WORD_LIMIT = 999  # characters of one number or name that entry.c has room for (MAX_TEMPSTR less one)
LONG_DIGITS = 19  # more digits than a 64-bit long holds: strtol answers its largest value
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# What cron.h's load_entry sets for each @name; @reboot has no time.
NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
REBOOT = "@reboot"


class ScheduleError(ValueError):
    """An expression that cron or systemd refuses; `why` says so in their own terms: `bad hour`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class FieldKind(msgspec.Struct, frozen=True):
    """One of the five fields: its name in cron's messages, its least and greatest value, and its names."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS = (
    FieldKind("minute", 0, 59),
    FieldKind("hour", 0, 23),
    FieldKind("day-of-month", 1, 31),
    FieldKind("month", 1, 12, MONTHS),
    FieldKind("day-of-week", 0, 7, WEEKDAYS),
)


class Range(msgspec.Struct, frozen=True):
    """One item of a field's list: from `first` to `last`, every `step`; `star` if written `*`."""

    first: int
    last: int
    step: int = 1
    star: bool = False

    def values(self) -> range:
        """What it sets; nothing if it is reversed."""
        return range(self.first, self.last + 1, self.step)


class Field(msgspec.Struct, frozen=True):
    """One field as cron reads it. `ignored` is text after the last range, which cron skips."""

    kind: FieldKind
    text: str
    ranges: tuple[Range, ...]
    ignored: str = ""

    @property
    def star(self) -> bool:
        """Whether it begins with `*`, which decides how the day fields are joined."""
        return self.text.startswith("*")

    @property
    def bits(self) -> int:
        """Bit n is set when the field holds n."""
        bits = 0
        for item in self.ranges:
            for value in item.values():
                bits |= 1 << value
        return bits


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a job starts. Bit n of `minutes`, `hours`, `days`, `months`, `weekdays` (Sunday is 0) stands for n.

    `either_day`: it starts when the day of the month or the weekday fits; otherwise both must fit.
    `reboot`: it starts with the system, at no time; all sets are empty then. `fields` is what was written, empty for an
    @name and for a systemd calendar.
    """

    expression: str
    minutes: int = 0
    hours: int = 0
    days: int = 0
    months: int = 0
    weekdays: int = 0
    either_day: bool = False
    reboot: bool = False
    fields: tuple[Field, ...] = ()


ALL_MINUTES = (1 << 60) - 1
ALL_HOURS = (1 << 24) - 1
ALL_DAYS = (1 << 32) - 2
ALL_MONTHS = (1 << 13) - 2
ALL_WEEKDAYS = (1 << 7) - 1
LONGEST = {month: 29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31 for month in range(1, 13)}  # noqa: PLR2004


def members(bits: int) -> tuple[int, ...]:
    """The numbers of a set of bits, ascending."""
    return tuple(number for number in range(bits.bit_length()) if bits >> number & 1)


def ever_starts(schedule: Schedule) -> bool:
    """Whether some date of the calendar fits; 31 February does not. False for @reboot, which has no date."""
    if not (schedule.minutes and schedule.hours):
        return False
    dated = any(
        schedule.days & ((1 << LONGEST[month] + 1) - 1)  # a set without a day that this month has is empty
        for month in members(schedule.months)
    )
    if schedule.either_day:
        return dated or bool(schedule.months and schedule.weekdays)
    return dated and bool(schedule.weekdays)


def parse(expression: str) -> Schedule:
    """The schedule of five fields or an @name; ScheduleError with cron's own message where Debian's cron refuses it."""
    if expression.lstrip(" \t").startswith("@"):
        return _named(expression.strip(" \t"))
    texts = [text for text in expression.replace("\t", " ").split(" ") if text]
    fields = tuple(parse_field(kind, text) for kind, text in zip(FIELDS, texts, strict=False))
    if len(fields) < len(FIELDS):
        raise ScheduleError(f"bad {FIELDS[len(fields)].name}")
    if len(texts) > len(FIELDS):
        raise ScheduleError("bad command")
    return of_fields(" ".join(texts), fields)


def of_fields(expression: str, fields: tuple[Field, ...]) -> Schedule:
    """The schedule of five fields already read."""
    minute, hour, day, month, weekday = fields
    weekdays = weekday.bits
    return Schedule(
        expression=expression,
        minutes=minute.bits,
        hours=hour.bits,
        days=day.bits,
        months=month.bits,
        weekdays=(weekdays | weekdays >> 7) & ALL_WEEKDAYS,  # 7 is Sunday too
        either_day=not (day.star or weekday.star),
        fields=fields,
    )


def _named(name: str) -> Schedule:
    if name == REBOOT:
        return Schedule(expression=name, reboot=True)
    if name not in NAMED:
        raise ScheduleError("bad time specifier")
    return msgspec.structs.replace(parse(NAMED[name]), expression=name, fields=())


def parse_field(kind: FieldKind, text: str) -> Field:
    """One field of an expression, without blanks; ScheduleError where cron refuses it."""
    ranges: list[Range] = []
    at, more = 0, True
    while more:
        item, at = _range(kind, text, at)
        ranges.append(item)
        more = text[at : at + 1] == ","
        at += more
    return Field(kind, text, tuple(ranges), text[at:])


def _range(kind: FieldKind, text: str, at: int) -> tuple[Range, int]:
    star = text[at : at + 1] == "*"
    if star:
        first, last, at = kind.low, kind.high, at + 1
    else:
        first, at = _number(kind, text, at, kind.names)
        if text[at : at + 1] != "-":
            if text[at : at + 1] == "/":
                raise ScheduleError(f"bad {kind.name}")
            return _checked(kind, Range(first, first)), at
        last, at = _number(kind, text, at + 1, kind.names)
    step = 1
    if text[at : at + 1] == "/":
        step, at = _number(kind, text, at + 1, ())
    return _checked(kind, Range(first, last, step, star)), at


def _checked(kind: FieldKind, item: Range) -> Range:
    inside = kind.low <= item.first <= kind.high and kind.low <= item.last <= kind.high
    if not inside or item.step <= 0:
        raise ScheduleError(f"bad {kind.name}")
    return item


def _number(kind: FieldKind, text: str, at: int, names: tuple[str, ...]) -> tuple[int, int]:
    end = at
    while end < len(text) and text[end] in ALNUM:
        end += 1
    word = text[at:end].lower()
    if word in names:
        return names.index(word) + kind.low, end
    if not word or len(word) > WORD_LIMIT or not DIGITS.issuperset(word):
        raise ScheduleError(f"bad {kind.name}")
    return _atoi(word), end


def _atoi(digits: str) -> int:
    # atoi() of glibc: the lower half of a long that stops at its largest value.
    digits = digits.lstrip("0") or "0"
    number = int(digits) if len(digits) <= LONG_DIGITS else 1 << 63
    number = min(number, (1 << 63) - 1) & 0xFFFFFFFF
    return number - (1 << 32) if number >= 1 << 31 else number


def starts_on(schedule: Schedule, month: int, day: int, weekday: int) -> bool:
    """Whether it starts on a date; `weekday` counts from Sunday = 0."""
    by_day, by_weekday = schedule.days >> day & 1, schedule.weekdays >> weekday & 1
    fits = by_day | by_weekday if schedule.either_day else by_day & by_weekday
    return bool(schedule.months >> month & fits)
