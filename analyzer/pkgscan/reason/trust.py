"""What is to be thought of a signature: whether whoever made it is somebody the profile trusts, and if not, why.

A key in the package vouches for nobody: the package's own keys are material for checking, never trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from pkgscan.facts.signing import (
    Certificate,
    CertificateInfo,
    ChainLink,
    Check,
    PublicKey,
    Remark,
    Signature,
    SignatureTrust,
    Strength,
    Verdict,
)
from pkgscan.reason.anchors import TRUST, Anchors
from pkgscan.reason.chained import Reading, Times, read_chain

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
# Verdicts that a line in a profile would turn into trust.
HOPEFUL = frozenset({"root-only-in-package", "unknown-signer", "self-signed"})


class Material(msgspec.Struct, frozen=True):
    """The keys and certificates at hand, by pin; of copies of a key the user's own. `at` says where one lies."""

    keys: Mapping[str, PublicKey]
    certificates: Mapping[str, Certificate]


def judge(signature: Signature, material: Material, anchors: Anchors, now: datetime) -> SignatureTrust:
    """The verdict on one signature."""
    leaf = material.certificates.get(signature.key)
    if leaf is not None:
        return _judge_chain(signature, leaf, material, anchors, now)
    key = material.keys.get(signature.key)
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
        hints=hints(signature.key) if verdict in HOPEFUL else (),
        configured=anchors.configured,
    )


def _judge_chain(
    signature: Signature, leaf: Certificate, material: Material, anchors: Anchors, now: datetime
) -> SignatureTrust:
    """The verdict on a signature by a certificate, which others vouch for."""
    stamp = next((stamp for stamp in signature.timestamps if stamp.check == "good"), None)
    times = Times(now, stamp.at if stamp else signature.made, vouched=stamp is not None)
    known = [one.info for one in material.certificates.values()]
    reading = Reading(_OF_CHECK.get(signature.check, "bad"), signature.why, (leaf.info,))
    if signature.check == "good":
        reading = read_chain(leaf.info, known, anchors, times)
    root = reading.chain[-1] if reading.chain else leaf.info
    return SignatureTrust(
        span=signature.span,
        verdict=reading.verdict,
        why=reading.why,
        scheme=signature.scheme,
        signer=signature.signer,
        key=signature.key,
        covers=signature.covers,
        strength=signature.strength,
        made=times.signed.isoformat() if times.signed else "",
        made_by="timestamped" if stamp else "claimed" if times.signed else "",
        chain=tuple(_certificate_link(one, material, signature) for one in reading.chain),
        remarks=tuple(_remarks(signature, now)),
        hints=hints(root.pin) if reading.verdict in HOPEFUL else (),
        configured=anchors.configured,
    )


def _certificate_link(info: CertificateInfo, material: Material, signature: Signature) -> ChainLink:
    found = material.certificates.get(info.pin)
    path = found.span.path if found is not None else signature.span.path
    source = "profile" if path.startswith(TRUST) else path
    note = f"{described(info.strength)}, {info.since.date()} to {info.until.date()}"
    return ChainLink(info.subject, info.pin, source, note)


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
