"""A signature does not hold: what it signs was changed, is missing, or is there twice.

A signature that fails is worth less than none: somebody meant the content to be checked, and it is not what was
signed.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Signature that does not hold",
    category=DEFECT,
    severity=HIGH,
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    integrity=True,
    remedy="Do not install it; fetch the package anew, and ask the vendor if the signature fails again.",
)
def check(trust: SignatureTrust, _scan: Scan) -> Iterator[Problem]:
    if trust.verdict == "bad":
        what = trust.covers[0].rpartition("!/")[2] if trust.covers else "the package"
        lead = f"the {trust.scheme} signature of {what}" if trust.scheme != "checksums" else what
        message = f"{lead} does not hold: {trust.why}"
        yield Problem(trust.span, message, evidence=(trust.scheme, trust.signer), related=trust.related)
