"""The archive holds members that some unpackers see and others do not.

A zip names its members twice: in the directory at its end and in a header before each member. Scanners and desktop
tools usually go by one, streaming unpackers by the other, so that what was checked is not what gets installed. The same
holds for a second archive before the first or in its comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.archive import Disagreement
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule

HIDING = frozenset({"local-only", "archive-in-comment", "second-archive", "second-directory"})


@rule(
    title="Archive members that some unpackers do not see",
    category=DEFECT,
    severity=HIGH,
    looks_at=Disagreement,
    since="0.1",
    remedy="Do not unpack this archive; ask the vendor for one that was written anew by an ordinary tool.",
    stage="stable",
    integrity=True,
)
def check(fact: Disagreement, _scan: Scan) -> Iterator[Problem]:
    """Report what only one way of reading shows."""
    if fact.disagreement in HIDING:
        yield Problem(fact.span, fact.text, evidence=(fact.disagreement, fact.other_reading))
