"""A script acts on a unit that the package does not bring.

Whether the host has it, under this name, is taken for granted: units are renamed from one release to the next.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import Need
from pkgscan.rule import ASSUMPTION, LOW, MEDIUM, Problem, Scan, rule


@rule(
    title="Acts on a unit that the package does not bring",
    category=ASSUMPTION,
    severity=MEDIUM,
    may_be=((ASSUMPTION, LOW),),
    looks_at=Need,
    since="0.1",
    stage="stable",
    remedy="Check that the host has a unit of this name: systemctl cat NAME.",
)
def check(need: Need, scan: Scan) -> Iterator[Problem]:
    if need.kind != "unit":
        return
    answer = scan.target.unit(need.name)
    if answer.holds is not None or answer.is_open:
        return  # a rule of its own speaks of what the profile says
    yield Problem(
        need.span,
        f"acts on {need.name}, which the package does not bring",
        evidence=(need.name,),
        related=need.uses,
        confidence="high" if need.sure else "medium",
        grade=(ASSUMPTION, LOW) if need.optional else None,
    )
