"""Whether a certificate of a chain was taken back, by the revocation lists that the profile names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import CertificateInfo, RevocationFile
from pkgscan.reason.anchors import TRUST

if TYPE_CHECKING:
    from pkgscan.crypto.crls import RevocationList


def revocation(found: Sequence[CertificateInfo], files: Iterable[RevocationFile], now: datetime) -> tuple[str, str]:
    """(why the chain is revoked, why that cannot be told); both empty where every link is known to be good."""
    lists = _usable(files, now)
    unknown = ""
    for one, issuer in pairwise(found):
        known = [each for each in lists if _is_of(each, issuer)]
        for each in known:
            if one.serial in each.revoked:
                day, reason = each.revoked[one.serial]
                because = f" ({reason})" if reason else ""
                return f"{issuer.subject} revoked the certificate of {one.subject} on {day.date()}{because}", ""
        if not known:
            unknown = unknown or f"no current revocation list of {issuer.subject} is at hand"
    return "", unknown


def _usable(files: Iterable[RevocationFile], now: datetime) -> list[RevocationList]:
    """The lists that the user named, that are whole and current."""
    from pkgscan.crypto.crls import revocation_list  # noqa: PLC0415  # only where there is a chain

    found = []
    for file in files:
        if file.span.path.startswith(TRUST):
            try:
                one = revocation_list(file.der)
            except Malformed:
                continue  # it says nothing, so revocation is unknown
            if one.since <= now and (one.until is None or now <= one.until):
                found.append(one)
    return found


def _is_of(found: RevocationList, issuer: CertificateInfo) -> bool:
    from pkgscan.crypto.crls import is_signed_by  # noqa: PLC0415  # see above

    return is_signed_by(found, issuer)
