"""A script replaces a configuration file of the host, and keeps no copy of it.

What was set there for this host is lost, and there is no way back.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import FileWrite
from pkgscan.reason.running import runs_as_root, runs_at_install
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

COPIES = frozenset(("cp", "mv", "install", "rsync"))


@rule(
    title="Overwrites configuration without a copy of it",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=FileWrite,
    since="0.1",
    stage="stable",
    remedy="Copy the file aside before the upgrade, and compare the two afterwards.",
)
def check(write: FileWrite, scan: Scan) -> Iterator[Problem]:
    path = write.span.path
    if write.way != "replaces" or write.kept or write.program not in COPIES or not write.path.startswith("/etc/"):
        return
    if not all(_is_of_package(source, write.path) for source in write.sources):
        return
    if write.where or write.guarded("absent", write.path) or not runs_at_install(path, scan):
        return
    if runs_as_root(path, scan) and scan.in_own_tree(write.path):
        return
    if not _is_saved(write, scan) and _is_first(write, scan):
        yield Problem(
            write.span,
            f"{write.program} replaces {write.path}, and no copy of it is kept",
            evidence=(write.program, write.path),
            related=write.set_at,
            confidence="high" if write.certainty == "must" else "medium",
        )


def _is_of_package(source: str, target: str) -> bool:
    """Whether a source is a file that comes with the package: not one made on the way, or of the target itself."""
    made = source.startswith(("/tmp/", "/var/tmp/", "/run/")) or "$" in source or "<" in source  # noqa: S108
    return not made and not source.startswith(target) and not target.startswith(source)


def _is_saved(write: FileWrite, scan: Scan) -> bool:
    """Whether the script copies the file somewhere else first, or makes what it replaces it with out of it."""
    others = [one for one in scan.facts_of(FileWrite, write.span.path) if one.span < write.span]
    return any(write.path in one.sources or (write.path in one.text and one.program in COPIES) for one in others)


def _is_first(write: FileWrite, scan: Scan) -> bool:
    same = (
        one for one in scan.facts_of(FileWrite, write.span.path) if one.path == write.path and one.way == "replaces"
    )
    return next(same, None) is write
