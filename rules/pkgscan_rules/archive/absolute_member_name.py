"""A member's name is an absolute path.

Some unpackers drop the leading slash, some write to that very place on the host, whatever directory was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule

ABSOLUTE = re.compile(rb"[/\\]|[A-Za-z]:[/\\]")
ROOTED = frozenset({"rpm", "deb"})  # formats whose names count from the root of the host anyway


@rule(
    title="Absolute member name",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=Entry,
    since="0.1",
    remedy="Unpack it only with a tool that strips the leading slash, into an empty directory.",
    stage="stable",
)
def check(entry: Entry, scan: Scan) -> Iterator[Problem]:
    """Report names that start at the root or at a drive."""
    if entry.archive and ABSOLUTE.match(entry.name):
        holder = scan.entry(entry.archive)
        if holder is None or holder.format not in ROOTED:
            yield Problem(entry.span, f"the name {entry.member} is absolute", evidence=(entry.member,))
