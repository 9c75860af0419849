"""A command talks to a host that is not among those the target profile calls reachable.

A firewall may be in the way, or the profile may lack a line: either is better known before the upgrade. Where the
profile says that its list is complete, the connection fails.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import NetworkUse
from pkgscan.reason.hosts import first_use, is_own
from pkgscan.rule import CONTRADICTION, HIGH, LOW, Problem, Scan, rule


@rule(
    title="Contacts a host that the target does not list",
    category=CONTRADICTION,
    severity=LOW,
    may_be=((CONTRADICTION, HIGH),),
    looks_at=NetworkUse,
    since="0.1",
    stage="stable",
    remedy="Have the connection opened before the upgrade, and add the host to the profile.",
    asks="endpoints",
)
def check(use: NetworkUse, scan: Scan) -> Iterator[Problem]:
    if not use.host or is_own(use.host) or use.where or scan.images_of(use.span.path):
        return
    answer = scan.target.reachable(use.host, int(use.port) if use.port else None)
    if answer.holds or answer.span is None or scan.target.retired_host(use.host) or not first_use(use, scan):
        return
    yield Problem(
        use.span,
        f"{use.program} contacts {use.host}, which {answer.phrase}",
        evidence=(use.program, use.host),
        related=(*use.set_at, *answer.related),
        confidence="high" if use.certainty == "must" else "medium",
        grade=(CONTRADICTION, HIGH) if answer.holds is False else None,
    )
