"""How long a database takes for work whose length depends on the size of a table: an interval, never one number.

T = amount of work / rate, for each sort of work:

- reading a table from end to end: bytes of the heap. The profile tells the bytes with their indexes, so those of the
  indexes are taken off: `INDEX_ENTRY` bytes a row and index, least and most; without rows or indexes the heap is
  between `LEAST_HEAP` and all of it.
- writing it anew: all its bytes, for its indexes are built anew as well. One with several indexes is slower for a byte.
- building one index, checking a foreign key, changing every row: rows.

Rates were measured with the scripts in docs/calibration on two cores, idle and busy; docs/decisions/downtime.md tells
how wide the intervals are and how often they hold. A calibration from the target's own staging makes them narrow.
"""

from typing import Literal

from pkgscan.profile.model import Rates

Work = Literal["scan", "rewrite", "index", "check_key", "update"]
Seconds = tuple[float, float]  # least and most

BRIEF: Seconds = (0.001, 0.05)  # what a change of the catalogue alone takes
MARGIN = 1.15  # each way, on rates that staging has measured: what differs from run to run
INDEX_ENTRY = (16, 64)  # bytes: the entry of a number, and that of a text of 40 letters
LEAST_HEAP = 0.3  # of a table's bytes, however many indexes it has
NOT_KNOWN = -1
BYTES: tuple[Work, ...] = ("scan", "rewrite")  # what they cost by; the others cost by rows

# (slowest, fastest) a second: the slowest that a busy machine showed, halved, and the fastest of an idle one and half
# as much again, for disks that are slower and processors that are faster.
POSTGRESQL = Rates(
    scan=(140e6, 3100e6),
    rewrite=(9e6, 145e6),
    rewrite_indexed=(6e6, 90e6),
    index=(48e3, 4e6),
    check_key=(150e3, 1500e3),
    update=(4.6e3, 450e3),
)
MARIADB = Rates(
    scan=(130e6, 700e6),
    rewrite=(8e6, 150e6),
    rewrite_indexed=(8e6, 100e6),
    index=(180e3, 3e6),
    check_key=(14e3, 200e3),
    update=(160e3, 1100e3),
)


def default_rates(engine: str) -> Rates | None:
    """What is thought of a server that nobody has measured; None of an engine that nobody has."""
    return POSTGRESQL if engine == "postgresql" else MARIADB if engine in {"mariadb", "mysql"} else None


def work_of(form: str, *, rewrite: bool, scan: bool, index: bool) -> Work | None:
    """The sort of work that outweighs the others of a form; None if its length does not depend on the size."""
    if form.startswith(("update", "delete", "insert-select")):
        return "update"
    if rewrite:
        return "rewrite"
    if not scan:
        return None
    if index:
        return "index"
    return "check_key" if "foreign-key" in form or "references" in form else "scan"


def work_time(
    work: Work, rates: Rates, *, size: int = NOT_KNOWN, rows: int = NOT_KNOWN, indexes: int = NOT_KNOWN
) -> Seconds | None:
    """Seconds for a table of so many bytes, rows and indexes; None where what it costs by is not known."""
    if (size if work in BYTES else rows) == NOT_KNOWN:
        return None
    least, most = _heap(size, rows, indexes) if work == "scan" else (size, size) if work == "rewrite" else (rows, rows)
    slow, fast = _rate(work, rates, indexes)
    return least / fast, BRIEF[1] + most / slow


def calibrated(rates: Rates) -> Rates:
    """Rates as staging has measured them, with a margin for what differs from run to run."""
    wider = {
        name: (low / MARGIN, high * MARGIN) for name in rates.__struct_fields__ for low, high in [getattr(rates, name)]
    }
    return Rates(**wider)


def _heap(size: int, rows: int, indexes: int) -> tuple[float, float]:
    """Bytes of a table without its indexes, least and most."""
    if NOT_KNOWN in (rows, indexes):
        return LEAST_HEAP * size, size
    small, large = (entry * rows * indexes for entry in INDEX_ENTRY)
    return max(LEAST_HEAP * size, size - large), max(LEAST_HEAP * size, size - small)


def _rate(work: Work, rates: Rates, indexes: int) -> tuple[float, float]:
    """The rate of a sort of work; of writing anew, by how many indexes there are."""
    if work != "rewrite":
        found: tuple[float, float] = getattr(rates, work)
        return found
    if indexes == NOT_KNOWN:
        return min(rates.rewrite[0], rates.rewrite_indexed[0]), max(rates.rewrite[1], rates.rewrite_indexed[1])
    return rates.rewrite if indexes <= 1 else rates.rewrite_indexed
