"""A member's name climbs out of the directory it is unpacked into.

Unpackers that do not refuse such a name write the file wherever it points, over whatever is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Member name that climbs out of its tree",
    category=DEFECT,
    severity=HIGH,
    looks_at=Entry,
    since="0.1",
    remedy="Do not unpack this archive; ask the vendor for one without such names.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """Report names that are higher up than their start at any point; backslashes climb too, on Windows."""
    if ".." not in entry.path or not entry.archive:
        return
    depth = 0
    for part in entry.member.replace("\\", "/").split("/"):
        depth += -1 if part == ".." else part not in {"", "."}
        if depth < 0:
            yield Problem(entry.span, f"the name {entry.member} leads out of the tree", evidence=(entry.member,))
            return
