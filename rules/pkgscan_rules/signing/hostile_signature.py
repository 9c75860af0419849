"""What is called a signature is none, or is made to wear out whoever checks it.

A message that grows a thousandfold, thousands of certificates, elements nested without end: no tool makes such a
signature, and one that checks it may never end, or end in a way of somebody else's choosing.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Malformed or hostile signature",
    category=DEFECT,
    severity=HIGH,
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Do not check it with other tools either; fetch it anew, and ask the vendor what it is.",
)
def check(trust: SignatureTrust, _scan: Scan) -> Iterator[Problem]:
    if trust.verdict == "hostile":
        yield Problem(
            trust.span, f"this {trust.scheme} signature was not checked: {trust.why}", evidence=(trust.scheme,)
        )
