"""What statements do to tables, asked of a MariaDB server.

1. Tables are made anew in a database of their own, and filled. The statement is tried with every ALGORITHM and LOCK,
   the best first; the first that the server accepts is its claim.
2. Claims are checked by effects: the ids of tables and indexes say what was written anew, the session's handler counts
   what was read. PARTITION BY accepts INSTANT, and copies.
3. What lasts is run again on more rows, as it is written, beside a writer and a reader on each table. Who stood still
   for half of its run was blocked.
4. It is run once more beside an open transaction, and told to wait for nothing: does it need the table for itself?
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import product

from databases.effect import Effect, Measured
from databases.forms import Forms, Statement
from databases.server import Server
from databases.session import ServerError, Session

FEW, MANY = 1000, 40_000  # rows: for what is asked at once, and for what must last until others notice
ATTEMPTS = 4  # to see what the server promised; without a promise, nobody is thought to be blocked
BLOCKED = 0.5  # of the statement's run that somebody must have stood still
ALGORITHMS = ("INSTANT", "NOCOPY", "INPLACE", "COPY")
LOCKS = ("NONE", "SHARED", "EXCLUSIVE")
PROMISES = {"": (False, False), "NONE": (False, False), "SHARED": (False, True), "EXCLUSIVE": (True, True)}
NOT_SUPPORTED = {"1845", "1846"}
LOCK_TIMED_OUT = "1205"
TAKES_CLAUSES = ("ALTER TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX")
ROW_STATEMENTS = ("UPDATE", "DELETE", "INSERT", "SELECT")
FRESH = "DROP DATABASE IF EXISTS o; CREATE DATABASE o CHARACTER SET utf8mb4; USE o;"
FILL = """
  INSERT INTO p (id, note) SELECT seq, 'note' FROM seq_1_to_{rows};
  INSERT INTO t (id, a, b, k, v, w, s, n, e, x, pid, z0)
    SELECT seq, seq, seq, seq, concat('v', seq), 'w', 's', seq, 'a', md5(seq), seq, 0 FROM seq_1_to_{rows};
"""
TABLES = "SELECT name, table_id FROM information_schema.innodb_sys_tables WHERE name LIKE 'o/%'"
INDEXES = """
  SELECT t.name, i.index_id FROM information_schema.innodb_sys_indexes i
  JOIN information_schema.innodb_sys_tables t USING (table_id) WHERE t.name LIKE 'o/%'
"""
NAMES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'o' AND table_type != 'VIEW'"
READS = "SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'"
IMPATIENT = "SET lock_wait_timeout = 0, innodb_lock_wait_timeout = 0"


@dataclass(frozen=True)
class Stored:
    """What the server's storage is made of: ids of tables, and of their indexes, by table; names of its tables."""

    tables: dict[str, str]
    indexes: dict[str, set[str]]
    names: set[str]


def measure(server: Server, forms: Forms) -> Iterator[tuple[Statement, Measured]]:
    """Every statement that the server's version knows, with what it does."""
    for statement in forms.known_to(server.version):
        yield statement, measure_one(server, forms.prelude, statement)


def measure_one(server: Server, prelude: str, statement: Statement) -> Measured:
    """What one statement does; tables are made anew for it."""
    with fresh(server, prelude, statement, FEW) as session:
        effects = tried(session, statement)
    if statement.sql.startswith(ROW_STATEMENTS):  # which lock rows, and no table
        return Measured({name: effect for name, effect in effects.items() if effect.scan})
    for name in (statement.table, *statement.others):
        effects[name] = replace(effects.get(name, Effect()), queues=queues(server, prelude, statement, name))
    if any(effect.rewrite or effect.index or effect.scan for effect in effects.values()):
        blocked(server, prelude, statement, effects)
    else:
        reads, writes = held(server, prelude, statement)
        effects[statement.table] = replace(effects[statement.table], reads=reads, writes=writes)
    return Measured({name: effect for name, effect in effects.items() if effect != Effect()})


@contextmanager
def fresh(server: Server, prelude: str, statement: Statement, rows: int) -> Iterator[Session]:
    """A session beside the tables of a list, filled, and what the statement needs before."""
    with server.session() as session:
        session.run(FRESH)
        session.run(prelude)
        session.run(FILL.format(rows=rows))
        if statement.setup:
            session.run(statement.setup)
        yield session


def tried(session: Session, statement: Statement) -> dict[str, Effect]:
    """The best claim the server accepts, and what was seen to happen, by table."""
    before, read = stored(session), reads(session)
    algorithm, lock = best(session, statement.sql)
    scanned = reads(session) - read >= FEW
    session.run("UNLOCK TABLES")
    after = stored(session)
    kept = {name for name in before.names & after.names if session.run(f"SELECT 1 FROM {name} LIMIT 1")}
    effects = {name: written(name, before, after) for name in kept}
    table = effects.get(statement.table, Effect())
    if table.rewrite and algorithm == "INSTANT":
        algorithm = "COPY"  # whatever it claims
    effects[statement.table] = replace(table, algorithm=algorithm, lock=lock, scan=table.scan or scanned)
    return effects


def best(session: Session, sql: str) -> tuple[str, str]:
    """The first ALGORITHM and LOCK with which the statement runs; it has run then."""
    if not sql.startswith(TAKES_CLAUSES):
        session.run(sql)
        return "", ""
    for algorithm, lock in product(ALGORITHMS, LOCKS):
        try:
            session.run(with_clauses(sql, algorithm, lock))
        except ServerError as error:
            if error.code not in NOT_SUPPORTED:
                raise
        else:
            return algorithm, lock
    raise AssertionError(f"no algorithm: {sql}")


def with_clauses(sql: str, algorithm: str, lock: str) -> str:
    """The statement with both clauses, in the place where its syntax has them."""
    if not sql.startswith("ALTER"):
        return f"{sql} ALGORITHM={algorithm} LOCK={lock}"
    head = " ".join(sql.split()[:3])
    rest = sql.removeprefix(head)
    comma = "" if rest.strip().startswith("PARTITION BY") else ","
    return f"{head} ALGORITHM={algorithm}, LOCK={lock}{comma}{rest}"


def stored(session: Session) -> Stored:
    indexes: dict[str, set[str]] = {}
    for name, number in session.run(INDEXES):
        indexes.setdefault(str(name), set()).add(str(number))
    tables = {str(name): str(number) for name, number in session.run(TABLES)}
    return Stored(tables, indexes, {str(name) for (name,) in session.run(NAMES)})


def reads(session: Session) -> int:
    return int(str(session.run(READS)[0][1]))


def written(name: str, before: Stored, after: Stored) -> Effect:
    """What was written anew of a table that still has rows; with the rows, all indexes are."""
    inner = f"o/{name}"
    rewrite = before.tables.get(inner) != after.tables.get(inner)
    index = bool(after.indexes.get(inner, set()) - before.indexes.get(inner, set()))
    return Effect(rewrite=rewrite, index=rewrite or index, scan=rewrite or index)


def queues(server: Server, prelude: str, statement: Statement, table: str) -> bool:
    """Whether the statement waits for somebody who has just used a table in a transaction that is still open."""
    with fresh(server, prelude, statement, FEW) as session, server.session() as holder:
        if (table,) not in session.run(NAMES):
            return False
        holder.run("USE o; START TRANSACTION")
        holder.run(reading(table) if table == statement.table else writing(session, table))
        session.run(IMPATIENT)
        return times_out(session, statement.sql)


def held(server: Server, prelude: str, statement: Statement) -> tuple[bool, bool]:
    """Whether others' reading and writing waits for the table once the statement is done."""
    with fresh(server, prelude, statement, FEW) as session, server.session() as second:
        change = writing(session, statement.table) if (statement.table,) in session.run(NAMES) else ""
        session.run(statement.sql)
        second.run(f"USE o; {IMPATIENT}")
        if not change or (statement.table,) not in second.run(NAMES):
            return False, False
        return times_out(second, reading(statement.table)), times_out(second, change)


def times_out(session: Session, sql: str) -> bool:
    try:
        rows = session.run(sql)
    except ServerError as error:
        if error.code != LOCK_TIMED_OUT:
            raise
        return True
    return any("Lock wait timeout" in str(row[-1]) for row in rows)  # OPTIMIZE tells its errors in rows


def blocked(server: Server, prelude: str, statement: Statement, effects: dict[str, Effect]) -> None:
    """Adds to the effects who stood still while the statement ran on many rows.

    Whoever stood still where the server promised otherwise may have waited for a processor: that is seen again with
    twice the rows, or it does not count.
    """
    promised = PROMISES[effects[statement.table].lock]
    for attempt in range(ATTEMPTS):
        seen = stood_still(server, prelude, statement, MANY << attempt)
        if seen[statement.table] == promised:
            break
    for name, (reads, writes) in seen.items():
        effects[name] = replace(effects[name], reads=reads, writes=writes)


def stood_still(server: Server, prelude: str, statement: Statement, rows: int) -> dict[str, tuple[bool, bool]]:
    """Of each table whether a reader and whether a writer stood still."""
    with fresh(server, prelude, statement, rows) as session, ExitStack() as stack:
        names = {str(name) for (name,) in session.run(NAMES)} & {statement.table, *statement.others}
        beside = {name: (Client(server, reading(name)), Client(server, writing(session, name))) for name in names}
        for client in (client for pair in beside.values() for client in pair):
            stack.enter_context(client)
        begun = time.monotonic()
        session.run(statement.sql)
        ended = time.monotonic()
    most = BLOCKED * (ended - begun)
    return {
        name: (reader.stood_still(begun, ended) > most, writer.stood_still(begun, ended) > most)
        for name, (reader, writer) in beside.items()
    }


def reading(table: str) -> str:
    return f"SELECT 1 FROM {table} LIMIT 1"


def writing(session: Session, table: str) -> str:
    columns = {row[0] for row in session.run(f"SHOW COLUMNS FROM {table}")}
    column = next(name for name in ("k", "note", "a") if name in columns)  # which no statement takes away
    return f"UPDATE {table} SET {column} = {column} LIMIT 1"


class Client:
    """Somebody who does the same small thing again and again; entering it waits until it has begun."""

    def __init__(self, server: Server, sql: str) -> None:
        self._server = server
        self._sql = sql
        self._ended = threading.Event()
        self._begun = threading.Event()
        self._times: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()
        self._begun.wait()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def stood_still(self, begun: float, ended: float) -> float:
        """The longest that one statement took of a span of time, in seconds."""
        return max((min(end, ended) - max(start, begun) for start, end in self._times), default=0)

    def _run(self) -> None:
        with self._server.session() as session:
            session.run("USE o")
            while not self._ended.is_set():
                start = time.monotonic()
                with suppress(ServerError):  # the table or the column may be gone
                    session.run(self._sql)
                self._times.append((start, time.monotonic()))
                self._begun.set()
