"""Which of the times that others vouch for count: those of whom the profile trusts, whose certificate was good then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pkgscan.facts.signing import Certificate, CertificateInfo, Remark, Signature, Timestamp
from pkgscan.reason.anchors import Anchors, normal
from pkgscan.reason.chained import LEAST_RSA, way_up


def vouched_time(
    signature: Signature, certificates: Mapping[str, Certificate], anchors: Anchors
) -> tuple[Timestamp | None, list[Remark]]:
    """The first timestamp that counts, and what is to be said of those that do not."""
    remarks: list[Remark] = []
    for stamp in signature.timestamps:
        found = certificates.get(stamp.key)
        why = _why_not(stamp, found.info if found else None, certificates, anchors)
        if not why:
            return stamp, remarks
        remarks.append(Remark("timestamp-does-not-count", f"a timestamp says {stamp.at.date()}, but {why}"))
    return None, remarks


def _why_not(
    stamp: Timestamp, info: CertificateInfo | None, certificates: Mapping[str, Certificate], anchors: Anchors
) -> str:
    if stamp.check != "good" or info is None:
        return "it does not hold"
    if info.strength.key == "rsa" and info.strength.bits < LEAST_RSA:
        return f"the key that made it has {info.strength.bits} bits"
    if _leads_to_trust(stamp, info, [one.info for one in certificates.values()], anchors):
        return ""
    return f"nobody the profile trusts vouches for {info.subject}"


def _leads_to_trust(
    stamp: Timestamp, info: CertificateInfo, known: Sequence[CertificateInfo], anchors: Anchors
) -> bool:
    from pkgscan.crypto.chains import TIME, chain  # noqa: PLC0415  # only where there is a timestamp

    trusted = [
        one
        for one in known
        if not {normal(one.pin), normal(one.spki)}.isdisjoint(anchors.times)
        and anchors.retirement(one.pin) is None
        and anchors.retirement(one.spki) is None
    ]
    return chain(info, way_up(info, known), trusted, stamp.at, usage=TIME) is not None
