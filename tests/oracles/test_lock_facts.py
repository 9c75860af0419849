"""Every lock fact that is said to be measured, measured again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from databases.effect import Measured
from databases.forms import Forms, Statement, forms
from databases.lock_facts import Row, differing, facts_of
from databases.measure_mariadb import measure as measure_mariadb
from databases.measure_postgresql import measure as measure_postgresql
from databases.server import Server

from pkgscan.reason.locks import LockFact, lock_facts

Measure = Callable[[Server, Forms], Iterator[tuple[Statement, Measured]]]
# Forms whose statements differ in what they do, so that the fact states the worst of them.
DIFFER = {
    "postgresql": {
        "add-column-references-default",  # only a default that is not NULL has the other table read
        "create-index",  # on a partitioned table it is the partitions that are read
    },
    "mariadb": {
        "drop-index",  # DROP INDEX and the other two below have no place for the clauses that name the algorithm
        "modify-collation",  # an index on the column is built anew
        "rebuild-table",
        "rename-table",
    },
}
ENGINES = pytest.mark.parametrize("engine", ["postgresql", "mariadb"])


@pytest.fixture(scope="session")
def rows(postgresql_15: Server, postgresql_18: Server, mariadb_10_11: Server) -> dict[str, dict[str, list[Row]]]:
    """What each statement did, by engine and version."""
    return {
        "postgresql": {
            server.version: measured(measure_postgresql, server) for server in (postgresql_15, postgresql_18)
        },
        "mariadb": {mariadb_10_11.version: measured(measure_mariadb, mariadb_10_11)},
    }


def measured(measure: Measure, server: Server) -> list[Row]:
    return [Row(*pair) for pair in measure(server, forms(server.engine))]


@ENGINES
def test_the_facts_are_what_the_servers_do(rows: dict[str, dict[str, list[Row]]], engine: str) -> None:
    seen = by_form(facts_of(engine, rows[engine]))
    assert by_form(fact for fact in lock_facts() if fact.engine == engine and fact.measured) == seen


@ENGINES
def test_statements_of_one_form_do_the_same(rows: dict[str, dict[str, list[Row]]], engine: str) -> None:
    for same in rows[engine].values():
        assert set(differing(same)) == DIFFER[engine]


@ENGINES
def test_no_statement_touches_a_table_that_its_form_does_not_name(
    rows: dict[str, dict[str, list[Row]]], engine: str
) -> None:
    surprises = {row.statement.sql: row.surprises for same in rows[engine].values() for row in same if row.surprises}
    assert surprises == {}


def by_form(facts: Iterator[LockFact]) -> dict[tuple[str, str], LockFact]:
    return {(fact.form, fact.since): fact for fact in facts}
