"""How long a schema change holds its lock: an interval from the size of the table, never a single number.

Measured on PostgreSQL 15 and MariaDB 10.11, cached, without fsync, on tables of 42 to 546 MB, linear over a factor of
twelve; see docs/decisions/downtime.md. A real host is slower by its disks, its replicas and its load,
and may be faster:
each rate is widened by `SLOWER` and `FASTER`.
"""

from __future__ import annotations

import msgspec

from pkgscan.facts.sql import NOT_KNOWN, Interval, TableLock

MB = 1_000_000
SLOWER = 5.0
FASTER = 1.5
BRIEF = Interval(0.001, 0.05)  # seconds that a change of the catalogue alone takes
TENTH = 0.1  # seconds; shorter than that nobody notices
# The part of a table's bytes that is the heap: the profile counts indexes in, and an index takes a fifth to the whole
# of what the heap takes.
LEAST_HEAP = 0.3


class Rates(msgspec.Struct, frozen=True):
    """(low, high) in MB of heap a second. `index` spans keys of numbers and of texts."""

    scan: tuple[float, float]
    rewrite: tuple[float, float]
    index: tuple[float, float]
    update: tuple[float, float]


POSTGRESQL = Rates(scan=(1080, 2080), rewrite=(98, 143), index=(56, 274), update=(33, 39))
MYSQL = Rates(scan=(126, 400), rewrite=(33, 100), index=(68, 167), update=(20, 40))


def rates_of(engine: str) -> Rates | None:
    """The rates of an engine; None where nothing was measured."""
    return POSTGRESQL if engine == "postgresql" else MYSQL if engine in {"mariadb", "mysql"} else None


def hold(lock: TableLock, form: str, engine: str) -> Interval:
    """How long the work of a form holds the lock on a table: brief, or by its size; not known without one."""
    is_rows = form.startswith(("update", "delete", "insert-select"))
    if not (lock.rewrite or lock.scan or lock.index or is_rows):
        return BRIEF
    rates = rates_of(engine)
    if rates is None or lock.bytes == NOT_KNOWN:
        return Interval()
    works = [rates.update] if is_rows else _works(lock, rates)
    heap = lock.bytes / MB
    low = sum(heap * LEAST_HEAP / (high * FASTER) for _, high in works)
    most = sum(heap / (low_rate / SLOWER) for low_rate, _ in works)
    return Interval(low, most)


def _works(lock: TableLock, rates: Rates) -> list[tuple[float, float]]:
    """The passes over the table, one after the other: the rows anew and each index, one index, or a mere reading."""
    if lock.rewrite:
        return [rates.rewrite, *[rates.index] * max(lock.indexes, 1)]
    return [rates.index] if lock.index else [rates.scan]


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
