"""A timer has a calendar that systemd cannot parse, so it never starts, or not at that time.

systemd warns in its journal and goes on without the line (systemd.timer(5), systemd.time(7)). A timer that has no other
time it refuses to load at all; an installer that only enables the timer does not notice.
"""

from collections.abc import Iterator

from pkgscan.facts.systemd import UnitDirectiveRejected, UnitTimer
from pkgscan.model import Span
from pkgscan.rule import DEFECT, LOW, MEDIUM, Problem, Scan, rule

LAST_LINE = 1 << 31  # beyond any file
NEVER = "so it never starts"


@rule(
    title="Timer with a calendar that systemd refuses",
    category=DEFECT,
    severity=MEDIUM,
    may_be=((DEFECT, LOW),),
    looks_at=UnitDirectiveRejected,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor when it is meant to run; `systemd-analyze calendar` tells what systemd takes.",
)
def check(rejected: UnitDirectiveRejected, scan: Scan) -> Iterator[Problem]:
    effect = _effect(rejected, scan)
    name = rejected.span.path.rpartition("/")[2]
    yield Problem(
        rejected.span,
        f"systemd ignores {rejected.directive}={rejected.value} of {name}: {rejected.why}, {effect}",
        evidence=(name, rejected.value),
        grade=(DEFECT, MEDIUM if effect == NEVER else LOW),
    )


def _effect(rejected: UnitDirectiveRejected, scan: Scan) -> str:
    if not rejected.span.path.endswith(".timer"):
        return "so what this drop-in adds is lost"
    timers = scan.facts_in(UnitTimer, Span(rejected.span.path, 1, LAST_LINE))
    others = any(timer.calendars or timer.monotonic for timer in timers)
    return "and starts the timer at its other times only" if others else NEVER
