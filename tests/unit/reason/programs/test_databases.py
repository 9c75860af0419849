"""What database clients are told, by the manual page of each."""

import pytest

from pkgscan.reason.programs.databases import DatabaseCall, database_call
from pkgscan.values import Literal, literal, shown
from shell_words import word, words


def call(line: str, **environment: str) -> DatabaseCall:
    found = words(line)
    read = database_call(literal(found[0]) or "", found, {name: word(text) for name, text in environment.items()})
    assert read is not None
    return read


def test_psql() -> None:
    found = call(
        "psql -X -1 -v ON_ERROR_STOP=1 -h db -p 5433 -U app -f a.sql -f $B -d billing",
        PGOPTIONS="-c lock_timeout=5s --statement-timeout=1min",
    )
    assert found.engine == "postgresql"
    assert [shown(file) for file in found.files] == ["a.sql", "$B"]
    assert found.in_one_transaction
    assert found.stops_at_error
    assert (found.host, found.port, found.user) == (Literal("db"), Literal("5433"), Literal("app"))
    assert found.database == Literal("billing")
    assert found.settings == (("lock_timeout", "5s"), ("statement_timeout", "1min"))
    assert not found.reads_input


def test_psql_reads_its_input_and_the_environment() -> None:
    found = call("psql -q", PGDATABASE="billing", PGHOST="db")
    assert found.reads_input
    assert (found.database, found.host) == (Literal("billing"), Literal("db"))


def test_psql_string() -> None:
    found = call("psql -Atqc 'SELECT 1' billing app")
    assert found.texts == (Literal("SELECT 1"),)
    assert (found.database, found.user) == (Literal("billing"), Literal("app"))


def test_mysql() -> None:
    found = call("mysql -h db -uroot -psecret --init-command='SET lock_wait_timeout=5' billing")
    assert found.database == Literal("billing")
    assert found.settings == (("lock_wait_timeout", "5"),)
    assert found.stops_at_error
    assert found.reads_input
    assert call("mariadb --force -e 'source /x/a.sql' d").files == (Literal("/x/a.sql"),)
    assert not call("mariadb --force -e 'source /x/a.sql' d").stops_at_error


@pytest.mark.parametrize(
    ("line", "engine", "texts", "files"),
    [
        ("sqlite3 -bail a.db 'DROP TABLE x'", "sqlite", ["DROP TABLE x"], []),
        ("sqlite3 a.db '.read b.sql'", "sqlite", [], ["b.sql"]),
        ("sqlite3 %@ a.db", "sqlite", [], []),
        ("sqlplus -S app/pw@db @up.sql", "oracle", [], ["up.sql"]),
        ("sqlcmd -S srv,1433 -d b -b -i up.sql", "sqlserver", [], ["up.sql"]),
        ("sqlcmd -S srv -Q 'SELECT 1'", "sqlserver", ["SELECT 1"], []),
    ],
)
def test_others(line: str, engine: str, texts: list[str], files: list[str]) -> None:
    found = call(line)
    assert found.engine == engine
    assert [shown(text) for text in found.texts] == texts
    assert [shown(file) for file in found.files] == files


@pytest.mark.parametrize("line", ["psql --version", "psql -l", "mysql --help", "sqlite3 -version"])
def test_no_sql(line: str) -> None:
    found = words(line)
    assert database_call(literal(found[0]) or "", found, {}) is None
