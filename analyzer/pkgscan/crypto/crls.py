"""Revocation lists (RFC 5280, 5). One that is for some certificates only, or lists only changes, says nothing."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import CertificateInfo

REVOKED = 200_000  # entries of one list; the largest in use have half of it


class RevocationList(msgspec.Struct, frozen=True):
    """A list that its issuer signed. `revoked` are serial numbers in hex with (day, reason)."""

    issuer_der: bytes
    since: datetime
    until: datetime | None
    revoked: dict[str, tuple[datetime, str]]
    der: bytes


def revocation_list(der: bytes) -> RevocationList:
    """A list in DER that is about all certificates of its issuer. Raises Malformed."""
    from cryptography import x509  # noqa: PLC0415  # only where there is a list

    try:
        raw = x509.load_der_x509_crl(der)
        if any(one.critical for one in raw.extensions):
            raise Malformed("a list for some certificates only, or of changes only")
        revoked: dict[str, tuple[datetime, str]] = {}
        for entry in raw:
            if len(revoked) >= REVOKED:
                raise Malformed(f"a list of over {REVOKED} certificates")
            revoked[f"{entry.serial_number:x}"] = (entry.revocation_date_utc, _reason(entry))
        return RevocationList(raw.issuer.public_bytes(), raw.last_update_utc, raw.next_update_utc, revoked, der)
    except (ValueError, TypeError) as error:
        raise Malformed(f"a revocation list that does not parse: {error}") from error


def _reason(entry: object) -> str:
    from cryptography import x509  # noqa: PLC0415  # see above

    try:
        found = entry.extensions.get_extension_for_class(x509.CRLReason)  # type: ignore[attr-defined]  # typed loosely
    except (x509.ExtensionNotFound, ValueError):
        return ""
    return str(found.value.reason.value)


def is_signed_by(found: RevocationList, issuer: CertificateInfo) -> bool:
    """Whether a certificate's key signed a list."""
    from cryptography import x509  # noqa: PLC0415  # see above

    public = x509.load_der_x509_certificate(issuer.der).public_key()
    try:
        return found.issuer_der == issuer.subject_der and bool(
            x509.load_der_x509_crl(found.der).is_signature_valid(public)  # type: ignore[arg-type]  # of any sort of key
        )
    except (ValueError, TypeError):
        return False
