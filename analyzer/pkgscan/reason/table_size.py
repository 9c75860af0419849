"""When a table is large or small enough that its size decides how grave a lock on it is."""

from __future__ import annotations

from typing import Literal

from pkgscan.facts.sql import NOT_KNOWN, TableLock
from pkgscan.reason.sizes import byte_size

Size = Literal["unknown", "small", "middling", "large"]

# A table below both is read or written anew within a second or two, slow disks included.
SMALL_ROWS = 100_000
SMALL_BYTES = 64 << 20
# From either on, a rewrite takes from ten seconds to minutes: longer than clients and their pools wait.
LARGE_ROWS = 5_000_000
LARGE_BYTES = 1 << 30


def size_of(table: TableLock) -> Size:
    """How large a table is by what the profile says of it."""
    if table.rows == NOT_KNOWN and table.bytes == NOT_KNOWN:
        return "unknown"
    if table.rows >= LARGE_ROWS or table.bytes >= LARGE_BYTES:
        return "large"
    return "small" if table.rows < SMALL_ROWS and table.bytes < SMALL_BYTES else "middling"


def size_in_words(table: TableLock) -> str:
    """`48,000,000 rows, 31.0 GiB`; `size unknown`."""
    known = []
    if table.rows != NOT_KNOWN:
        known.append(f"{table.rows:,} rows")
    if table.bytes != NOT_KNOWN:
        known.append(byte_size(table.bytes))
    return ", ".join(known) or "size unknown"
