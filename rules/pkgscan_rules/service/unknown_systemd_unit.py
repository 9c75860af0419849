"""A script acts on a unit that neither the package brings nor the target has.

The command fails; with `set -e` the upgrade ends there, without it the service keeps running what it ran before.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import Need
from pkgscan.rule import CONTRADICTION, HIGH, LOW, MEDIUM, Grade, Problem, Scan, rule


@rule(
    title="Acts on a unit that the target does not have",
    category=CONTRADICTION,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM), (CONTRADICTION, LOW)),
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
        grade=_grade(is_certain=answer.holds is False, is_optional=need.optional),
    )


def _grade(*, is_certain: bool, is_optional: bool) -> Grade | None:
    """High where it is certain and the script takes no care of it; a step less for either."""
    if is_certain and not is_optional:
        return None
    return (CONTRADICTION, MEDIUM) if is_certain or not is_optional else (CONTRADICTION, LOW)
