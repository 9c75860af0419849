"""When clocks change; the expected values are those that the tz database's own zdump -v prints."""

from __future__ import annotations

from datetime import date

import pytest

from pkgscan.reason.daylight import Change, changes


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", [(date(2026, 3, 29), 120, 180, True), (date(2026, 10, 25), 120, 180, False)]),
        ("Australia/Lord_Howe", [(date(2026, 4, 5), 90, 120, False), (date(2026, 10, 4), 120, 150, True)]),
        ("America/Santiago", [(date(2026, 4, 4), 23 * 60, 24 * 60, False), (date(2026, 9, 6), 0, 60, True)]),
        ("UTC", []),
        ("Mars/Base", []),
        ("../etc/passwd", []),
    ],
)
def test_changes_of_a_year(zone: str, expected: list[tuple[date, int, int, bool]]) -> None:
    assert list(changes(zone, date(2026, 1, 1))) == [Change(*one) for one in expected]


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 12, 31), date(9999, 12, 31), date(1, 1, 1)])
def test_any_day_may_be_the_first(day: date) -> None:
    assert len(changes("Europe/Berlin", day)) in {0, 2, 3}
