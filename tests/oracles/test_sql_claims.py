"""What pkgscan claims of statements, against what servers do: every lock, scan, rewrite and index build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import measure_mariadb, measure_postgresql
from databases.claims import changes, claimed, comparable
from databases.effect import Effect
from databases.forms import Statement, forms, further
from databases.lock_facts import Row
from databases.server import Server

Seen = dict[str, dict[str, list[Row]]]  # by engine and version
ENGINES = pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
Claims = tuple[dict[str, Effect], dict[str, Effect]]  # what is claimed, what is true
# Statements of which more is claimed than is true: their form has others that do more.
CAREFUL = {
    "ALTER TABLE t ADD COLUMN z int DEFAULT NULL REFERENCES p (id)",
    "CREATE INDEX i ON pt (r)",
    "ALTER TABLE t MODIFY COLUMN v varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
}
# What depends on a table, the statement does not say: CASCADE takes a view with it.
NOT_SAID = {"DROP TABLE t CASCADE"}
# Facts about rows are not facts about schemas.
NO_SCHEMA_CHANGE = ("INSERT", "SELECT", "WITH")


@ENGINES
def test_the_claims_of_all_forms_are_true(engine: str, measured_forms: Seen) -> None:
    version = max(measured_forms[engine], key=float)
    # Of a partition that the same text made it is not claimed that it is read: there is hardly a row in it.
    rows = [row for row in measured_forms[engine][version] if row.statement.form != "attach-partition"]
    wrong = dict(wrong_claims(engine, forms(engine).prelude, rows))
    assert wrong.keys() == CAREFUL & {row.statement.sql for row in rows}
    for claims, truth in wrong.values():
        assert covers(claims, truth)


@ENGINES
def test_the_claims_of_further_statements_are_true(engine: str, postgresql_18: Server, mariadb_10_11: Server) -> None:
    measure, server = {
        "postgresql": (measure_postgresql.measure, postgresql_18),
        "mariadb": (measure_mariadb.measure, mariadb_10_11),
    }[engine]
    listed = further(engine)
    rows = [Row(*pair) for pair in measure(server, listed)]
    assert len(rows) == len(listed.statements)
    assert dict(wrong_claims(engine, listed.prelude, rows)).keys() == NOT_SAID & {row.statement.sql for row in rows}


def wrong_claims(engine: str, prelude: str, rows: list[Row]) -> Iterator[tuple[str, Claims]]:
    """The statements whose claims differ from what happens, given all that was said of the tables before."""
    for row in rows:
        if row.statement.sql.startswith(NO_SCHEMA_CHANGE):
            continue
        claims = comparable(engine, claimed(changes(engine, whole(prelude, row.statement))))
        truth = comparable(engine, row.measured)
        if claims != truth:
            yield row.statement.sql, (claims, truth)


def whole(prelude: str, statement: Statement) -> str:
    """The statement behind everything that made the tables what they are."""
    return f"{prelude};\n{statement.setup};\n{statement.sql};\n"


def covers(claims: dict[str, Effect], truth: dict[str, Effect]) -> bool:
    """Whether a claim says all that is true, and more."""
    pairs = [(claims[name], effect) for name, effect in truth.items()]
    return all(one.index >= two.index and one.scan >= two.scan and one.lock == two.lock for one, two in pairs)
