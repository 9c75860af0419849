"""Words never say more or less than a schedule does, and schedules are those of cronsim wherever it takes them."""

import itertools
import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError
from hypothesis import assume, given
from hypothesis import strategies as st

from pkgscan.reason.calendar import (
    ScheduleError,
    members,
    next_runs,
    oddities,
    parse,
    starts_on,
    words,
)

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DATES = [
    (month, day, weekday) for month in range(1, 13) for day in range(1, LONGEST[month - 1] + 1) for weekday in range(7)
]
NOW = datetime(2026, 11, 23, 12, 34, tzinfo=UTC)


def field(low, high):
    number = st.integers(low, high)
    pair = st.tuples(number, number)
    step = st.integers(1, high + 2)
    item = st.one_of(
        st.just("*"),
        number.map(str),
        pair.map(lambda ends: f"{min(ends)}-{max(ends)}"),
        pair.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        step.map(lambda by: f"*/{by}"),
        st.tuples(pair, step).map(lambda found: f"{min(found[0])}-{max(found[0])}/{found[1]}"),
    )
    return st.one_of(st.just("*"), item, st.lists(item, min_size=1, max_size=4).map(",".join))


expressions = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join)


def numbers(text):
    """0 to 4, 7 and 9."""
    found = set()
    for part in re.split(r", | and ", text):
        first, _, last = part.partition(" to ")
        found.update(range(int(first), int(last or first) + 1))
    return found


def stepped(text, what):
    """Every 7th minute from 0 to 56, or what `numbers` reads."""
    every = re.fullmatch(rf"every (\d+)\w\w {what} from (\d+) to (\d+)", text)
    if every:
        step, first, last = map(int, every.groups())
        return set(range(first, last + 1, step))
    plain = text.removeprefix(f"the {what}s ").removeprefix(f"{what}s ")
    return set(range(24)) if plain == "every hour" else numbers(plain)


def between(step, first, last):
    """Every `step` minutes from one clock time to another, hour by hour."""
    (hour, minute), (last_hour, last_minute) = clock(first), clock(last)
    return {(h, m) for h in range(hour, last_hour + 1) for m in range(minute, last_minute + 1, step)}


def clock(text):
    hour, minute = text.split(":")
    return int(hour), int(minute)


def product(hours, minutes):
    return set(itertools.product(hours, minutes))


FREQUENCIES = {
    r"every minute": lambda: product(range(24), range(60)),
    r"every minute from (\d\d):00 to (\d\d):59": lambda a, b: product(range(int(a), int(b) + 1), range(60)),
    r"every minute of (.+?)": lambda hours: product(stepped(hours, "hour"), range(60)),
    r"every (\d+) minutes(?: from 00:(\d\d))?": lambda n, a: product(range(24), range(int(a or 0), 60, int(n))),
    r"every (\d+) minutes from (\d\d:\d\d) to (\d\d:\d\d)": lambda n, a, b: between(int(n), a, b),
    r"every (\d+) minutes(?: from :(\d\d))? of (.+?)": lambda n, a, hours: product(
        stepped(hours, "hour"), range(int(a or 0), 60, int(n))
    ),
    r"every hour at (:\d\d(?:(?:, | and ):\d\d)*)": lambda at: product(range(24), map(int, re.findall(r"\d\d", at))),
    r"every hour from (\d\d):(\d\d) to (\d\d):\2": lambda a, m, b: product(range(int(a), int(b) + 1), [int(m)]),
    r"every (\d+) hours from (\d\d):(\d\d)(?: to (\d\d):\3)?": lambda n, a, m, b: product(
        range(int(a), int(b or 23) + 1, int(n)), [int(m)]
    ),
    r"at (minutes .+|every \d+\w\w minute .+) of (every hour|the hours .+?|every \d+\w\w hour .+?)": lambda some, of: (
        product(stepped(of, "hour"), stepped(some, "minute"))
    ),
}
DAYS = r"every day.*|every [A-Z].*|on .*|in .*"
CLOCKS = r"\d\d:\d\d(?:(?:, | and )\d\d:\d\d)*"


def understand(text):
    """(times of day, whether a date fits) of some words, worked out from the words alone."""
    found = re.fullmatch(rf"({DAYS}) at (\d\d:\d\d)", text)
    if found:
        return {clock(found[2])}, days(found[1])
    found = re.fullmatch(rf"at ({CLOCKS}) ({DAYS})", text)
    if found:
        return {clock(time) for time in re.findall(r"\d\d:\d\d", found[1])}, days(found[2])
    for pattern, times in FREQUENCIES.items():
        found = re.fullmatch(rf"{pattern}(?P<days>, (?:{DAYS}))?", text)
        if found:
            groups = found.groups()[:-1]
            return times(*groups), days((found["days"] or ", every day")[2:])
    raise AssertionError(text)


def days(text):
    both = re.fullmatch(r"(on .+ of .+?) and ((?:every|on) .+)", text)
    if both and re.search(r"\d", both[1]):
        one, other = of_month(both[1]), of_week(both[2])
        return lambda *date: one(*date) or other(*date)
    return of_month(text) if re.match(r"on (the \d|every \d)", text) else of_week(text)


def of_month(text):
    dates, _, rest = text.removeprefix("on ").partition(" of ")
    months, _, weekdays = rest.partition(" if that is ")
    by_step = re.fullmatch(r"every (\d+)\w\w day from the (\d+)\w\w to the (\d+)\w\w", dates)
    if by_step:
        step, first, last = map(int, by_step.groups())
        wanted = set(range(first, last + 1, step))
    else:
        wanted = numbers(re.sub(r"(\d)(st|nd|rd|th)", r"\1", dates.removeprefix("the ")))
    return lambda month, day, weekday: (
        day in wanted and month in named(months) and (not weekdays or WEEKDAYS[weekday] in weekdays)
    )


def of_week(text):
    what, _, months = (text if not text.startswith("in ") else f"every day {text}").partition(" in ")
    groups = {"on weekdays": {1, 2, 3, 4, 5}, "on weekends": {0, 6}, "every day": set(range(7))}
    wanted = groups.get(what, {number for number, name in enumerate(WEEKDAYS) if name in what})
    return lambda month, day, weekday: weekday in wanted and month in named(months or "the month")


def named(months):
    return range(1, 13) if months == "the month" else {MONTHS.index(name) + 1 for name in re.split(r", | and ", months)}


@given(expressions)
def test_words_say_exactly_what_the_schedule_does(expression):
    schedule = parse(expression)
    times = product(members(schedule.hours), members(schedule.minutes))
    dates = [date for date in DATES if starts_on(schedule, *date)]
    text = words(schedule)
    if text == "never":
        assert not (times and dates)
        return
    said_times, fits = understand(text)
    assert said_times == times, text
    assert [date for date in DATES if fits(*date)] == dates, text


@given(expressions)
def test_sets_are_those_of_cronsim_where_it_takes_the_expression(expression):
    assume(not re.search(r"\b(\d+)-\1/", expression))  # 5-5/2 is 5 to cron, and every second from 5 on to cronsim
    try:
        theirs = CronSim(expression, NOW)
    except CronSimError:
        return
    ours = parse(expression)
    assert set(members(ours.minutes)) == theirs.minutes
    assert set(members(ours.hours)) == theirs.hours
    assert set(members(ours.days)) == theirs.days
    assert set(members(ours.months)) == theirs.months
    assert set(members(ours.weekdays)) == {weekday % 7 for weekday in theirs.weekdays}
    assert ours.either_day is not theirs.day_and


@given(expressions)
def test_dates_are_those_that_the_sets_say(expression):
    schedule = parse(expression)
    runs = next_runs(schedule, NOW, UTC, 3)
    assert list(runs) == sorted(set(runs))
    for run in runs:
        assert run > NOW
        assert (run.minute in members(schedule.minutes), run.hour in members(schedule.hours)) == (True, True)
        assert starts_on(schedule, run.month, run.day, run.isoweekday() % 7)


@given(st.text(alphabet="0123456789*,-/ @abcdefjmnorstuy#L?\t\n\r\x00ü", max_size=40))
def test_any_text_is_a_schedule_or_a_schedule_error(text):
    try:
        schedule = parse(text)
    except ScheduleError:
        return
    assert words(schedule)
    assert oddities(schedule) is not None
