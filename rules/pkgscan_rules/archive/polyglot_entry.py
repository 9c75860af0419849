"""A file is one thing by its place and an archive by its content.

The host reads it as what its place makes it, a crontab or a unit; a scanner that goes by the first bytes opens the
archive and never looks at those lines. Nothing honest is built that way.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="File of two kinds",
    category=DEFECT,
    severity=HIGH,
    looks_at=Entry,
    since="0.1",
    remedy="Do not stage the package; ask the vendor what the file is for.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """The walk has read the entry as both."""
    if entry.format and entry.kind != entry.format:
        message = f"{entry.member} is {entry.kind} by its place and {entry.format} by its content"
        yield Problem(entry.span, message, evidence=(entry.member, entry.kind, entry.format))
