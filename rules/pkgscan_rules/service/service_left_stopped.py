"""A script stops a unit, and nothing in the package starts it again.

After the upgrade the service is down until somebody notices.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import ServiceStop
from pkgscan.reason.running import runs_at_install
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule


@rule(
    title="Leaves a service stopped",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=ServiceStop,
    since="0.1",
    stage="stable",
    remedy="Start the unit at the end of the script, and in a trap for the case that a step fails.",
)
def check(stop: ServiceStop, scan: Scan) -> Iterator[Problem]:
    if not stop.starts and not stop.given_up and runs_at_install(stop.span.path, scan):
        yield Problem(
            stop.span,
            f"stops {stop.unit}, and nothing in the package starts it again",
            evidence=(stop.unit,),
            related=stop.uses,
        )
