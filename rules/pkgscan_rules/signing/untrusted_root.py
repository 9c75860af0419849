"""A signature is whole, but whoever made it is nobody the target knows: only the package vouches for its key.

Anybody can make a key, put any name on it, sign with it, and ship both. A signature says who made a package only to
somebody who knew the key, or its root, before the package came.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, MEDIUM, Problem, Scan, rule

UNKNOWN = frozenset({"unknown-signer", "root-only-in-package", "self-signed", "chain-incomplete", "chain-broken"})


@rule(
    title="Signer that nobody vouches for",
    category=ASSUMPTION,
    severity=MEDIUM,
    may_be=((CONTRADICTION, HIGH),),
    looks_at=SignatureTrust,
    since="0.1",
    remedy="Compare the key's fingerprint with one the vendor publishes elsewhere, then pin it in the target profile.",
)
def check(trust: SignatureTrust, scan: Scan) -> Iterator[Problem]:
    if trust.verdict not in UNKNOWN or not _is_first(trust, scan):
        return
    message = f"signed by {trust.signer or 'somebody without a name'}: {trust.why}"
    grade = (CONTRADICTION, HIGH) if trust.configured else None
    yield Problem(trust.span, message, evidence=(trust.key,), related=trust.related, grade=grade, remedy=_remedy(trust))


def _is_first(trust: SignatureTrust, scan: Scan) -> bool:
    """One finding a signer, however much it signed."""
    same = (one for one in scan.facts(SignatureTrust) if one.verdict in UNKNOWN and _who(one) == _who(trust))
    return next(same) is trust


def _who(trust: SignatureTrust) -> tuple[str, str]:
    return trust.key, trust.signer


def _remedy(trust: SignatureTrust) -> str:
    if not trust.hints:
        return ""
    ask = f" Ask {', '.join(trust.contacts)}." if trust.contacts else ""
    lines = "; ".join(trust.hints)
    return f"Compare the fingerprint with one the vendor publishes elsewhere.{ask} To trust it: {lines}"
