"""A folder is deleted whose path begins with a variable that may be empty: what is deleted then is the host's own.

`rm -rf "$X/"` is `rm -rf /` where X is not set, and `rm -rf "$X/lib"` takes /lib.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import FileWrite
from pkgscan.reason.running import is_documentation
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Deletes the host's own folders if a variable is empty",
    category=DEFECT,
    severity=HIGH,
    looks_at=FileWrite,
    since="0.1",
    stage="stable",
    remedy="Write ${X:?} so that the script ends where X is empty, or test it before.",
)
def check(write: FileWrite, scan: Scan) -> Iterator[Problem]:
    if not write.may_be_empty or any(write.guarded("set", name) for name in write.may_be_empty):
        return
    if scan.images_of(write.span.path):
        return
    names = " and ".join(f"${name}" for name in write.may_be_empty)
    yield Problem(
        write.span,
        f"{write.program} deletes {write.path}, and nothing makes sure that {names} is not empty",
        evidence=(write.program, write.path),
        confidence="low" if is_documentation(write.span.path) else "high" if write.certainty == "must" else "medium",
    )
