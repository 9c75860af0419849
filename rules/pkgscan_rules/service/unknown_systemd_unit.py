"""A script acts on a unit that neither the package brings nor the target has.

The command fails; with `set -e` the upgrade ends there, without it the service keeps running what it ran before.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import Need
from pkgscan.rule import CONTRADICTION, HIGH, MEDIUM, Problem, Scan, rule


@rule(
    title="Acts on a unit that the target does not have",
    category=CONTRADICTION,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM),),
    looks_at=Need,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor which unit is meant, and have the script corrected before the upgrade.",
)
def check(need: Need, scan: Scan) -> Iterator[Problem]:
    if need.kind != "unit":
        return
    answer = scan.target.unit(need.name)
    if answer.holds or (answer.holds is None and not answer.is_open):
        return
    yield Problem(
        need.span,
        f"acts on {need.name}, which {answer.phrase}{'' if answer.value else answer.hint}",
        evidence=(need.name,),
        related=(*need.uses, *answer.related),
        confidence="high" if need.sure else "medium",
        grade=None if answer.holds is False and not need.optional else (CONTRADICTION, MEDIUM),
    )
