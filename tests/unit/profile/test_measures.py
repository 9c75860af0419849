"""Sizes, durations and times of day as people write them."""

from __future__ import annotations

import pytest

from pkgscan.profile.measures import clock, duration, size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 B", 0), ("512 B", 512), ("6 GiB", 6 << 30), ("6GiB", 6 << 30), ("1.5 KiB", 1536), ("2 kB", 2000),
        ("1 MB", 10**6), ("1.25 TB", 1_250_000_000_000), ("1 PiB", 1 << 50),
        ("6", None), ("6 G", None), ("6 Gib", None), ("-6 GiB", None), ("6  GiB", None), ("GiB", None), ("6 KB", None),
        ("", None), ("6 GiB\n", None), ("٦ GiB", None), ("1.2345 GiB", None),
    ],
)  # fmt: skip
def test_sizes(text: str, expected: int | None) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90), ("30m", 1800), ("1h", 3600), ("1h 30m", 5400), ("1h30m", 5400), ("2d", 172_800),
        ("1d 2h 3m 4s", 93_784), ("", None), ("30", None), ("30 m", None), ("m", None), ("30m 1h", None),
        ("1.5h", None),
    ],
)  # fmt: skip
def test_durations(text: str, expected: int | None) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00", 0),
        ("02:30", 150),
        ("23:59", 1439),
        ("24:00", None),
        ("2:30", None),
        ("02:60", None),
        ("02:30:00", None),
    ],
)
def test_times_of_day(text: str, expected: int | None) -> None:
    assert clock(text) == expected
