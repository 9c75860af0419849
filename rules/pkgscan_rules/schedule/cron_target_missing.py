"""A scheduled job starts a file in the package's own directories that the package does not ship.

The job fails every time, and since nobody watches it, what it should have done stays undone.
"""

from collections.abc import Iterator

from pkgscan.facts.package import MaintainerScript
from pkgscan.facts.schedule import ScheduledJob
from pkgscan.model import Confidence
from pkgscan.reason.invocation import Reference, references
from pkgscan.reason.jobs import commands_of, guarded_paths
from pkgscan.rule import DEFECT, MEDIUM, Problem, Related, Scan, rule
from pkgscan.values import literal


@rule(
    title="Scheduled job starts a file that is not there",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=ScheduledJob,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor which file is meant, or disable the job until the file is there.",
)
def check(job: ScheduledJob, scan: Scan) -> Iterator[Problem]:
    if job.container:  # whoever starts it may mount what it needs
        return
    commands = commands_of(job, scan)
    guarded = guarded_paths(commands)
    told: set[str] = set()
    for reference in references(commands, {}):
        path = literal(reference.path) or ""
        if path in told or path in guarded or not _is_missing(reference, path, scan):
            continue
        told.add(path)
        yield Problem(
            reference.span,
            f"{job.kind} {'reads' if reference.use == 'sourced' else 'starts'} {path}, which the package does not ship",
            evidence=(path,),
            related=() if job.span.covers(reference.span) else (Related(job.span, f"runs {job.when}"),),
            confidence=_confidence(scan),
        )


def _is_missing(reference: Reference, path: str, scan: Scan) -> bool:
    if reference.use == "directory" or not path.startswith("/") or any(sign in path for sign in "*?[%"):
        return False  # a directory may be made empty; patterns and specifiers are filled in on the host
    return scan.in_own_tree(path) and not scan.candidates(path, reference.span.path)


def _confidence(scan: Scan) -> Confidence:
    """A package whose scripts run on installation may make the file there."""
    return "medium" if scan.facts(MaintainerScript) else "high"
