"""The failure of a copy or of SQL is swallowed, and the script goes on as if it were done.

What comes next stands on something that is not there; the upgrade ends well, and the host is in between.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import FailureIgnored
from pkgscan.reason.running import runs_at_install
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule


@rule(
    title="Goes on after a failure",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=FailureIgnored,
    since="0.1",
    stage="stable",
    remedy="Remove what swallows the failure, or have the script check what it relies on.",
)
def check(ignored: FailureIgnored, scan: Scan) -> Iterator[Problem]:
    if not ignored.where and runs_at_install(ignored.span.path, scan):
        yield Problem(
            ignored.span,
            f"{ignored.program} {ignored.what}, and its failure is swallowed",
            evidence=(ignored.program, ignored.what),
            related=ignored.set_at,
            confidence="high" if ignored.certainty == "must" else "medium",
        )
