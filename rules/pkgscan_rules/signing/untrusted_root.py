"""A signature is whole, but whoever made it is nobody the target knows: only the package vouches for its key.

Anybody can make a key, put any name on it, sign with it, and ship both. A signature says who made a package only to
somebody who knew the key, or its root, before the package came. A new root is as good as who vouches for it: one that
the target trusts already, or an announcement that a key signed which the target trusts for that.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.reason.wording import shortened
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, INFO, MEDIUM, Grade, Problem, Related, Scan, rule

UNKNOWN = frozenset({"unknown-signer", "root-only-in-package", "self-signed", "chain-incomplete", "chain-broken"})
NAMED = 4  # vendors whose trust is laid beside it
WIDTH = 60  # characters of a vendor's name
RENEWED: dict[str, Grade] = {
    "rotated-cross-signed": (ASSUMPTION, INFO),
    "rotated-announced": (ASSUMPTION, MEDIUM),
}


@rule(
    title="Signer that nobody vouches for",
    category=ASSUMPTION,
    severity=MEDIUM,
    may_be=((ASSUMPTION, INFO), (CONTRADICTION, HIGH)),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Compare the key's fingerprint with one the vendor publishes elsewhere, then pin it in the target profile.",
)
def check(trust: SignatureTrust, scan: Scan) -> Iterator[Problem]:
    if trust.verdict not in UNKNOWN and trust.verdict not in RENEWED:
        return
    if _is_first(trust, scan):
        unknown = (CONTRADICTION, HIGH) if trust.configured else None
        yield Problem(
            trust.span,
            f"signed by {trust.signer or 'somebody without a name'}: {trust.why}",
            evidence=(trust.key,),
            related=(*trust.related, *(_trusted(scan) if trust.configured and trust.verdict in UNKNOWN else ())),
            grade=RENEWED.get(trust.verdict, unknown),
            remedy=_remedy(trust),
        )


def _trusted(scan: Scan) -> Iterator[Related]:
    """The other side: whom the target trusts instead."""
    for trust in scan.profile.signatures.trust[:NAMED]:
        named = next(iter((*trust.roots, *trust.pins)), trust.vendor)
        yield Related(named.span, f"trusted here for {shortened(trust.vendor.value, WIDTH)}")


def _is_first(trust: SignatureTrust, scan: Scan) -> bool:
    """One finding a signer, however much it signed."""
    return next(one for one in scan.facts(SignatureTrust) if _same(one) == _same(trust)) is trust


def _same(trust: SignatureTrust) -> tuple[str, str, str]:
    return trust.verdict, trust.key, trust.signer


def _remedy(trust: SignatureTrust) -> str:
    if trust.verdict in RENEWED:
        return "Trust the new root in the target profile once you have compared it with what the vendor publishes."
    if not trust.hints:
        return ""
    ask = f" Ask {', '.join(trust.contacts)}." if trust.contacts else ""
    lines = "; ".join(trust.hints)
    return f"Compare the fingerprint with one the vendor publishes elsewhere.{ask} To trust it: {lines}"
