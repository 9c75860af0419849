"""A script runs a program that the target does not have.

The command fails where it stands; with `set -e` the upgrade ends there.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import Need
from pkgscan.rule import CONTRADICTION, HIGH, Problem, Scan, rule


@rule(
    title="Runs a program that the target does not have",
    category=CONTRADICTION,
    severity=HIGH,
    looks_at=Need,
    since="0.1",
    stage="stable",
    remedy="Install the program before the upgrade, or ask the vendor for a way without it.",
    asks="host",
)
def check(need: Need, scan: Scan) -> Iterator[Problem]:
    answer = scan.target.command(need.name) if need.kind == "command" and not need.optional else None
    if answer is not None and answer.holds is False:
        yield Problem(
            need.span,
            f"runs {need.name}, which {answer.phrase}",
            evidence=(need.name,),
            related=(*need.uses, *answer.related),
            confidence="high" if need.sure else "medium",
        )
