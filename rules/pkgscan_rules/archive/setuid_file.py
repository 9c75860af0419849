"""A program will run with the rights of its owner or group, whoever starts it.

Every fault in it is then a way to those rights; hardened hosts mount file systems so that such bits do not count.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

RUNNABLE = 0o111


@rule(
    title="Program that runs with its owner's rights",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=Entry,
    since="0.1",
    remedy="Ask the vendor why it needs the bit, and whether a capability or a sudo rule would do.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """Report executable files with a setuid or setgid bit."""
    if entry.type != "file" or not entry.mode & (stat.S_ISUID | stat.S_ISGID) or not entry.mode & RUNNABLE:
        return
    setuid = bool(entry.mode & stat.S_ISUID)
    owner = (entry.user or f"user {entry.uid}") if setuid else (entry.group or f"group {entry.gid}")
    bit = "setuid" if setuid else "setgid"
    yield Problem(entry.span, f"{entry.member} is {bit}, owned by {owner}", evidence=(entry.member, bit))
