"""Sizes, durations and times of day as people write them."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,15})(?:\.(\d{1,3}))? ?(B|kB|[KMGTP]iB|[MGTP]B)", re.ASCII)
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_DURATION = re.compile(r"(?:(\d{1,6})d)? ?(?:(\d{1,6})h)? ?(?:(\d{1,6})m)? ?(?:(\d{1,9})s)?", re.ASCII)
_SECONDS = (86_400, 3_600, 60, 1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def size(text: str) -> int | None:
    """Bytes in a size such as "6 GiB", "1.5 TB" or "512 B"; None for what is none.

    KiB and its like are powers of 1024, kB and its like powers of 1000. Source: IEC 80000-13.
    """
    found = _SIZE.fullmatch(text)
    if not found:
        return None
    whole, part, unit = found[1], found[2] or "", found[3]
    base = 1024 if "i" in unit else 1000
    power: int = base ** _POWERS[unit.rstrip("iB")]
    parts: int = 10 ** len(part)
    return int(whole + part) * power // parts


def duration(text: str) -> int | None:
    """Seconds in a duration such as "90s", "1h 30m" or "2d"; None for what is none."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    return sum(int(count) * seconds for count, seconds in zip(found.groups(), _SECONDS, strict=True) if count)


def clock(text: str) -> int | None:
    """The minute of the day of a time such as "02:30"; None for what is none."""
    found = _CLOCK.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else None
