"""Certificates and keys, by `cryptography`: with `chains`, `primitives` and `crls` the one wrapper of it."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from pkgscan.crypto.der import SEQUENCE, element
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import CertificateInfo, Strength

if TYPE_CHECKING:
    from cryptography import x509

CERTIFICATES = 512  # of one file; a bundle of all roots of a browser has 150
_PEM_BEGIN, _PEM_END = b"-----BEGIN ", b"-----END "

Raw: TypeAlias = "x509.Certificate"


def pem_blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(label, what is between its lines) of each block of PEM in a text; Malformed for one that does not end."""
    at = data.find(_PEM_BEGIN)
    while at >= 0:
        label_end = data.find(b"-----", at + len(_PEM_BEGIN))
        end = data.find(_PEM_END, at)
        if label_end < 0 or end < 0:
            raise Malformed("a block that does not end")
        yield data[at + len(_PEM_BEGIN) : label_end].decode("ascii", "replace"), data[label_end + 5 : end]
        at = data.find(_PEM_BEGIN, end)


def certificates(data: bytes) -> list[bytes]:
    """The certificates in PEM, or the one in DER. Raises Malformed."""
    if _PEM_BEGIN not in data:
        root = element(data).expect(SEQUENCE)
        return [root.raw]
    found: list[bytes] = []
    for label, body in pem_blocks(data):
        if label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}:
            if len(found) == CERTIFICATES:
                raise Malformed(f"over {CERTIFICATES} certificates")
            try:
                decoded = binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
            except binascii.Error as error:
                raise Malformed(f"a certificate that is no base64: {error}") from error
            found.append(element(decoded).raw)  # a trusted certificate of OpenSSL has more behind it
    return found


def revocation_der(data: bytes) -> bytes:
    """The revocation list in PEM or DER, in DER. Raises Malformed."""
    if _PEM_BEGIN not in data:
        return element(data).expect(SEQUENCE).raw
    for label, body in pem_blocks(data):
        if label == "X509 CRL":
            try:
                return element(binascii.a2b_base64(b"".join(body.split()), strict_mode=True)).raw
            except binascii.Error as error:
                raise Malformed(f"a list that is no base64: {error}") from error
    raise Malformed("no revocation list")


def describe(der: bytes) -> CertificateInfo:
    """What a certificate in DER says. Raises Malformed."""
    from cryptography import x509  # noqa: PLC0415  # only where there is a certificate
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415  # the same

    try:
        raw = x509.load_der_x509_certificate(der)
        public = raw.public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return CertificateInfo(
            der=der,
            pin=f"x509-sha256:{hashlib.sha256(der).hexdigest().upper()}",
            spki=f"spki-sha256:{hashlib.sha256(spki).hexdigest().upper()}",
            subject=_name(raw.subject),
            issuer=_name(raw.issuer),
            subject_der=raw.subject.public_bytes(),
            issuer_der=raw.issuer.public_bytes(),
            serial=f"{raw.serial_number:x}",
            key_identifier=_key_identifier(raw),
            since=raw.not_valid_before_utc,
            until=raw.not_valid_after_utc,
            strength=strength(public, _digest_of(raw)),
            authority=_is_authority(raw),
            usages=_usages(raw),
            signs=_signs(raw),
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise Malformed(f"a certificate that does not parse: {error}") from error
    except Exception as error:  # UnsupportedAlgorithm and what the parser raises for odd extensions have no common base
        raise Malformed(f"a certificate that is not read: {type(error).__name__}") from error


def _name(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415  # see above

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def _extension(raw: Raw, kind: type[Any]) -> Any:
    from cryptography import x509  # noqa: PLC0415  # see above

    try:
        return raw.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _key_identifier(raw: Raw) -> bytes:
    from cryptography import x509  # noqa: PLC0415  # see above

    found = _extension(raw, x509.SubjectKeyIdentifier)
    return found.digest if found is not None else b""


def _is_authority(raw: Raw) -> bool:
    from cryptography import x509  # noqa: PLC0415  # see above

    found = _extension(raw, x509.BasicConstraints)
    return found is not None and found.ca


def _usages(raw: Raw) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415  # see above

    found = _extension(raw, x509.ExtendedKeyUsage)
    return tuple(usage.dotted_string for usage in found) if found is not None else ()


def _signs(raw: Raw) -> bool:
    """Whether its key usage, if it states one, allows to sign data."""
    from cryptography import x509  # noqa: PLC0415  # see above

    found = _extension(raw, x509.KeyUsage)
    return found is None or found.digital_signature or found.content_commitment


def _digest_of(raw: Raw) -> str:
    found = raw.signature_hash_algorithm
    return found.name.replace("-", "_") if found is not None else ""


def strength(public: Any, digest: str) -> Strength:
    """The sort and size of a public key."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa  # noqa: PLC0415  # see above

    if isinstance(public, rsa.RSAPublicKey):
        return Strength("rsa", public.key_size, digest)
    if isinstance(public, dsa.DSAPublicKey):
        return Strength("dsa", public.key_size, digest)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return Strength("ecdsa", public.curve.key_size, digest)
    if isinstance(public, ed25519.Ed25519PublicKey):
        return Strength("ed25519", 256, digest)
    return Strength("ed448" if isinstance(public, ed448.Ed448PublicKey) else "other", 0, digest)
