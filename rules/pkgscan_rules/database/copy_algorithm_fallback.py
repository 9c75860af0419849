"""An ALTER TABLE of MySQL or MariaDB falls back to copying the table, and does not say so.

Without ALGORITHM and LOCK the server takes the best way it has; where that is a copy, writers wait for all of it. With
them it refuses at once instead.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import (
    concerns_a_live_table,
    engine_name,
    evidence,
    is_surest,
    related,
    sized,
    statement,
)
from pkgscan.rule import ASSUMPTION, LOW, Problem, Scan, rule

# What is instant or a copy by what the table holds, which the package does not tell.
UNSURE = ("add-column-placed", "modify-column", "convert-charset", "add-foreign-key")


@rule(
    title="May copy the table without saying so",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Name the algorithm: ALTER TABLE t ..., ALGORITHM=INPLACE, LOCK=NONE.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if _may_copy(change) and is_surest(change, scan.facts_in(SchemaChange, change.span), _may_copy):
        yield Problem(
            change.span,
            f"{statement(change)} may copy {sized(change.target)}: {engine_name(change)} is not told to refuse that",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
        )


def _may_copy(change: SchemaChange) -> bool:
    action = change.action
    asks = action.algorithm not in {"", "default"} or action.lock not in {"", "default"}
    # Of those that copy in any case another rule speaks.
    is_told = change.target.rewrite and change.target.blocks != "nothing"
    is_unsure = change.engine in {"mariadb", "mysql"} and action.form in UNSURE
    return is_unsure and not (asks or is_told) and concerns_a_live_table(change)
