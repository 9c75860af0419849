"""When the clocks of a time zone are put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_LOOK_AHEAD = 366  # days: each change comes once a year
_LAST_YEAR = 9000  # far from where Python's calendar ends
_ZONES = 64  # remembered; a package names one or two
_MINUTE = timedelta(minutes=1)


class Change(NamedTuple):
    """Local minutes of a day, from `first` to before `end`, which clocks skip, or pass twice."""

    day: date
    first: int
    end: int
    skipped: bool


@lru_cache(_ZONES)
def changes(zone: str, start: date) -> tuple[Change, ...]:
    """Those of a year from a day on; none for a zone that nobody knows."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # only where a zone is known

    try:
        home = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown, not a name, or the name of a directory
        return ()
    noon = datetime(min(start.year, _LAST_YEAR), start.month, min(start.day, 28), 12, tzinfo=UTC)
    found = []
    for _ in range(_LOOK_AHEAD):
        following = noon + timedelta(days=1)
        if _offset(noon, home) != _offset(following, home):
            found.append(_change(noon, following, home))
        noon = following
    return tuple(found)


def _offset(moment: datetime, zone: object) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()  # type: ignore[arg-type]  # a ZoneInfo


def _change(before: datetime, after: datetime, zone: object) -> Change:
    """The change between two moments, found by halving."""
    old, new = _offset(before, zone), _offset(after, zone)
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        if _offset(middle, zone) == old:
            before = middle
        else:
            after = middle
    first = after + min(old, new)
    minute = first.hour * 60 + first.minute
    return Change(first.date(), minute, minute + abs(new - old) // _MINUTE, skipped=new > old)
