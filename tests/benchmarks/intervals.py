"""How often the interval that pkgscan reckons for a schema change holds the time that it takes, and how wide it is.

The script in docs/calibration measures the server at 50,000 and 200,000 rows, as a user's staging would. Then every
form of statement whose length depends on the size of its table, and that keeps others waiting, runs on 1,000,000 rows.
The table is another than the script's. With fewer rows (`--rows`) it says less.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))  # runs as a script from anywhere

from databases.forms import Statement, forms
from databases.measure_postgresql import FRESH
from databases.server import DEBIAN_POSTGRESQL, Server, debian_postgresql
from databases.session import Session

from pkgscan.facts.sql import Interval, TableLock
from pkgscan.profile.model import Rates
from pkgscan.reason.downtime import hold
from pkgscan.reason.locks import LockFact, lock_fact

ENGINE = "postgresql"
SCRIPT = Path(__file__).parents[2] / "docs/calibration/postgresql.sql"
ROWS = 1_000_000
HELD_TARGET = 0.9  # of the forms
RATIO_TARGET = 4.0  # of the interval's ends, in the median
FILL = """
  INSERT INTO p SELECT g, g, 'note' FROM generate_series(1, {rows}) g;
  INSERT INTO t (id, a, b, k, vn, x, c, n, ts, tsi, j, pid, big, e)
    SELECT g, (random() * 1e9)::int, (random() * 1e9)::int, g, 'v' || g, md5(g::text), 'abc', g,
      timestamp '2026-01-01' + g * interval '1 s', timestamp '2026-01-01' + g * interval '1 s', '{{}}', g, g, 'e'
    FROM generate_series(1, {rows}) g;
  ANALYZE p; ANALYZE t; CHECKPOINT;
"""
SIZE = "SELECT pg_total_relation_size('t'), (SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass)"


@dataclass(frozen=True)
class Result:
    """A statement, what was reckoned with the calibration and without one, and what it took, in seconds."""

    sql: str
    calibrated: Interval
    default: Interval
    took: float

    @property
    def ratio(self) -> float:
        return self.calibrated.high / self.calibrated.low


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the table that is measured")
    parser.add_argument("--assert", dest="strict", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    if not DEBIAN_POSTGRESQL.is_dir():
        sys.exit("PostgreSQL 15 is not installed; it is in Debian's package postgresql-15")
    missed = run(options.rows)
    return int(options.strict and missed)


def run(rows: int) -> bool:
    """Measures, and prints what came of it; whether a target is missed."""
    with debian_postgresql() as server:
        rates = calibration(server)
        print(f"rates of {ENGINE} {server.version}, a second: {rates}")
        results = list(measure(server, rates, rows))
    return tell(results, rows)


def calibration(server: Server) -> Rates:
    """What the script prints, as the profile reads it."""
    command = server.client("-Atq", "-v", "ON_ERROR_STOP=1", "-f", str(SCRIPT))
    said = tomllib.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return Rates(**{work: tuple(map(float, said[work])) for work in Rates.__struct_fields__})


def measure(server: Server, rates: Rates, rows: int) -> Iterator[Result]:
    """Every form that counts, each in a transaction that is rolled back."""
    listed = forms(ENGINE)
    with server.session() as session:
        session.run(FRESH)
        session.run(listed.prelude)
        session.run(FILL.format(rows=rows))
        for statement in listed.known_to(server.version):
            fact = lock_fact(ENGINE, statement.form, server.version)
            if fact and fact.is_long_under_lock and counts(statement):
                yield measure_one(session, statement, fact, rates, rows)


def counts(statement: Statement) -> bool:
    """Whether it is about the large table with all its rows, and may run in a transaction."""
    return statement.table == "t" and not statement.autocommit and "TRUNCATE" not in statement.setup


def measure_one(session: Session, statement: Statement, fact: LockFact, rates: Rates, rows: int) -> Result:
    session.run("BEGIN")
    session.run(f"{statement.setup or 'SELECT 1'}")
    size, indexes = (int(str(value)) for value in session.run(SIZE)[0])
    begun = time.monotonic()
    session.run(statement.sql)
    took = time.monotonic() - begun
    session.run("ROLLBACK")
    lock = TableLock(
        "t", rewrite=fact.rewrite, scan=fact.scan, index=fact.index, rows=rows, bytes=size, indexes=indexes
    )
    return Result(statement.sql, hold(lock, fact.form, ENGINE, rates), hold(lock, fact.form, ENGINE), took)


def tell(results: list[Result], rows: int) -> bool:
    for one in sorted(results, key=lambda one: one.sql):
        mark = " " if holds(one.calibrated, one.took) else "!"
        print(f"{mark} {one.calibrated.low:8.2f} {one.took:8.2f} {one.calibrated.high:8.2f} s  {one.sql}")
    held = statistics.mean(holds(one.calibrated, one.took) for one in results)
    ratio = statistics.median(one.ratio for one in results)
    default = statistics.mean(holds(one.default, one.took) for one in results)
    print(
        f"{len(results)} forms at {rows:,} rows, of them {held:.0%} within the interval by calibration (target ", end=""
    )
    print(f"{HELD_TARGET:.0%}), whose ends have a ratio of {ratio:.1f} in the median (target {RATIO_TARGET:g})")
    print(f"{default:.0%} within the interval without a calibration")
    return held < HELD_TARGET or ratio > RATIO_TARGET


def holds(interval: Interval, took: float) -> bool:
    return interval.low <= took <= interval.high


if __name__ == "__main__":
    sys.exit(main())
