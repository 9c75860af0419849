"""A signature, or a certificate behind it, rests on a digest or key that is broken or too small.

MD5 collides at will, SHA-1 for a price, and RSA keys up to 1024 bits are within reach: what was signed so can be
exchanged for something else with the same signature. DSA is not made any more, and few check it.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust, Strength
from pkgscan.rule import DEFECT, HIGH, MEDIUM, Problem, Scan, rule

SMALL = 1024  # bits of an RSA key that has been within reach for years


@rule(
    title="Weak signature",
    category=DEFECT,
    severity=HIGH,
    may_be=((DEFECT, MEDIUM),),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor to sign anew with SHA-256 and a key of today; until then count the package as unsigned.",
)
def check(trust: SignatureTrust, _scan: Scan) -> Iterator[Problem]:
    if trust.verdict == "weak":
        weak = trust.weakest
        grade = None if _is_broken(weak) else (DEFECT, MEDIUM)
        yield Problem(trust.span, _message(trust, trust.why), evidence=(weak.key, weak.digest), grade=grade)
    for remark in trust.remarks:
        if remark.what == "weak-key":
            grade = (DEFECT, MEDIUM)
            yield Problem(trust.span, _message(trust, remark.why), evidence=(trust.strength.key,), grade=grade)


def _is_broken(weak: Strength) -> bool:
    return weak.digest == "md5" or (weak.key == "rsa" and weak.bits <= SMALL)


def _message(trust: SignatureTrust, why: str) -> str:
    return f"the {trust.scheme} signature of {trust.signer or 'somebody'} is weak: {why}"
