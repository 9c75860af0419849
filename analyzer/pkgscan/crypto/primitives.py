"""Signatures of RSA, DSA, ECDSA and EdDSA keys, by `cryptography`."""

from __future__ import annotations

from typing import Any

import msgspec

from pkgscan.crypto.cms import DIGESTS
from pkgscan.crypto.der import INTEGER, SEQUENCE, context, element
from pkgscan.crypto.packets import Malformed

MOST_RSA = 8192  # bits; checking a longer key takes seconds
_RSA, _PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
_WITH_RSA = {
    "1.2.840.113549.1.1.4": "md5",
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_WITH_EC = {
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_WITH_DSA = {
    "1.2.840.10040.4.3": "sha1",
    "2.16.840.1.101.3.4.3.1": "sha224",
    "2.16.840.1.101.3.4.3.2": "sha256",
}
_EC, _DSA = "1.2.840.10045.2.1", "1.2.840.10040.4.1"  # the key's own name; the digest is stated beside it
_ED = frozenset({"1.3.101.112", "1.3.101.113"})
_MGF1 = "1.2.840.113549.1.1.8"


class Signed(msgspec.Struct, frozen=True):
    """A signature, and how it was made: algorithm (dotted name) with its parameters in DER, the digest stated beside
    it (a name of hashlib), the signature's bytes, and what it is over.
    """

    algorithm: str
    parameters: bytes
    digest: str
    signature: bytes
    data: bytes


def verifies(der: bytes, signed: Signed) -> bool:
    """Whether a signature is that of the key in a certificate in DER.

    Raises Malformed for what is not known, or is not what the key can make.
    """
    from cryptography import x509  # noqa: PLC0415  # only where there is a signature

    return verifies_with(x509.load_der_x509_certificate(der).public_key(), signed)


def verifies_with(public: Any, signed: Signed) -> bool:
    """The same with a public key of `cryptography`."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415  # see above

    stated = (_WITH_RSA | _WITH_EC | _WITH_DSA).get(signed.algorithm, signed.digest)
    try:
        public.verify(signed.signature, signed.data, *_manner(public, signed, stated))
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed(f"a signature of a form that is not read: {error}") from error
    return bool(stated == signed.digest)  # or the message says another digest than the signature


def _manner(public: Any, signed: Signed, digest: str) -> tuple[Any, ...]:
    """How a key verifies: padding and digest. Raises Malformed for what the key cannot have made."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa  # noqa: PLC0415

    if isinstance(public, rsa.RSAPublicKey) and public.key_size > MOST_RSA:
        raise Malformed(f"an RSA key of over {MOST_RSA} bits")
    if isinstance(public, rsa.RSAPublicKey) and signed.algorithm == _PSS:
        return padding.PSS(padding.MGF1(_hash(digest)), _pss_salt(signed.parameters, digest)), _hash(digest)
    if isinstance(public, rsa.RSAPublicKey) and signed.algorithm in {_RSA, *_WITH_RSA}:
        return padding.PKCS1v15(), _hash(digest)
    if isinstance(public, ec.EllipticCurvePublicKey) and signed.algorithm in {_EC, *_WITH_EC}:
        return (ec.ECDSA(_hash(digest)),)
    if isinstance(public, dsa.DSAPublicKey) and signed.algorithm in {_DSA, *_WITH_DSA}:
        return (_hash(digest),)
    if isinstance(public, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and signed.algorithm in _ED:
        return ()
    raise Malformed(f"an algorithm that its key cannot have used: {signed.algorithm}")


def _hash(name: str) -> Any:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  # see above

    known = getattr(hashes, name.upper(), None)
    if known is None or name not in DIGESTS.values():
        raise Malformed("a digest that is not known")
    return known()


def _pss_salt(parameters: bytes, digest: str) -> int:
    """The length of the salt (RFC 4055, 3.1), where both digests are the one that is used. Raises Malformed."""
    salt, stated, masked = 20, "sha1", "sha1"
    for field in element(parameters).expect(SEQUENCE).children():
        inner = next(field.children(), None)
        if inner is None:
            raise Malformed("parameters of PSS that lack parts")
        if field.tag == context(0):
            stated = DIGESTS.get(next(inner.children()).oid(), "")
        elif field.tag == context(1):
            names = list(inner.children())
            masked = DIGESTS.get(next(names[-1].children()).oid(), "") if names[0].oid() == _MGF1 else ""
        elif field.tag == context(2):
            salt = inner.expect(INTEGER).integer()
    if not stated == masked == digest or not 0 <= salt <= MOST_RSA // 8:
        raise Malformed("parameters of PSS that do not go together")
    return salt
