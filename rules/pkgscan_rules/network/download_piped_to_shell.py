"""What a command downloads is run at once, unseen.

Whoever controls the server or the way to it runs what they like on the host, as whoever upgrades it; and a download
that breaks off runs as far as it came.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import DownloadRun
from pkgscan.reason.hosts import is_own
from pkgscan.reason.running import is_documentation
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Runs what it downloads",
    category=DEFECT,
    severity=HIGH,
    looks_at=DownloadRun,
    since="0.1",
    stage="stable",
    remedy="Download to a file, compare its digest with one you trust, and run it then; or have it shipped.",
)
def check(run: DownloadRun, scan: Scan) -> Iterator[Problem]:
    if is_own(run.host) or scan.removal(run.span.path) is not None:
        return
    source = run.host or run.url or "a host that is set at run time"
    yield Problem(
        run.span,
        f"{run.shell} runs what {run.program} fetches from {source}",
        evidence=(run.shell, run.program, source),
        related=run.set_at,
        confidence="low" if is_documentation(run.span.path) else "high" if run.certainty == "must" else "medium",
    )
