"""The key or certificate that signed has expired, or is not valid yet.

An expired certificate is no bad one: if somebody else vouches that it signed while it was good, the signature still
holds. Where only the signer says when it was, whoever has the old key may say the same.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import ASSUMPTION, INFO, MEDIUM, Problem, Scan, rule


@rule(
    title="Signer out of its time",
    category=ASSUMPTION,
    severity=MEDIUM,
    may_be=((ASSUMPTION, INFO),),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor for a signature with a timestamp, or for one by a key that is good today.",
)
def check(trust: SignatureTrust, _scan: Scan) -> Iterator[Problem]:
    if trust.verdict not in {"expired", "expired-timestamped", "not-yet-valid"}:
        return
    grade = (ASSUMPTION, INFO) if trust.verdict == "expired-timestamped" else None
    message = f"signed by {trust.signer or 'somebody'}: {trust.why}"
    yield Problem(trust.span, message, evidence=(trust.signer,), grade=grade)
