"""What rules are told of locks; that it is true is for the oracles."""

from __future__ import annotations

import pytest

from pkgscan.facts.sql import Dialect
from pkgscan.reason.locks import lock_fact, lock_facts, with_mode


def test_a_rewrite_under_a_lock_is_long_and_sure() -> None:
    fact = lock_fact("postgresql", "alter-type-rewrite", "15.4")
    assert fact is not None
    assert (fact.lock, fact.blocks, fact.rewrite, fact.index) == ("ACCESS EXCLUSIVE", "everything", True, True)
    assert fact.is_long_under_lock
    assert fact.confidence == "high"


def test_a_brief_change_is_not_long() -> None:
    fact = lock_fact("postgresql", "add-column")
    assert fact is not None
    assert fact.blocks == "everything"
    assert not fact.is_long


def test_an_index_built_concurrently_is_long_and_nobody_waits() -> None:
    fact = lock_fact("postgresql", "create-index-concurrently")
    assert fact is not None
    assert fact.is_long
    assert not fact.is_long_under_lock


def test_the_table_that_is_referenced_has_a_lock_of_its_own() -> None:
    fact = lock_fact("postgresql", "add-foreign-key")
    assert fact is not None
    assert (fact.other_lock, fact.other_blocks, fact.other_scan) == ("SHARE ROW EXCLUSIVE", "writes", True)


@pytest.mark.parametrize(
    ("version", "confidence"),
    [("15", "high"), ("16.2", "high"), ("18.6", "high"), ("14.9", "medium"), ("19", "medium"), ("", "high")],
)
def test_versions_that_were_not_measured_are_less_sure(version: str, confidence: str) -> None:
    fact = lock_fact("postgresql", "create-index", version)
    assert fact is not None
    assert fact.confidence == confidence


def test_an_unknown_form_is_not_known() -> None:
    assert lock_fact("postgresql", "no-such-form") is None


def test_without_an_engine_the_most_careful_is_said_and_little_trusted() -> None:
    fact = lock_fact("", "create-index")
    assert fact is not None
    assert fact.blocks == "writes"
    assert fact.confidence == "low"


def test_every_fact_says_where_it_comes_from() -> None:
    for fact in lock_facts():
        assert bool(fact.measured) != bool(fact.source), fact


@pytest.mark.parametrize(
    ("mode", "blocks"), [("share", "writes"), ("access exclusive", "everything"), ("ROW EXCLUSIVE", "nothing")]
)
def test_a_statement_may_name_its_lock(mode: str, blocks: str) -> None:
    fact = lock_fact("postgresql", "lock-table")
    assert fact is not None
    assert (with_mode(fact, mode).lock, with_mode(fact, mode).blocks) == (mode.upper(), blocks)
    assert with_mode(fact, "") == fact


@pytest.mark.parametrize(
    ("engine", "form", "version", "rewrite"),
    [
        ("postgresql", "add-column-default", "10.4", True),
        ("postgresql", "add-column-default", "11.2", False),
        ("mysql", "add-column", "8.0.11", True),
        ("mysql", "add-column", "8.0.30", False),
        ("mysql", "drop-column", "8.0.28", True),
        ("mysql", "drop-column", "8.4.0", False),
        ("mysql", "drop-column", "", True),
    ],
)
def test_what_manuals_say_is_bound_to_versions_and_less_sure(
    engine: Dialect, form: str, version: str, rewrite: object
) -> None:
    fact = lock_fact(engine, form, version)
    assert fact is not None
    assert (fact.rewrite, fact.confidence) == (rewrite, "medium")
