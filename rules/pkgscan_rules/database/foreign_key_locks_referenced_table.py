"""A statement about one table locks another: the one that its foreign key refers to.

Writers of the referenced table wait, and where a key is dropped its readers, too. Nobody who reads the statement looks
for the lock there.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import (
    concerns_a_live_table,
    evidence,
    grade,
    related,
    sized,
    statement,
    waiting,
)
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, LOW, MEDIUM, Grade, Problem, Scan, rule

CHECKS = ("add-foreign-key", "add-column-references-default", "add-column-unique-references")


@rule(
    title="Locks the table that a foreign key refers to",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, MEDIUM), (CONTRADICTION, HIGH)),
    remedy="Add the key as NOT VALID and validate it later; set a lock timeout, for both tables are needed at once.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if change.action.is_undo or change.is_install or not change.others or not _is_of_key(change.action.form):
        return
    unit = change.action.unit
    beside = scan.facts_of(SchemaChange, change.span.path)
    made = {one.action.table for one in beside if one.action.unit == unit and one.action.is_new}
    for other in change.others:
        if other.blocks == "nothing" or other.table in made:
            continue
        yield Problem(
            change.span,
            f"{statement(change)} locks {sized(other)} as well; {waiting(other)}{_until(change)}",
            evidence=(*evidence(change), other.table),
            related=related(change, other),
            confidence=change.confidence,
            grade=_grade(change),
        )


def _is_of_key(form: str) -> bool:
    return "foreign-key" in form or "references" in form


def _until(change: SchemaChange) -> str:
    return " until the rows are checked" if _is_checked(change) else ""


def _is_checked(change: SchemaChange) -> bool:
    return change.action.form in CHECKS and concerns_a_live_table(change)


def _grade(change: SchemaChange) -> Grade:
    """Where rows are checked the lock lasts, by the size of the table with the key; else it is brief."""
    return grade(change.target) if _is_checked(change) else (ASSUMPTION, LOW)
