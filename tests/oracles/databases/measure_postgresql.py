"""What statements do to tables, asked of a PostgreSQL server.

1. Tables are made anew in a schema of their own, filled, and the set-up is committed.
2. The statement runs in a transaction that stays open. `pg_locks` says what it holds, the file nodes what was written
   anew, the statistics of the transaction what was read from end to end.
3. A second session, which waits for nothing longer than a moment, tries to read and to write each table.
4. A statement that refuses a transaction is stopped instead: once by a session that holds the weakest lock it conflicts
   with, where it shows the lock it asks for, once by an open reader, where the second session tries its luck.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from databases.effect import Effect, Measured
from databases.forms import Forms, Statement
from databases.server import Server
from databases.session import PATIENCE, Row, ServerError, Session

ROWS = 2000  # enough that a row is found by index, as in a table that matters
MOMENT = 10  # milliseconds that the second session waits; who is not blocked waits for none
LOCK_TIMED_OUT = "55P03"
STEP = 0.002  # seconds between two looks at a statement that waits
INDEXES = "i"  # kinds of relations that hold entries; an index of a partitioned table holds none
TABLES = "rpmv"
MODES = (
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
    "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
NAMES = dict(zip(MODES, (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
), strict=True))  # fmt: skip
FILL = f"""
  INSERT INTO p SELECT g, g, 'note' FROM generate_series(1, {ROWS}) g;
  INSERT INTO t (id, a, b, k, vn, x, c, n, ts, tsi, j, pid, big, e)
    SELECT g, g, g, g, 'v' || g, md5(g::text), 'abc', g, '2026-01-01', '2026-01-01', '{{}}', g, g, 'e'
    FROM generate_series(1, {ROWS}) g;
  ANALYZE p; ANALYZE t;
"""
FRESH = "DROP SCHEMA IF EXISTS o CASCADE; DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA o; SET search_path = o;"
RELATIONS = """
  SELECT c.oid, c.relname, c.relkind, coalesce(i.indrelid, c.oid), coalesce(pg_relation_filenode(c.oid), 0)
  FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE c.relnamespace IN ('o'::regnamespace, coalesce(to_regnamespace('other'), 'o'::regnamespace))
"""
HELD = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = {pid}"
READ = "SELECT relid, seq_scan FROM pg_stat_{which}user_tables WHERE schemaname IN ('o', 'other')"
SIZE = "SELECT coalesce(pg_relation_size({oid}), 0)"
KEYED = "SELECT attname FROM pg_attribute WHERE attrelid = {oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"


@dataclass(frozen=True)
class Relation:
    """A table or an index. `table` is the table it belongs to, `file` what it is stored in."""

    oid: str
    name: str
    kind: str
    table: str
    file: str


def measure(server: Server, forms: Forms) -> Iterator[tuple[Statement, Measured]]:
    """Every statement that the server's version knows, with what it does."""
    with server.session() as second:
        second.run(f"SET lock_timeout = {MOMENT}; SET search_path = o")
        for statement in forms.known_to(server.version):
            yield statement, measure_one(server, second, forms.prelude, statement)


def measure_one(server: Server, second: Session, prelude: str, statement: Statement) -> Measured:
    """What one statement does; tables are made anew for it."""
    if not statement.autocommit:
        with fresh(server, prelude, statement) as session:
            return in_transaction(session, second, statement.sql)
    with fresh(server, prelude, statement) as session:
        tables = ", ".join(table.name for table in relations(session).values() if table.kind in "rp")
        asked = stopped(server, session, second, statement.sql, f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
    with fresh(server, prelude, statement) as session:
        done = stopped(server, session, second, statement.sql, f"SELECT 1 FROM {statement.table} LIMIT 0")
    return merged(asked, done)


@contextmanager
def fresh(server: Server, prelude: str, statement: Statement) -> Iterator[Session]:
    """A session beside the tables of a list, filled, and what the statement needs before."""
    with server.session() as session:
        session.run(FRESH)
        session.run(prelude)
        session.run(FILL)
        if statement.setup:
            session.run(statement.setup)
        yield session


def in_transaction(session: Session, second: Session, sql: str) -> Measured:
    """A statement in a transaction that is rolled back."""
    before = relations(session)
    scans_so_far(session)  # so that the transaction's own statistics begin at none
    session.run("BEGIN")
    session.run(sql)
    locks = strongest(session.run(HELD.format(pid="pg_backend_pid()")), before)
    scans = dict(scan_counts(session, "xact_"))
    written = files(session, before)
    waits = blocked(second, before, locks)
    session.run("ROLLBACK")
    return measured(before, locks, scans, written, waits)


def stopped(server: Server, session: Session, second: Session, sql: str, hold: str) -> Measured:
    """A statement that refuses a transaction, while another session holds it up."""
    before, counted = relations(session), scans_so_far(session)
    pid = session.run("SELECT pg_backend_pid()")[0][0]
    with server.session() as holder, ThreadPoolExecutor(1) as threads:
        holder.run("SET search_path = o; BEGIN ISOLATION LEVEL REPEATABLE READ")
        holder.run(hold)
        running = threads.submit(session.run, sql)
        locks = strongest(once_it_waits(second, str(pid), running), before)
        waits = {} if running.done() else blocked(second, before, locks)
        holder.run("ROLLBACK")
        running.result(PATIENCE)
    scans = {oid: count - counted.get(oid, 0) for oid, count in scans_so_far(session).items()}
    return measured(before, locks, scans, files(session, before), waits)


def once_it_waits(second: Session, pid: str, running: Future[list[Row]]) -> list[Row]:
    """The locks of a session that holds or asks for them, as soon as it waits or has ended."""
    held: list[Row] = []
    until = time.monotonic() + PATIENCE
    while not running.done() and time.monotonic() < until:
        held = second.run(HELD.format(pid=pid))
        if second.run(f"SELECT 1 FROM pg_locks WHERE pid = {pid} AND NOT granted"):
            return second.run(HELD.format(pid=pid))
        time.sleep(STEP)
    return held


def scans_so_far(session: Session) -> dict[str | None, int]:
    """How often each table was read from end to end."""
    session.run("SELECT pg_stat_force_next_flush()")
    return dict(scan_counts(session, ""))


def scan_counts(session: Session, which: str) -> Iterator[tuple[str | None, int]]:
    return ((oid, int(str(count))) for oid, count in session.run(READ.format(which=which)))


def relations(session: Session) -> dict[str | None, Relation]:
    """Tables and indexes by their oid."""
    return {row[0]: Relation(*map(str, row)) for row in session.run(RELATIONS)}


def strongest(rows: list[Row], before: dict[str | None, Relation]) -> dict[str, str]:
    """The strongest mode on each relation that was there before."""
    modes: dict[str, str] = {}
    for oid, mode in rows:
        if oid in before:
            modes[str(oid)] = max(modes.get(str(oid), MODES[0]), str(mode), key=MODES.index)
    return modes


def files(session: Session, before: dict[str | None, Relation]) -> dict[str, set[str]]:
    """For each table what was written anew of it: `rows`, `index`; `empty` if there is nothing in it any more."""
    written: dict[str, set[str]] = {}
    for oid, now in relations(session).items():
        if oid in before and before[oid].file == now.file:
            continue
        if now.kind in INDEXES and now.table in before:
            written.setdefault(now.table, set()).add("index")
        elif oid in before and session.run(SIZE.format(oid=oid)) == [("0",)]:
            written.setdefault(now.table, set()).add("empty")
        elif oid in before:
            written.setdefault(now.table, set()).add("rows")
    return written


def blocked(second: Session, before: dict[str | None, Relation], locks: dict[str, str]) -> dict[str, tuple[bool, bool]]:
    """Of each locked table whether somebody else's reading and writing waits."""
    waits = {}
    for oid in {before[oid].table for oid in locks if before[oid].table in before}:
        table = before[oid]
        column = second.run(KEYED.format(oid=oid))[0][0]
        # Neither looks at a row, since that would count as reading the table.
        reads = waits_for(second, f"SELECT 1 FROM {table.name} LIMIT 0")
        change = f"UPDATE {table.name} SET {column} = {column} WHERE false"
        waits[oid] = (reads, waits_for(second, change) if table.kind in "rp" else reads)
    return waits


def waits_for(second: Session, sql: str) -> bool:
    """Whether a lock keeps a statement waiting."""
    try:
        second.run(sql)
    except ServerError as error:
        if error.code != LOCK_TIMED_OUT:
            raise
        return True
    return False


def measured(
    before: dict[str | None, Relation],
    locks: dict[str, str],
    scans: dict[str | None, int],
    written: dict[str, set[str]],
    waits: dict[str, tuple[bool, bool]],
) -> Measured:
    """The effects by table, of what was seen of each."""
    tables = {}
    for oid, table in before.items():
        new = written.get(table.oid, set())
        lock = locks.get(table.oid, "")
        if table.kind in TABLES and (lock or new):
            reads, writes = waits.get(table.oid, (False, False))
            tables[table.name] = Effect(
                lock=NAMES.get(lock, ""),
                reads=reads,
                writes=writes,
                rewrite="rows" in new,
                scan=scans.get(oid, 0) > 0 and "empty" not in new,
                index="index" in new and "empty" not in new,
            )
    return Measured(tables)


def merged(asked: Measured, done: Measured) -> Measured:
    """What was asked for first, and what was done."""
    names = {*asked.tables, *done.tables}
    return Measured({name: replace(done.of(name), lock=max_mode(asked.of(name), done.of(name))) for name in names})


def max_mode(*effects: Effect) -> str:
    order = ["", *NAMES.values()]
    return max((effect.lock for effect in effects), key=order.index)
