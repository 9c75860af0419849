"""Which starts of a schedule fall into a maintenance window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.model import Span
from pkgscan.profile.model import Stated, Window
from pkgscan.reason.calendar import next_runs, parse
from pkgscan.reason.window import HOST_TIME, Nights, Shift, meets_any, shifts

PLACE = Span("p.toml", 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def window(start: str, end: str, *days: str) -> Window:
    minutes = [Stated(int(text[:2]) * 60 + int(text[3:]), PLACE) for text in (start, end)]
    return Window(start=minutes[0], end=minutes[1], span=PLACE, days=tuple(Stated(day, PLACE) for day in days))


def met(expression: str, chosen: Window, ahead: tuple[Shift, ...] = HOST_TIME, delay: int = 0) -> tuple[int, ...]:
    nights = Nights(chosen)
    return nights.in_order(nights.met_by(parse(expression), ahead, delay))


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
    found = met(expression, window("02:00", "03:30", "sat"))
    assert [f"{minute // 60:02}:{minute % 60:02}" for minute in found] == expected


def test_the_hours_after_midnight_belong_to_the_night_before() -> None:
    night = window("23:00", "01:00", "sat")
    assert met("30 0 * * 0", night) == (30,)
    assert met("30 0 * * 6", night) == ()


def test_the_first_of_the_window_comes_first() -> None:
    assert met("15 1,23 * * *", window("23:00", "01:30")) == (23 * 60 + 15, 75)


def test_a_zone_of_its_own() -> None:
    night = window("23:00", "00:00", "mon")
    ahead = shifts("America/New_York", "Europe/Berlin", 2026)
    # In March the clocks of New York change weeks before those of Berlin, in autumn a week after them.
    assert [shift.minutes for shift in ahead] == [300, 360]
    assert met("30 17 * * 1", night, ahead) == (23 * 60 + 30,)
    assert met("30 18 * * 1", night, ahead) == (23 * 60 + 30,)
    assert met("30 18 * 1 1", night, ahead) == ()
    assert met("30 19 * * 1", night, ahead) == ()


@pytest.mark.parametrize("now", [2024, 2026, 9999])
def test_how_far_zones_are_apart_hangs_on_no_date(now: int) -> None:
    assert [shift.minutes for shift in shifts("UTC", "Europe/Berlin", now)] == [60, 120]
    assert met("45 23,9,10,11,12,13 * * *", window("00:30", "01:15"), shifts("UTC", "Europe/Berlin", now)) == (45,)


def test_an_unknown_zone_is_utc() -> None:
    assert shifts("Mars/X", "Europe/Berlin", 2026) == shifts("UTC", "Europe/Berlin", 2026)
    assert shifts("../../etc/passwd", "Asia/Kolkata", 2026) == (Shift(330, HOST_TIME[0].months),)


@pytest.mark.parametrize(("zone", "home"), [("Pacific/Kiritimati", "Etc/GMT+12"), ("Etc/GMT+12", "Pacific/Kiritimati")])
def test_zones_on_both_sides_of_the_date_line(zone: str, home: str) -> None:
    """Monday 12:00 there is 26 hours off here."""
    day = "sun" if zone.startswith("Pacific") else "tue"
    hour = 10 if day == "sun" else 14
    night = window("00:00", "00:00", day)
    assert met("0 12 * * 1", night, shifts(zone, home, 2026)) == (hour * 60,)


def test_what_may_come_later() -> None:
    night = window("23:00", "01:00")
    assert met("30 22 * * *", night, delay=29) == ()
    assert met("30 22 * * *", night, delay=31) == (23 * 60, 23 * 60 + 1)
    assert len(met("0 12 * * *", night, delay=10_000)) == 120


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("*/5 * * * *", True), ("7 * * * *", True), ("*/5 * * * 6", False), ("0 * 1 1 *", False), ("0 */2 * * *", False)],
)
def test_what_meets_any_window(expression: str, expected: bool) -> None:  # noqa: FBT001
    assert meets_any(parse(expression)) is expected


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
    assert set(met(expression, found)) == seen
