"""SQL changes a table that the target's database does not have, and that nothing in the package makes.

The statement fails, and what stood before it in the file may be committed already. The package is meant for another
release of the schema, or for another database.
"""

from collections.abc import Iterator

from pkgscan.facts.assumption import Assumption
from pkgscan.rule import CONTRADICTION, HIGH, Problem, Related, Scan, rule


@rule(
    title="Changes a table that the target does not have",
    category=CONTRADICTION,
    severity=HIGH,
    looks_at=Assumption,
    since="0.1",
    stage="stable",
    asks="databases",
    remedy="Ask the vendor for which release of the schema the migration is meant, and compare it with the target's.",
)
def check(assumption: Assumption, _scan: Scan) -> Iterator[Problem]:
    if assumption.kind != "table" or assumption.verdict != "not met":
        return
    stated = () if assumption.stated is None else (Related(assumption.stated, "all tables are listed here"),)
    used = tuple(Related(use, "used here too") for use in assumption.uses if use != assumption.span)
    yield Problem(
        assumption.span,
        f"changes {assumption.subject}, which {assumption.phrase}",
        evidence=(assumption.subject,),
        related=(*used, *stated),
        confidence="medium",  # another database of the host may be meant, or a view, which no listing of tables has
    )
