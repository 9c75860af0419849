"""A script uses an account that neither the package makes nor the target has.

chown, su and their like fail then, and files stay with an owner who was not meant.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import Need
from pkgscan.reason.running import is_in_package
from pkgscan.rule import CONTRADICTION, HIGH, MEDIUM, Problem, Scan, rule


@rule(
    title="Uses an account that the target does not have",
    category=CONTRADICTION,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM),),
    looks_at=Need,
    since="0.1",
    stage="stable",
    remedy="Have the account made before the upgrade, or ask the vendor which one is meant.",
    asks="host",
)
def check(need: Need, scan: Scan) -> Iterator[Problem]:
    if need.kind != "user" or need.optional:
        return
    answer = scan.target.user(need.name)
    if answer.holds or (answer.holds is None and not answer.is_open):
        return
    if answer.is_open and is_in_package(need.span.path, scan):
        return  # a package that this one depends on may make the account
    yield Problem(
        need.span,
        f"uses the account {need.name}, which {answer.phrase}{answer.hint}",
        evidence=(need.name,),
        related=(*need.uses, *answer.related),
        confidence="high" if need.sure else "medium",
        grade=None if answer.holds is False else (CONTRADICTION, MEDIUM),
    )
