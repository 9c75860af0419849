"""An ALTER TABLE of MySQL or MariaDB falls back to copying the table, and does not say so.

Without ALGORITHM and LOCK the server takes the best way it has; where that is a copy, writers wait for all of it. With
them it refuses at once instead.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.reason.schema_words import concerns_a_live_table, engine_name, evidence, related, sized, statement
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
def check(change: SchemaChange, _scan: Scan) -> Iterator[Problem]:
    action = change.action
    asks = action.algorithm not in {"", "default"} or action.lock not in {"", "default"}
    is_told = (
        change.target.rewrite and change.target.blocks != "nothing"
    )  # of those that copy in any case another rule speaks
    if change.engine not in {"mariadb", "mysql"} or action.form not in UNSURE or asks or is_told:
        return
    if concerns_a_live_table(change):
        yield Problem(
            change.span,
            f"{statement(change)} may copy {sized(change.target)}: {engine_name(change)} is not told to refuse that",
            evidence=evidence(change),
            related=related(change),
            confidence=change.confidence,
        )
