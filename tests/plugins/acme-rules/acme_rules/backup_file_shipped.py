"""An editor's backup of a file is part of the package.

It often holds what was taken out of the file for a reason, such as a password.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule


@rule(
    title="Ships a backup file",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=Entry,
    since="1.0",
    stage="stable",
    vendor="acme",
    remedy="Ask the vendor to leave it out.",
)
def check(entry: Entry, scan: Scan) -> Iterator[Problem]:
    """A problem for each such file."""
    if entry.type == "file" and entry.member.endswith("~"):
        kept = scan.entry(entry.path[:-1])
        beside = " beside the file itself" if kept else ""
        yield Problem(entry.span, f"{entry.member} is an editor's backup{beside}", evidence=(entry.member,))
