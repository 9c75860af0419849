"""Reads the table of a profile that says what signatures are asked for, and whom to trust."""

from __future__ import annotations

import re

from pkgscan.profile.model import RetiredPin, Rotation, Signatures, Stated, Trust
from pkgscan.profile.table import TableReader

# An OpenPGP fingerprint of version 4 or 6; the SHA-256 of a certificate, of the public key in it, or of an SSH key; the
# public key itself as minisign and signify write it.
_PIN = re.compile(
    r"openpgp:(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})|(?:x509|spki)-sha256:[0-9A-Fa-f]{64}"
    r"|ssh:SHA256:[A-Za-z0-9+/]{43}|minisign:[A-Za-z0-9+/]{56}"
)
_EXPECTED = (
    "write openpgp: and 40 or 64 hex digits, x509-sha256: or spki-sha256: and 64, ssh:SHA256: and what ssh-keygen -l "
    "says, or minisign: and the line of the public key"
)


def read_signatures(table: TableReader) -> Signatures:
    """What the table `signatures` states. Raises UserError."""
    keys, crls, previous = (table.table(key) for key in ("advisory_keys", "crls", "previous"))
    signatures = Signatures(
        require_signature=table.truth("require_signature"),
        require_crl=table.truth("require_crl"),
        trust=tuple(_trust(trust) for trust in table.tables("trust")),
        retired=tuple(_retired(retired) for retired in table.tables("retired")),
        rotations=tuple(_rotation(rotation) for rotation in table.tables("rotation")),
        advisory_keys=keys.texts("openpgp"),
        crls=crls.texts("files"),
        previous_signer=_checked(previous, "signer", previous.text("signer")),
    )
    for inner in (keys, crls, previous, table):
        inner.close()
    return signatures


def _trust(table: TableReader) -> Trust:
    trust = Trust(
        vendor=table.required("vendor"), roots=table.texts("roots"), pins=table.texts("pins"), use=table.texts("use")
    )
    for pin in trust.pins:
        _checked(table, "pins", pin)
    table.close()
    return trust


def _retired(table: TableReader) -> RetiredPin:
    reason, compromised = table.text("reason"), table.truth("compromised")
    retired = RetiredPin(
        pin=_pin(table, "pin"),
        until=table.date("until"),
        reason=reason.value if reason else "",
        compromised=compromised is not None and compromised.value,
    )
    table.close()
    return retired


def _rotation(table: TableReader) -> Rotation:
    rotation = Rotation(
        old=_pin(table, "from"),
        new=_pin(table, "to"),
        after=table.date("after"),
        evidence=table.text("evidence"),
        evidence_signature=table.text("evidence_signature"),
    )
    table.close()
    return rotation


def _pin(table: TableReader, key: str) -> Stated[str]:
    pin = table.required(key)
    _checked(table, key, pin)
    return pin


def _checked(table: TableReader, key: str, pin: Stated[str] | None) -> Stated[str] | None:
    if pin is not None and not _PIN.fullmatch(pin.value):
        table.fail(key, f"no pin: {pin.value!r}", _EXPECTED)
    return pin
