"""A signature leads to a key or root that the target profile has retired.

A vendor retires a key because others may have it, or because its time is over. What is signed with it after that is
signed by whoever has it; a date in a signature is only what the signer says.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import CONTRADICTION, HIGH, MEDIUM, Problem, Scan, rule


@rule(
    title="Signed under a retired key",
    category=CONTRADICTION,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM),),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor for the package signed with the key that took the retired one's place.",
)
def check(trust: SignatureTrust, scan: Scan) -> Iterator[Problem]:
    if trust.verdict != "retired":
        return
    still = any(
        not one.compromised and one.until is not None and scan.now.date() <= one.until
        for one in scan.profile.signatures.retired
        if any(_same(one.pin.value, pin) for pin in trust.anchors)
    )
    grade = (CONTRADICTION, MEDIUM) if still else None
    message = f"signed by {trust.signer or 'somebody'}: {trust.why}"
    yield Problem(trust.span, message, evidence=trust.anchors, grade=grade)


def _same(one: str, other: str) -> bool:
    return one.upper() == other.upper()
