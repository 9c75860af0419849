"""Which starts of a schedule fall into a maintenance window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.model import Span
from pkgscan.profile.model import Stated, Window
from pkgscan.reason.calendar import next_runs, parse
from pkgscan.reason.window import starts_in, starts_in_from

PLACE = Span("p.toml", 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def window(start: str, end: str, *days: str) -> Window:
    minutes = [Stated(int(text[:2]) * 60 + int(text[3:]), PLACE) for text in (start, end)]
    return Window(start=minutes[0], end=minutes[1], span=PLACE, days=tuple(Stated(day, PLACE) for day in days))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 3 * * *", ["03:00"]),
        ("59 1 * * *", []),
        ("0 2 * * 6", ["02:00"]),
        ("30 3 * * *", []),
        ("*/30 * * * *", ["02:00", "02:30", "03:00"]),
        ("0 3 * * 1-5", []),
        ("0 3 15 * *", ["03:00"]),
        ("0 3 15 * 1", ["03:00"]),  # either day: the fifteenth may be a saturday
        ("0 3 31 2 *", []),
        ("@reboot", []),
        ("@daily", []),
    ],
)
def test_starts_of_a_saturday_night(expression: str, expected: list[str]) -> None:
    found = starts_in(parse(expression), window("02:00", "03:30", "sat"))
    assert [f"{minute // 60:02}:{minute % 60:02}" for minute in found] == expected


def test_the_hours_after_midnight_belong_to_the_night_before() -> None:
    night = window("23:00", "01:00", "sat")
    assert starts_in(parse("30 0 * * 0"), night) == (30,)
    assert starts_in(parse("30 0 * * 6"), night) == ()


def test_a_zone_of_its_own() -> None:
    night = window("23:00", "00:00", "mon")
    assert starts_in_from(parse("30 17 * * 1"), night, "America/New_York", NOW, "Europe/Berlin") == (23 * 60 + 30,)
    # In March the clocks of New York change weeks before those of Berlin.
    assert starts_in_from(parse("30 18 * * 1"), night, "America/New_York", NOW, "Europe/Berlin") == (23 * 60 + 30,)
    assert starts_in_from(parse("30 19 * * 1"), night, "America/New_York", NOW, "Europe/Berlin") == ()


times = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(
    times,
    times,
    st.sets(st.sampled_from(DAYS), max_size=3),
    st.builds("{} {} * * {}".format, st.sampled_from(["0", "*/20", "59"]), st.sampled_from(["*", "3", "0,23"]),
              st.sampled_from(["*", "0", "1-3", "6"])),
)  # fmt: skip
def test_it_is_what_a_calendar_shows(start: str, end: str, days: set[str], expression: str) -> None:
    found, chosen = window(start, end, *sorted(days)), parse(expression)
    seen = set()
    for date in next_runs(chosen, NOW, UTC, 24 * 3 * 14):
        begun = date.replace(hour=int(start[:2]), minute=int(start[3:]))
        begun -= timedelta(days=date < begun)
        if date < begun + timedelta(minutes=found.minutes) and (not days or DAYS[begun.weekday()] in days):
            seen.add(date.hour * 60 + date.minute)
        if date > NOW + timedelta(days=14):
            break
    assert starts_in(chosen, found) == tuple(sorted(seen))
