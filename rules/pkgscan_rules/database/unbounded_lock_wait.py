"""Schema changes wait for their locks without a limit, and all who come later queue behind them.

A change that takes a moment first waits for every transaction that uses the table. Meanwhile each new query on the
table waits behind it: one forgotten session stops the application.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange
from pkgscan.model import Related
from pkgscan.reason.schema_words import concerns_a_live_table, engine_name, related, statement
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

ENGINES = ("postgresql", "mariadb", "mysql")  # Oracle gives up at once unless told otherwise
ROWS = ("update", "delete", "insert", "select")
TOLD = 3  # further statements that are pointed at


@rule(
    title="Waits for locks without a limit",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=SchemaChange,
    since="0.1",
    stage="stable",
    remedy="Set lock_timeout (PostgreSQL) or lock_wait_timeout (MariaDB, MySQL) to a few seconds, and try again later.",
)
def check(change: SchemaChange, scan: Scan) -> Iterator[Problem]:
    if scan.first(SchemaChange, _waits) is not change:
        return  # once for the package, at the first
    waiting = [one for one in scan.facts(SchemaChange) if _waits(one)]
    others = tuple(Related(one.span, "waits as well") for one in waiting[1 : TOLD + 1])
    more = len(waiting) - 1
    yield Problem(
        change.span,
        f"{statement(change)} waits for its lock without a limit on {engine_name(change)}"
        + (f", and {more} more {'does' if more == 1 else 'do'}" if more else ""),
        evidence=("no lock timeout",),
        related=(*related(change), *others),
        confidence=change.confidence,
    )


def _waits(change: SchemaChange) -> bool:
    is_schema = not change.action.form.startswith(ROWS)
    blocks = change.target.queue != "nothing" or change.target.blocks != "nothing"
    return (
        change.engine in ENGINES and is_schema and blocks and change.lock_timeout <= 0 and concerns_a_live_table(change)
    )
