"""Two members of one directory have names that some file systems take for one.

On Windows, macOS and case-insensitive shares the later file replaces the earlier without a word; names that differ only
in how an accented letter is composed look the same everywhere. Windows also drops dots and spaces at the end of a name.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.archive import NameCollision
from pkgscan.rule import DEFECT, LOW, MEDIUM, Problem, Scan, rule

HOW = {
    "case": "in case",
    "composition": "in how their characters are composed",
    "ending": "in dots and spaces at their end",
}


@rule(
    title="Names that are one on some file systems",
    category=DEFECT,
    severity=MEDIUM,
    may_be=((DEFECT, LOW),),
    looks_at=NameCollision,
    since="0.1",
    remedy="Unpack on a case-sensitive file system, or ask the vendor for distinct names.",
    stage="stable",
)
def check(fact: NameCollision, _scan: Scan) -> Iterator[Problem]:
    """Report the first pair of a directory."""
    first, second = fact.names
    how = HOW[fact.differ_by]
    more = f", and {fact.more} more here" if fact.more else ""
    grade = (DEFECT, MEDIUM) if fact.differ_by == "composition" else (DEFECT, LOW)
    yield Problem(fact.span, f"{first} and {second} differ only {how}{more}", evidence=(first, second), grade=grade)
