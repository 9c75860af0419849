"""Facts about SQL: who has a database run it, and how."""

from typing import Literal

from pkgscan.facts.shell import Certainty, Frame
from pkgscan.model import Fact, Span
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
