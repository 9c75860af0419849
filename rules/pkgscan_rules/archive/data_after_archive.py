"""Bytes stand behind the end of the archive, where no unpacker looks.

Signed installers keep their signature there. Anything else may be a leftover of a broken upload, or data that a script
of the package cuts out of its own archive.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.archive import Disagreement
from pkgscan.rule import DEFECT, LOW, Problem, Scan, rule


@rule(
    title="Data behind the end of an archive",
    category=DEFECT,
    severity=LOW,
    looks_at=Disagreement,
    since="0.1",
    remedy="Ask the vendor what the bytes are for, and compare the checksum with the published one.",
    stage="stable",
)
def check(fact: Disagreement, _scan: Scan) -> Iterator[Problem]:
    """Report the bytes behind the end record."""
    if fact.disagreement == "data-after-end":
        yield Problem(fact.span, fact.text, evidence=(fact.disagreement,))
