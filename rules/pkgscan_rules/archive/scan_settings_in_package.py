"""A package brings settings of this very scanner, and so tries to say how it is judged.

Settings come from whoever scans, never from what is scanned: these change nothing here. Where somebody unpacks the
package and scans from inside it, they would lower severities, pass over rules or raise the gate. In a folder that is
scanned as it lies they are most likely the user's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, INFO, LOW, Problem, Scan, rule

SETTINGS = "pkgscan.toml"


@rule(
    title="Settings of the scanner in the package",
    category=DEFECT,
    severity=LOW,
    may_be=((DEFECT, INFO),),
    looks_at=Entry,
    since="0.1",
    remedy="Ask the vendor why it is shipped, and do not scan from inside the unpacked package.",
    stage="stable",
)
def check(entry: Entry, scan: Scan) -> Iterator[Problem]:
    """Look at the name alone: a table in a pyproject.toml would have to be parsed."""
    if not entry.archive or entry.type == "directory" or entry.member.rpartition("/")[2] != SETTINGS:
        return
    holder = scan.entry(entry.archive)
    in_folder = holder is not None and holder.type == "directory"
    yield Problem(
        entry.span,
        f"{entry.member} would say how the package is judged, and is ignored",
        evidence=(entry.member,),
        grade=(DEFECT, INFO if in_folder else LOW),
    )
