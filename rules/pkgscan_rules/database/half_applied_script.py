"""A script of several schema changes goes on behind an error, or stops half way with no way back.

psql, sqlplus and sqlcmd go on after a failed statement unless told to stop; on MySQL, MariaDB and Oracle each change
commits by itself, so that a later failure leaves the first ones in place.
"""

from collections.abc import Iterator

from pkgscan.facts.sql import SchemaChange, SqlCall, SqlUnit
from pkgscan.model import Related
from pkgscan.reason.schema_words import concerns_a_live_table, engine_name
from pkgscan.rule import ASSUMPTION, LOW, MEDIUM, Problem, Scan, rule

GO_ON = ("psql", "sqlplus", "sqlcmd")
COMMIT_EACH = ("mysql", "mariadb", "oracle")
ROWS = ("update", "delete", "insert", "select", "create-table")


@rule(
    title="Script that may be left half applied",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=SqlUnit,
    since="0.1",
    stage="stable",
    may_be=((ASSUMPTION, MEDIUM),),
    remedy="Stop at the first error (psql -v ON_ERROR_STOP=1, WHENEVER SQLERROR EXIT, sqlcmd -b), use one transaction "
    "where the engine can, and make each step repeatable.",
)
def check(unit: SqlUnit, scan: Scan) -> Iterator[Problem]:
    if unit.is_undo:
        return
    beside = scan.facts_of(SchemaChange, unit.span.path)
    changes = [one for one in beside if one.action.unit == unit.unit and _counts(one)]
    if len({one.action.statement for one in changes}) <= 1:
        return
    first = changes[0]
    call = next((one for one in scan.facts(SqlCall) if one.span == first.called_at), None)
    goes_on = call is not None and call.client in GO_ON and not (call.stops_at_error or unit.stops_at_error)
    name = unit.unit.rpartition("/")[2]
    if call is not None and goes_on and not call.in_one_transaction:
        yield Problem(
            call.span,
            f"{call.client} goes on after an error in {name}, which makes {len(changes)} schema changes",
            evidence=(call.client, name),
            related=(Related(first.span, "the first change"),),
            grade=(ASSUMPTION, MEDIUM),
        )
    elif unit.engine in COMMIT_EACH:
        yield Problem(
            first.span,
            f"{engine_name(first)} commits {len(changes)} changes one by one: a failure leaves the first ones in place",
            evidence=("commits each",),
            confidence=first.confidence,
        )


def _counts(change: SchemaChange) -> bool:
    return concerns_a_live_table(change) and not change.action.form.startswith(ROWS)
