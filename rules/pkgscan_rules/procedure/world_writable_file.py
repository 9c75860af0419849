"""A script makes a file or folder writable for everybody.

Any account of the host can change it then, a service's that was broken into as well.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import FileWrite
from pkgscan.reason.programs.files import opens_to_all
from pkgscan.reason.running import is_documentation
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule

PASSING = ("/tmp", "/var/tmp", "/dev/", "/proc/", "/run/lock", "/var/lock")  # noqa: S108  # names of folders


@rule(
    title="Lets everybody write",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=FileWrite,
    since="0.1",
    stage="stable",
    remedy="Give the file to the account that needs it, and take the others' right to write away.",
)
def check(write: FileWrite, scan: Scan) -> Iterator[Problem]:
    if not write.mode or not opens_to_all(write.mode) or write.path.startswith(PASSING):
        return
    if is_documentation(write.span.path) or scan.images_of(write.span.path):
        return
    if next(_same(write, scan)) is not write:
        return
    below = " and all below it" if write.is_tree and write.way == "mode" else ""
    yield Problem(
        write.span,
        f"{write.program} gives {write.path}{below} the mode {write.mode}, so that everybody may write",
        evidence=(write.program, write.path, write.mode),
        related=write.set_at,
        confidence="high" if write.certainty == "must" else "medium",
    )


def _same(write: FileWrite, scan: Scan) -> Iterator[FileWrite]:
    """What the script does to the same file in the same way; it is told once."""
    others = scan.facts_of(FileWrite, write.span.path)
    return (one for one in others if (one.path, one.mode) == (write.path, write.mode))
