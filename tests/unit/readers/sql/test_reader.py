"""What the reader of SQL states: places, hidden statements, sessions and transactions."""

from __future__ import annotations

from pkgscan.facts.sql import AdvisoryLock, DdlAction, SqlUnit
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Segment, Source
from pkgscan.readers.sql import SqlReader
from pkgscan.readers.sql.dialect import dialect_of


def read(text: str, path: str = "p.zip!/pgsql/7.sql", kind: str = "sql") -> list[object]:
    return list(SqlReader().read(Source(Entry(path), kind, text.encode())))


def actions(text: str, path: str = "p.zip!/pgsql/7.sql", kind: str = "sql") -> list[DdlAction]:
    return [one for one in read(text, path, kind) if isinstance(one, DdlAction)]


def gaps(text: str, path: str = "p.zip!/pgsql/7.sql") -> list[str]:
    return [one.detail for one in read(text, path) if isinstance(one, Gap)]


def place(action: DdlAction) -> tuple[int, int, int, int]:
    span = action.span
    return span.first_line, span.first_column, span.last_line, span.last_column


def test_each_clause_has_its_place_in_characters() -> None:
    found = actions(
        "\ufeffSELECT 'ä';\r\nALTER TABLE ü\r\n\tADD COLUMN é text,\r\n\tADD CONSTRAINT c CHECK (b > 0);\r\n"
    )
    assert [(one.form, place(one)) for one in found] == [
        ("add-column", (3, 2, 3, 18)),
        ("add-check", (4, 2, 4, 31)),
    ]


def test_embedded_text_is_placed_in_the_outer_entry() -> None:
    source = Source(
        Entry("p.zip!/up.sh"),
        "sql-postgresql",
        b"SELECT 1;\nDROP TABLE t;",
        segments=(Segment(0, 3, 10), Segment(10, 4, 1)),
    )
    found = [one for one in SqlReader().read(source) if isinstance(one, DdlAction)]
    assert [(one.span.first_line, one.span.first_column, one.unit) for one in found] == [(4, 1, "p.zip!/up.sh:3:10")]


def test_blocks_functions_and_built_strings_are_looked_into() -> None:
    text = """DO $$ BEGIN IF x THEN ALTER TABLE a ADD COLUMN z int; END IF; EXECUTE format('DROP TABLE %I', n); END $$;
CREATE FUNCTION f(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN TRUNCATE b; RETURN i; END $$;
SELECT f(1);
"""
    assert [(one.form, one.table, one.via, one.certainty, one.span.first_line) for one in actions(text)] == [
        ("add-column", "a", "DO", "may", 1),
        ("drop-table", "", "DO, EXECUTE", "may", 1),
        ("truncate", "b", "function f", "must", 3),
    ]


def test_what_is_built_of_variables_alone_is_opaque() -> None:
    assert gaps("DO $$ BEGIN EXECUTE stmt; END $$;") == [
        "what DO, EXECUTE runs is built at run time, and cannot be told"
    ]
    assert gaps("PREPARE s FROM @s;", "p.zip!/mysql/7.sql") == ["SQL in a variable, which cannot be told"]


def test_mysql_runs_strings_and_comments() -> None:
    text = """SET @s = (SELECT IF(1, 'SELECT 1', "ALTER TABLE `a` ADD x int"));
PREPARE st FROM @s; EXECUTE st;
/*!40101 ALTER TABLE `b` DROP COLUMN y */;
DELIMITER //
CREATE PROCEDURE p() BEGIN DROP TABLE c; END//
"""
    found = actions(text, "p.zip!/mysql/7.sql")
    assert [(one.form, one.table, one.via) for one in found] == [
        ("add-column", "a", "EXECUTE"),
        ("drop-column", "b", ""),
    ]
    assert gaps(text, "p.zip!/mysql/7.sql") == []


def test_batches_of_sqlserver_and_blocks_of_oracle() -> None:
    batch = "IF NOT EXISTS (SELECT 1)\nBEGIN\n  ALTER TABLE [dbo].[T] ADD c int\nEND\nGO\nDROP INDEX i ON dbo.u\nGO\n"
    assert [(one.form, one.table) for one in actions(batch, "p.zip!/mssql/7.sql")] == [
        ("add-column", "dbo.T"),
        ("drop-index", "dbo.u"),
    ]
    block = "BEGIN\n EXECUTE IMMEDIATE 'ALTER TABLE t ADD (c NUMBER(1))';\nEND;\n/\nDROP TABLE u;\n"
    assert [(one.form, one.table) for one in actions(block, "p.zip!/oracle/7.sql")] == [
        ("add-column", "t"),
        ("drop-table", "u"),
    ]


def test_transactions_and_timeouts_of_the_session() -> None:
    text = (
        "SET lock_timeout = '5s'; ALTER TABLE a ADD b int; BEGIN; SET LOCAL lock_timeout = 0; DROP TABLE c;"
        "COMMIT; DROP TABLE d;"
    )
    assert [(one.table, one.transaction, one.session.lock_timeout) for one in actions(text)] == [
        ("a", 0, 5000),
        ("c", 1, 0),
        ("d", 0, 5000),
    ]


def test_new_tables_are_free_and_undo_is_told_apart() -> None:
    found = actions(
        "CREATE TABLE n (id int); CREATE INDEX i ON n (id); CREATE INDEX j ON o (id);", "p.zip!/pg/1.down.sql"
    )
    assert [(one.form, one.is_new, one.is_undo) for one in found] == [
        ("create-table", True, True),
        ("create-index", True, True),
        ("create-index", False, True),
    ]


def test_marks_of_migration_tools() -> None:
    text = "-- +goose Up\nDROP TABLE a;\n-- +goose Down\nDROP TABLE b;\n"
    assert [(one.table, one.transaction, one.is_undo) for one in actions(text)] == [("a", 1, False), ("b", 1, True)]
    unit = read(text)[-1]
    assert isinstance(unit, SqlUnit)
    assert (unit.runner, unit.engine, unit.dialect_by) == ("goose", "postgresql", "path")


def test_advisory_locks() -> None:
    found = [
        one
        for one in read("SELECT pg_advisory_lock(7); SELECT pg_try_advisory_lock(7);")
        if isinstance(one, AdvisoryLock)
    ]
    assert [(one.function, one.waits) for one in found] == [("pg_advisory_lock", True), ("pg_try_advisory_lock", False)]


def test_one_bad_statement_costs_itself_alone() -> None:
    text = "foo bar;\nDROP TABLE t;\n"
    assert [one.table for one in actions(text)] == ["t"]
    assert gaps(text) == ["no parser takes: foo bar;"]


def test_rows_are_not_parsed_and_what_is_deep_is_not_followed() -> None:
    rows = "INSERT INTO t VALUES " + ",".join(["(1)"] * 100_000) + ";\nDROP TABLE u;"
    assert [one.table for one in actions(rows)] == ["u"]
    deep = "SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + "; DROP TABLE u;"
    assert [one.table for one in actions(deep)] == ["u"]


def test_prose_in_comments_has_no_vote() -> None:
    prose = "-- change of test type\n-- change on any form\n/* change in some way, `x` */\n"
    assert dialect_of("sql", "a.sql", prose + "ALTER TABLE ONLY t ADD COLUMN c text;").dialect == "postgresql"
    assert dialect_of("sql", "a.sql", prose + "ALTER TABLE t ADD COLUMN c text;").dialect == ""
    assert dialect_of("sql", "a.sql", "/*!40101 SET x = 1 */; /* not closed ::int").dialect == "mysql"


def test_change_is_a_word_of_mysql_only_where_a_column_is_changed() -> None:
    assert dialect_of("sql", "a.sql", "ALTER TABLE t CHANGE a b int;").dialect == "mysql"
    assert (
        dialect_of("sql", "a.sql", "ALTER TABLE t\n    CHANGE COLUMN a b int,\n    CHANGE c d int;").dialect == "mysql"
    )
    assert dialect_of("sql", "a.sql", "INSERT INTO help VALUES ('you can change the format again');").dialect == ""


def test_a_line_for_psql_tells_the_dialect() -> None:
    assert (
        dialect_of("sql", "a.sql", "\\unset ON_ERROR_STOP\nCREATE TABLE t (`id` int unsigned);").dialect == "postgresql"
    )
    assert dialect_of("sql", "a.sql", "CREATE TABLE identity (a int);").dialect == ""
    assert dialect_of("sql", "a.sql", "CREATE TABLE t (a int IDENTITY(1,1));").dialect == "sqlserver"


def test_a_rule_holds_statements_in_parentheses() -> None:
    rule = "CREATE RULE r AS ON DELETE TO v DO INSTEAD (\n  DELETE FROM a WHERE x = ')';\n  DELETE FROM b;\n);\n"
    text = rule + "DROP TABLE t;\n"
    assert [one.table for one in actions(text)][-1] == "t"
    assert gaps(text) == []


def test_values_of_a_table_are_no_statements() -> None:
    text = "CREATE TABLE t (k set('CREATE TABLE','DROP VIEW','DELETE FROM') default NULL);\n"
    assert gaps(text, "p.zip!/mysql/a.sql") == []
