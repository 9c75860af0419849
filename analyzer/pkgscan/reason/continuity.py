"""Whether the package is signed by whom the one before it was signed by: the same key, the same certificate or root."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pkgscan.facts.signing import SignatureTrust, SignerChanged
from pkgscan.model import Related, Span
from pkgscan.reason.anchors import normal

# Verdicts on signatures that say who made them, whoever trusts that.
TELLING = frozenset({
    "trusted", "rotated-cross-signed", "rotated-announced", "root-only-in-package", "self-signed", "retired", "expired",
    "expired-timestamped", "chain-incomplete", "chain-broken",
})  # fmt: skip
LINEAGE = frozenset({"rotated-cross-signed", "rotated-announced"})


class Before(msgspec.Struct, frozen=True):
    """Who signed the package before this one: pins of keys and of what they led to, names, and where that stands."""

    pins: frozenset[str]
    names: tuple[str, ...]
    span: Span


def signers(trusts: Iterable[SignatureTrust], span: Span) -> Before | None:
    """Who signed a package; None for nobody that can be named."""
    telling = [trust for trust in trusts if trust.verdict in TELLING and trust.key]
    pins = frozenset(normal(pin) for trust in telling for pin in (trust.key, *trust.anchors))
    names = tuple(dict.fromkeys(trust.signer or trust.key for trust in telling))
    return Before(pins, names, span) if pins else None


def changed(trusts: Iterable[SignatureTrust], before: Before, package: str) -> SignerChanged | None:
    """That another signed this package; None where somebody that signed the one before, or vouches for the new, did."""
    telling = [trust for trust in trusts if trust.verdict in TELLING and trust.key]
    was = ", ".join(before.names)
    if not telling:
        return SignerChanged(span=Span(package), before=before.names, now=(), why=f"nobody signed it, and {was} had")
    for trust in telling:
        own = {normal(pin) for pin in (trust.key, *trust.anchors)}
        if trust.verdict in LINEAGE or not before.pins.isdisjoint(own):
            return None
    names = tuple(dict.fromkeys(trust.signer or trust.key for trust in telling))
    why = f"signed by {', '.join(names)}, and the package before by {was}"
    related = (Related(before.span, f"names {was}"),)
    return SignerChanged(span=telling[0].span, before=before.names, now=names, why=why, related=related)
