"""How long a schema change waits for its lock and holds it: intervals from the size of the table, never one number."""

from __future__ import annotations

from pkgscan.facts.sql import NOT_KNOWN, Interval, TableLock
from pkgscan.profile.model import Rates
from pkgscan.reason import work_time
from pkgscan.reason.work_time import calibrated, default_rates, work_of

BRIEF = Interval(*work_time.BRIEF)
TENTH = 0.1  # seconds; shorter than that nobody notices
SOME_ROWS = frozenset({"update", "delete", "insert-select"})  # forms that may change all rows of a table, or one


def hold(lock: TableLock, form: str, engine: str, measured: Rates | None = None) -> Interval:
    """How long the work of a form holds the lock on a table: brief, or by its size; not known without one.

    `measured` are rates from the target's own staging.
    """
    work = work_of(form, rewrite=lock.rewrite, scan=lock.scan, index=lock.index)
    if work is None:
        return BRIEF
    rates = calibrated(measured) if measured else default_rates(engine)
    seconds = rates and work_time.work_time(work, rates, size=lock.bytes, rows=lock.rows, indexes=lock.indexes)
    if not rates or not seconds:
        return Interval()
    if form == "add-column-references-default":  # a key that is NULL in all rows is only looked for
        read = work_time.work_time("scan", rates, size=lock.bytes, rows=lock.rows, indexes=lock.indexes)
        return Interval(read[0] if read else BRIEF.low, seconds[1])
    return Interval(BRIEF.low, seconds[1]) if form in SOME_ROWS else Interval(*seconds)


def wait(lock_timeout: int, longest_transaction: int | None) -> Interval:
    """How long a statement waits for its lock; `lock_timeout` in milliseconds, the longest transaction in seconds."""
    if lock_timeout > 0:
        return Interval(0, lock_timeout / 1000)
    return Interval(0, longest_transaction if longest_transaction is not None else NOT_KNOWN)


def together(parts: list[Interval]) -> Interval:
    """Intervals one after the other; not known where one of them is not."""
    if any(part.low == NOT_KNOWN for part in parts):
        return Interval()
    high = NOT_KNOWN if any(part.high == NOT_KNOWN for part in parts) else sum(part.high for part in parts)
    return Interval(sum(part.low for part in parts), high)


def seconds_in_words(seconds: Interval) -> str:
    """`2 to 40 s`, `3 to 55 min`: as exact as it is."""
    if seconds.low == NOT_KNOWN:
        return "unknown"
    if seconds.high == NOT_KNOWN:
        return f"{_short(seconds.low)} to any time"
    return f"{_short(seconds.low)} to {_short(seconds.high)}" if seconds.high >= TENTH else "under 0.1 s"


def _short(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.1f} s" if seconds >= TENTH else "0 s"
    if seconds < 100:  # noqa: PLR2004  # two digits read well
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.0f} h"  # noqa: PLR2004  # the same
