"""A member's name is spelled in a roundabout way.

`etc//cron.d/x` and `etc/foo/../cron.d/x` are unpacked to `etc/cron.d/x`, but a tool that compares names does not find
them there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, LOW, Problem, Scan, rule

# A leading "./" is what tar makes of ".", and a trailing slash marks a directory.
ROUNDABOUT = re.compile(rb"/(?:/|\.\.?/)[^/]|[^/]/\.\.?$")


@rule(
    title="Roundabout member name",
    category=DEFECT,
    severity=LOW,
    looks_at=Entry,
    since="0.1",
    remedy="Compare what is unpacked with what the vendor lists.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """By the raw name; the path of the entry is already the plain one."""
    name = entry.name
    # The pattern is tried at every byte, so it is spared the names that hold neither of its beginnings.
    if entry.archive and (b"//" in name or b"/." in name) and ROUNDABOUT.search(name):
        spelled = name.decode("utf-8", "backslashreplace")
        yield Problem(entry.span, f"spelled {spelled}", evidence=(entry.member, spelled))
