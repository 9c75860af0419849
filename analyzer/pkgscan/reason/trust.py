"""What is to be thought of a signature: whether whoever made it is somebody the profile trusts, and if not, why.

A key in the package vouches for nobody: the package's own keys are material for checking, never trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from pkgscan.facts.signing import ChainLink, Check, PublicKey, Remark, Signature, SignatureTrust, Strength, Verdict
from pkgscan.reason.anchors import TRUST, Anchors, is_over

SHORT = 16  # digits of a fingerprint worth reading
_OF_CHECK: dict[Check, Verdict] = {
    "bad": "bad",
    "no-key": "unknown-signer",
    "no-content": "no-content",
    "not-checked": "not-checked",
    "weak": "weak",
    "expired": "expired",
    "revoked": "revoked",
    "wrong-usage": "wrong-usage",
    "hostile": "hostile",
}
MADE: dict[str, Literal["claimed", ""]] = {"yes": "claimed", "no": ""}


def judge(signature: Signature, keys: Mapping[str, PublicKey], anchors: Anchors, now: datetime) -> SignatureTrust:
    """The verdict on one signature by a key that stands for itself; `keys` by pin."""
    key = keys.get(signature.key)
    verdict, why = _verdict(signature, key, anchors, now)
    return SignatureTrust(
        span=signature.span,
        verdict=verdict,
        why=why,
        scheme=signature.scheme,
        signer=signature.signer,
        key=signature.key or _named(signature),
        covers=signature.covers,
        strength=signature.strength,
        made=signature.made.isoformat() if signature.made else "",
        made_by="claimed" if signature.made else "",
        chain=tuple(_links(signature, key)),
        remarks=tuple(_remarks(signature, now)),
        hints=hints(signature.key) if verdict in {"root-only-in-package", "unknown-signer"} else (),
        configured=anchors.configured,
    )


def _named(signature: Signature) -> str:
    """The key that a signature names, where that key itself is not at hand; what is shorter than a pin is none."""
    return f"openpgp:{signature.key_id.upper()}" if signature.scheme == "openpgp" and signature.key_id else ""


def _verdict(signature: Signature, key: PublicKey | None, anchors: Anchors, now: datetime) -> tuple[Verdict, str]:
    if signature.check != "good":
        return _OF_CHECK[signature.check], signature.why
    vendor = anchors.vendor(signature.key)
    retired = anchors.retirement(signature.key)
    if retired is not None:
        when = f" on {retired.until}" if retired.until else ""
        reason = f": {retired.reason}" if retired.reason else ""
        return "retired", f"the profile retired this key{when}{reason}"
    if vendor is None:
        where = "the package itself" if not signature.key_at.startswith(TRUST) else "a file that is not for packages"
        return "root-only-in-package", f"it verifies, but nobody vouches for its key except {where}"
    if key is not None and key.expires is not None and key.expires < now:
        return "expired", f"a key of {vendor} made it, which expired on {key.expires.date()}"
    if signature.expires is not None and signature.expires < now:
        return "expired", f"a key of {vendor} made it, and it was good until {signature.expires.date()}"
    return "trusted", f"made by a key of {vendor}, whom the profile trusts"


def _links(signature: Signature, key: PublicKey | None) -> list[ChainLink]:
    if not signature.key:
        return []
    source = "profile" if signature.key_at.startswith(TRUST) else signature.key_at
    name = signature.signer or "a key without a name"
    return [ChainLink(name, signature.key, source, described(key.strength if key else signature.strength))]


def _remarks(signature: Signature, now: datetime) -> list[Remark]:
    remarks = []
    if signature.strength.key == "dsa":
        remarks.append(Remark("weak-key", "its key is a DSA key, which is not made any more"))
    if signature.made is not None and signature.made > now:
        remarks.append(Remark("from-the-future", f"it claims to be made on {signature.made.date()}"))
    return remarks


def described(strength: Strength) -> str:
    """A key and its digest in words: `rsa 4096, sha512`."""
    key = f"{strength.key} {strength.bits}" if strength.bits else strength.key
    return ", ".join(part for part in (key, strength.digest) if part)


def hints(pin: str) -> tuple[str, ...]:
    """The lines of a profile that would trust a key."""
    return ("[[signatures.trust]]", 'vendor = "NAME"', f'pins = ["{pin}"]') if pin else ()


def is_retired_for_good(key: str, anchors: Anchors, now: datetime) -> bool:
    """Whether a key's last day, as the profile has it, is behind us."""
    retired = anchors.retirement(key)
    return retired is not None and is_over(retired, now)


def rename(trust: SignatureTrust, verdict: Verdict, why: str) -> SignatureTrust:
    """The same with another verdict."""
    return msgspec.structs.replace(trust, verdict=verdict, why=why)
