"""Facts about SQL: who has a database run it and how, and what its statements do to tables."""

from typing import Literal

import msgspec

from pkgscan.facts.shell import Certainty, Frame
from pkgscan.model import Confidence, Fact, Related, Span
from pkgscan.values import Value

Engine = Literal["postgresql", "mariadb", "mysql", "sqlite", "sqlserver", "oracle"]


class SqlCall(Fact, frozen=True):
    """A command that has a database client run SQL: psql, mysql, mariadb, sqlite3, sqlplus, sqlcmd.

    `files` it reads in their order (`-f x.sql`, `< x.sql`, `@x`), `texts_at` where the SQL stands that is written in
    the script itself (`-c` strings, here-docs), `reads_input` whether more comes through a pipe. `in_one_transaction`
    and `stops_at_error` as its options say. `settings` are (name, value) of the session, from options and PGOPTIONS.
    """

    client: str
    engine: Engine
    files: tuple[Value, ...] = ()
    texts_at: tuple[Span, ...] = ()
    reads_input: bool = False
    host: Value | None = None
    port: Value | None = None
    user: Value | None = None
    database: Value | None = None
    in_one_transaction: bool = False
    stops_at_error: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    context: tuple[Frame, ...] = ()
    certainty: Certainty = "must"


Dialect = Engine | Literal[""]  # empty: nothing in the package says which
Parser = Literal["pglast", "sqlglot", "tokens"]


class Session(msgspec.Struct, frozen=True):
    """What a unit has set for its session when a statement runs.

    Timeouts are milliseconds; 0 waits without end, -1 was not set. `settings` are others that change what a statement
    locks: `foreign_key_checks`, `timezone`; names and values in lower case.
    """

    lock_timeout: int = -1
    statement_timeout: int = -1
    settings: tuple[tuple[str, str], ...] = ()


class DdlAction(Fact, frozen=True):
    """One thing that one statement does to one table, index or other object: what a lock is taken for.

    `form` is its name in the lists under fixtures/sql/forms, which say a statement of each; with the engine's version
    it decides the locks, see reason/locks.py. A statement of several actions is several facts of one `statement`.
    `table` is what the lock is on, `others` are further tables it names: those referenced, parents, partitions. Names
    are folded as the engine folds them, with their schema if one is written.

    `unit` identifies the text that runs as a whole (a file, a here-doc, a migration), `statement` counts in it from 1,
    `transaction` those of the unit from 1, 0 for a statement that commits by itself. `is_new`: the table was made
    earlier in the unit, so nobody waits for it. `is_undo`: it stands in a down, undo or rollback migration. `via` says
    how it is reached where it is not a statement of the unit itself: `DO`, `function f`, `EXECUTE`.
    """

    engine: Dialect
    form: str
    unit: str
    statement: int
    table: str = ""
    others: tuple[str, ...] = ()
    action: int = 1
    transaction: int = 0
    column: str = ""
    name: str = ""  # of the index, constraint, trigger or domain
    new_name: str = ""
    old_type: str = ""
    new_type: str = ""
    default: str = ""
    algorithm: str = ""  # MySQL, MariaDB: what the statement asks for
    lock: str = ""  # the LOCK clause there, or the mode of LOCK TABLE
    session: Session = Session()
    is_new: bool = False
    is_undo: bool = False
    via: str = ""
    certainty: Certainty = "must"
    parser: Parser = "pglast"


Runner = Literal["", "alembic", "django", "flyway", "liquibase", "goose", "dbmate", "sql-migrate", "rails", "knex",
                 "sequelize", "typeorm", "dbconfig-common"]  # fmt: skip


class SqlUnit(Fact, frozen=True):
    """A text of SQL that runs as a whole: a file, a here-doc, a migration; see `DdlAction.unit`.

    `dialect_by` says how its engine is known: by its `kind` (who embeds it), its `path`, a `vote` over its words; empty
    where it is not. `runner` is what runs such a file, where its form shows it. `stops_at_error` as the text says.
    """

    engine: Dialect
    unit: str
    dialect_by: Literal["", "kind", "path", "vote"] = ""
    runner: Runner = ""
    statements: int = 0
    is_undo: bool = False
    stops_at_error: bool = False
    in_one_transaction: bool = False


class AdvisoryLock(Fact, frozen=True):
    """SQL takes a lock that keeps two runners apart. Not `waits`: it asks, and goes on if another has it."""

    engine: Dialect
    unit: str
    function: str
    waits: bool = True
    statement: int = 0


Blocks = Literal["nothing", "writes", "everything"]
NOT_KNOWN = -1  # of counts, bytes and seconds


class Interval(msgspec.Struct, frozen=True):
    """Seconds, from the least to the most; `NOT_KNOWN` the most where nothing bounds it,
    both where nothing is known.
    """

    low: float = NOT_KNOWN
    high: float = NOT_KNOWN


class TableLock(msgspec.Struct, frozen=True):
    """What happens to one table: who has to wait while it is locked, whether it is read or written from end to end, and
    how large the profile says it is, at which line.
    """

    table: str
    lock: str = ""
    blocks: Blocks = "nothing"
    queue: Blocks = "nothing"
    rewrite: bool = False
    scan: bool = False
    index: bool = False
    rows: int = NOT_KNOWN
    bytes: int = NOT_KNOWN
    indexes: int = NOT_KNOWN
    size_at: Span | None = None


class SchemaChange(Fact, frozen=True, kw_only=True):
    """What a statement does to its table and to others, on the engine that runs it. Made of a `DdlAction`.

    `engine_by` tells how the engine is known: of the text itself, of the command that runs it (`called`), of the files
    beside it (`beside`). `transaction` names what it commits with: actions of one name hold their locks together.
    `hold` is how long its own work holds the lock, `wait` how long it waits for it.
    """

    action: DdlAction
    engine: Dialect
    engine_by: str = ""
    target: TableLock
    others: tuple[TableLock, ...] = ()
    transaction: str = ""
    in_transaction: bool = False
    lock_timeout: int = NOT_KNOWN
    wait: Interval = Interval()
    hold: Interval = Interval()
    called_at: Span | None = None
    is_install: bool = False
    confidence: Confidence = "high"


class Outage(msgspec.Struct, frozen=True):
    """A named part of a downtime: what is done, where, and how many seconds it takes."""

    what: str
    line: int
    seconds: Interval


class Downtime(Fact, frozen=True):
    """How long readers or writers of one table wait for what commits together: a row of the report.

    `seconds` is `wait` and all `parts` together. Without the size of the table there is no number, and `missing` names
    what is.
    """

    table: str
    engine: Dialect
    blocks: Blocks
    rows: int = NOT_KNOWN
    bytes: int = NOT_KNOWN
    seconds: Interval = Interval()
    wait: Interval = Interval()
    parts: tuple[Outage, ...] = ()
    missing: str = ""


class MigrationRun(Fact, frozen=True):
    """Somebody runs the migrations of the package, or is meant to. One a runner: a script, or a tool.

    `title` says who, as the beginning of a message. `lock` is what keeps two of them apart: `advisory lock`, `row in a
    table`, `flock` ...; empty for nothing. Not `is_started`: the package only ships migrations for it. `is_freed`:
    something in the package frees a lock that was left behind.
    """

    runner: str
    title: str
    lock: str = ""
    is_started: bool = True
    is_freed: bool = False
    related: tuple[Related, ...] = ()
    confidence: Confidence = "high"
