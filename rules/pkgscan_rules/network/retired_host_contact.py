"""A command talks to a host that the target profile lists as retired.

Nobody reads the failure of an unattended job; its retries fill the log, then the disk.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import NetworkUse
from pkgscan.rule import CONTRADICTION, HIGH, Problem, Related, Scan, rule

STARTS = 3  # ways that lead to the command, told; they mostly differ in the time alone


@rule(
    title="Contacts a retired host",
    category=CONTRADICTION,
    severity=HIGH,
    looks_at=NetworkUse,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor for the successor, or remove the transfer before staging.",
    asks="endpoints",
)
def check(use: NetworkUse, scan: Scan) -> Iterator[Problem]:
    retired = scan.target.retired_host(use.host) if use.host else None
    if retired is None:
        return
    since = f", retired on {retired.retired_on}" if retired.retired_on else ", which is retired"
    reason = f"retired here: {retired.reason}" if retired.reason else "retired here"
    started = (
        place for start in scan.started_by(use.span)[:STARTS] for place in start.related if place.span != use.span
    )
    yield Problem(
        use.span,
        f"{use.program} contacts {use.host}{since}",
        evidence=(use.program, use.host),
        related=(*use.set_at, *dict.fromkeys(started), Related(retired.span, reason)),
        confidence="high" if use.certainty == "must" else "medium",
    )
