"""What is to be thought of a signature: whether whoever made it is somebody the profile trusts, and if not, why.

A key in the package vouches for nobody: the package's own keys are material for checking, never trust.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from pkgscan.facts.signing import (
    Certificate,
    CertificateInfo,
    ChainLink,
    Check,
    PublicKey,
    Remark,
    RevocationFile,
    Signature,
    SignatureTrust,
    Strength,
    Verdict,
)
from pkgscan.model import Related
from pkgscan.reason.anchors import TRUST, Anchors, normal
from pkgscan.reason.chained import Reading, Times, read_chain
from pkgscan.reason.revoking import revocation
from pkgscan.reason.rotations import Word
from pkgscan.reason.stamps import vouched_time

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
# Verdicts on chains to what the profile trusts; and those that a line in a profile would turn into trust.
BELIEVED = frozenset({"trusted", "rotated-cross-signed", "rotated-announced", "expired-timestamped", "expired"})
OUT_OF_TIME = frozenset({"expired", "expired-timestamped", "not-yet-valid", "weak"})
HOPEFUL = frozenset({"root-only-in-package", "unknown-signer", "self-signed"})


class Material(msgspec.Struct, frozen=True):
    """The keys and certificates at hand, by pin; of copies of a key the user's own. `at` says where one lies."""

    keys: Mapping[str, PublicKey]
    certificates: Mapping[str, Certificate]
    words: Mapping[str, Word]  # for new keys
    revocations: Sequence[RevocationFile] = ()


def judge(signature: Signature, material: Material, anchors: Anchors, now: datetime) -> SignatureTrust:
    """The verdict on one signature."""
    leaf = material.certificates.get(signature.key)
    if leaf is not None:
        return _judge_chain(signature, leaf, material, anchors, now)
    key = material.keys.get(signature.key)
    verdict, why = _verdict(signature, key, anchors, material.words, now)
    trust = SignatureTrust(
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
        weakest=signature.strength,
        chain=tuple(_links(signature, key)),
        remarks=tuple(_remarks(signature, now)),
        anchors=(signature.key,) if signature.key else (),
        hints=hints(signature.key) if verdict in HOPEFUL else (),
        configured=anchors.configured,
    )
    return _with_word(trust, material.words)


def _judge_chain(
    signature: Signature, leaf: Certificate, material: Material, anchors: Anchors, now: datetime
) -> SignatureTrust:
    """The verdict on a signature by a certificate, which others vouch for."""
    stamp, of_stamps = vouched_time(signature, material.certificates, anchors)
    times = Times(now, stamp.at if stamp else signature.made, vouched=stamp is not None)
    known = [one.info for one in material.certificates.values()]
    reading = Reading(_OF_CHECK.get(signature.check, "bad"), signature.why, (leaf.info,))
    remarks = [*_remarks(signature, now), *of_stamps]
    if signature.check == "good":
        reading = _renewed(read_chain(leaf.info, known, anchors, times), leaf.info, material, times)
    if reading.verdict in BELIEVED:
        revoked, unknown = revocation(reading.chain, material.revocations, now)
        if revoked:
            reading = Reading("revoked", revoked, reading.chain)
        elif unknown:
            remarks.append(Remark("revocation-unknown", unknown))
    root = reading.chain[-1] if reading.chain else leaf.info
    trust = SignatureTrust(
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
        weakest=_weakest(signature, reading),
        chain=tuple(_certificate_link(one, material, signature) for one in reading.chain),
        remarks=tuple(remarks),
        anchors=(root.pin, root.spki),
        hints=hints(root.pin) if reading.verdict in HOPEFUL else (),
        configured=anchors.configured,
    )
    return _with_word(trust, material.words)


def _with_word(trust: SignatureTrust, words: Mapping[str, Word]) -> SignatureTrust:
    """A claim that nobody vouches for changes nothing, and is told."""
    word = next((words[normal(pin)] for pin in trust.anchors if normal(pin) in words), None)
    if word is None:
        return trust
    if word.worth != "claimed":
        vouched = (*trust.related, Related(word.span, "vouches for the new key"))
        return msgspec.structs.replace(trust, related=vouched) if trust.verdict == "rotated-announced" else trust
    if trust.verdict not in HOPEFUL:
        return trust
    related = (*trust.related, Related(word.span, "claims a rotation"))
    return msgspec.structs.replace(trust, why=f"{trust.why}; {word.why}", related=related)


def _renewed(reading: Reading, leaf: CertificateInfo, material: Material, times: Times) -> Reading:
    """What a chain to nobody the profile trusts is worth by the word of those whom it trusts to announce a new root."""
    told = {pin: word for pin, word in material.words.items() if word.worth != "claimed"}
    if reading.verdict not in HOPEFUL or not told:
        return reading
    known = [one.info for one in material.certificates.values()]
    again = read_chain(leaf, known, Anchors(pins=dict.fromkeys(told, "somebody"), retired={}), times)
    if again.verdict in {"trusted", "rotated-cross-signed"}:
        end = again.chain[-1]
        word = told.get(normal(end.pin)) or told[normal(end.spki)]
        return Reading("rotated-announced", f"{end.subject} is new to the profile, and {word.why}", again.chain)
    return again if again.verdict in OUT_OF_TIME else reading


def _weakest(signature: Signature, reading: Reading) -> Strength:
    return signature.strength if signature.check == "weak" else reading.weakest


def _certificate_link(info: CertificateInfo, material: Material, signature: Signature) -> ChainLink:
    found = material.certificates.get(info.pin)
    path = found.span.path if found is not None else signature.span.path
    source = "profile" if path.startswith(TRUST) else path
    note = f"{described(info.strength)}, {info.since.date()} to {info.until.date()}"
    return ChainLink(info.subject, info.pin, source, note)


def _named(signature: Signature) -> str:
    """The key that a signature names, where that key itself is not at hand; what is shorter than a pin is none."""
    return f"openpgp:{signature.key_id.upper()}" if signature.scheme == "openpgp" and signature.key_id else ""


def _verdict(
    signature: Signature, key: PublicKey | None, anchors: Anchors, words: Mapping[str, Word], now: datetime
) -> tuple[Verdict, str]:
    if signature.check != "good":
        return _OF_CHECK[signature.check], signature.why
    retired = anchors.retirement(signature.key)
    if retired is not None:
        when = f" on {retired.until}" if retired.until else ""
        reason = f": {retired.reason}" if retired.reason else ""
        return "retired", f"the profile retired this key{when}{reason}"
    vendor, word = anchors.vendor(signature.key), words.get(normal(signature.key))
    if vendor is None and (word is None or word.worth == "claimed"):
        where = "the package itself" if not signature.key_at.startswith(TRUST) else "a file that is not for packages"
        return "root-only-in-package", f"it verifies, but nobody vouches for its key except {where}"
    whose = f"a key of {vendor}" if vendor is not None else "a new key"
    ends = [end for end in (key.expires if key else None, signature.expires) if end is not None and end < now]
    if ends:
        return "expired", f"{whose} made it, which was good until {min(ends).date()}"
    if vendor is None and word is not None:
        return "rotated-announced", f"made by a key that is new to the profile, and {word.why}"
    return "trusted", f"made by {whose}, whom the profile trusts"


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
        remarks.append(Remark("from-the-future", f"it claims to be made on {signature.made.date()}, a day to come"))
    return remarks


def described(strength: Strength) -> str:
    """A key and its digest in words: `rsa 4096, sha512`."""
    key = f"{strength.key} {strength.bits}" if strength.bits else strength.key
    return ", ".join(part for part in (key, strength.digest) if part)


def hints(pin: str) -> tuple[str, ...]:
    """The lines of a profile that would trust a key."""
    return ("[[signatures.trust]]", 'vendor = "NAME"', f'pins = ["{pin}"]') if pin else ()
