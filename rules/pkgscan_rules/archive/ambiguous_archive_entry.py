"""Two unpackers of this archive would write different files.

The places in which a zip, a tar or another archive describes a member contradict each other, or one name stands for
two contents. In a tar it may also be a size that tools read differently, or that only some take for content: then they
see other members. Which file ends up on the host depends on the tool, and a check of one reading says nothing of the
other.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.archive import Disagreement
from pkgscan.rule import DEFECT, HIGH, LOW, MEDIUM, Grade, Problem, Scan, rule

GRADES: dict[str, Grade] = {
    "name-differs": (DEFECT, HIGH),
    "unicode-name-differs": (DEFECT, HIGH),
    "nul-in-name": (DEFECT, HIGH),
    "duplicate-name": (DEFECT, HIGH),
    "shared-header": (DEFECT, HIGH),
    "overlap": (DEFECT, HIGH),
    "size-differs": (DEFECT, HIGH),
    "type-differs": (DEFECT, HIGH),
    "mode-differs": (DEFECT, HIGH),  # setuid to one installer, and not to the other
    "link-differs": (DEFECT, HIGH),
    "method-differs": (DEFECT, HIGH),
    "encryption-differs": (DEFECT, HIGH),
    "directory-only": (DEFECT, HIGH),
    "crc-differs": (DEFECT, MEDIUM),  # the bytes are the same, only some tools refuse them
    "count-differs": (DEFECT, MEDIUM),  # most tools do not ask the count
    "duplicate-copy": (DEFECT, LOW),  # both give the same file
}


@rule(
    title="Archive entry that unpackers read differently",
    category=DEFECT,
    severity=HIGH,
    may_be=((DEFECT, MEDIUM), (DEFECT, LOW)),
    looks_at=Disagreement,
    since="0.1",
    remedy="Ask the vendor for an archive that was written anew by an ordinary tool.",
    stage="stable",
    integrity=True,
)
def check(fact: Disagreement, _scan: Scan) -> Iterator[Problem]:
    """Report a contradiction, graded by what may come of it."""
    grade = GRADES.get(fact.disagreement)
    if grade is not None:
        evidence = (fact.disagreement, fact.one_reading, fact.other_reading)
        yield Problem(fact.span, fact.text, evidence=evidence, grade=grade)
