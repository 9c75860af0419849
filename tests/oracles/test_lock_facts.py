"""Every lock fact that is said to be measured, measured again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases.lock_facts import Row, differing, facts_of

from pkgscan.reason.locks import LockFact, lock_facts

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
Seen = dict[str, dict[str, list[Row]]]  # by engine and version
ENGINES = pytest.mark.parametrize("engine", ["postgresql", "mariadb"])


@ENGINES
def test_the_facts_are_what_the_servers_do(measured_forms: Seen, engine: str) -> None:
    seen = by_form(facts_of(engine, measured_forms[engine]))
    assert by_form(fact for fact in lock_facts() if fact.engine == engine and fact.measured) == seen


@ENGINES
def test_statements_of_one_form_do_the_same(measured_forms: Seen, engine: str) -> None:
    for same in measured_forms[engine].values():
        assert set(differing(same)) == DIFFER[engine]


@ENGINES
def test_no_statement_touches_a_table_that_its_form_does_not_name(measured_forms: Seen, engine: str) -> None:
    surprises = {
        row.statement.sql: row.surprises for same in measured_forms[engine].values() for row in same if row.surprises
    }
    assert surprises == {}


def by_form(facts: Iterator[LockFact]) -> dict[tuple[str, str], LockFact]:
    return {(fact.form, fact.since): fact for fact in facts}
