"""Public keys that stand for themselves, as SSH, minisign, signify and PEM write them, and what they verify."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from pkgscan.crypto.packets import Malformed
from pkgscan.crypto.primitives import MOST_RSA
from pkgscan.crypto.x509 import strength
from pkgscan.facts.signing import Strength

_SSH_DIGESTS = {"rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512", "ssh-rsa": "sha1"}
_CURVES = {256: "sha256", 384: "sha384", 521: "sha512"}


def verifies_ed25519(key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a signature is that of an Ed25519 key in 32 bytes. Raises Malformed for no such key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  # for a signature

    try:
        return _holds(Ed25519PublicKey.from_public_bytes(key), signature, data)
    except ValueError as error:
        raise Malformed("no Ed25519 key") from error


def pem_key(data: bytes) -> Any:
    """The public key in PEM. Raises Malformed."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415  # see above

    return _loaded(load_pem_public_key, data)


def ssh_key(line: bytes) -> Any:
    """The public key in a line as SSH writes it. Raises Malformed."""
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key  # noqa: PLC0415  # see above

    return _loaded(load_ssh_public_key, line)


def _loaded(load: Any, data: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # see above

    try:
        return load(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Malformed("a public key of a form that is not read") from error


def spki_pin(key: Any) -> str:
    """The pin of a public key: `spki-sha256:` and the digest, in capitals."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415  # see above

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"spki-sha256:{hashlib.sha256(der).hexdigest().upper()}"


def ssh_pin(blob: bytes) -> str:
    """The pin of an SSH key by its blob, as `ssh-keygen -l` tells it."""
    return f"ssh:SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def strength_of(key: Any, digest: str = "") -> Strength:
    """The sort and size of a public key."""
    return strength(key, digest)


def verifies_ssh(key: Any, algorithm: str, signature: bytes, data: bytes) -> bool:
    """Whether a signature in SSH's form is that of a key (RFC 4253, 5656, 8332, 8709). Raises Malformed."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415  # see above

    if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == "ssh-ed25519":
        return _holds(key, signature, data)
    if isinstance(key, rsa.RSAPublicKey) and algorithm in _SSH_DIGESTS:
        return _rsa_holds(key, signature, data, _SSH_DIGESTS[algorithm])
    if isinstance(key, ec.EllipticCurvePublicKey) and algorithm.startswith("ecdsa-sha2-"):
        return _holds(key, _ecdsa_der(signature), data, ec.ECDSA(_hash(_CURVES[key.curve.key_size])))
    raise Malformed(f"an SSH signature by {algorithm[:40]}, which its key cannot have made or is not read")


def verifies_envelope(key: Any, signature: bytes, data: bytes) -> bool:
    """Whether a signature without a stated manner is that of a key: RSA by PKCS#1 or PSS, ECDSA, Ed25519."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa  # noqa: PLC0415  # see above

    if isinstance(key, ed25519.Ed25519PublicKey):
        return _holds(key, signature, data)
    if isinstance(key, ec.EllipticCurvePublicKey):
        fitting = _CURVES.get(key.curve.key_size, "sha256")
        return any(_holds(key, signature, data, ec.ECDSA(_hash(name))) for name in dict.fromkeys(("sha256", fitting)))
    if isinstance(key, rsa.RSAPublicKey) and key.key_size <= MOST_RSA:
        pss = padding.PSS(padding.MGF1(_hash("sha256")), padding.PSS.AUTO)
        return any(_holds(key, signature, data, how, _hash("sha256")) for how in (pss, padding.PKCS1v15()))
    raise Malformed("a signature by a key of a sort that is not read")


def _rsa_holds(key: Any, signature: bytes, data: bytes, digest: str) -> bool:
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  # see above

    if key.key_size > MOST_RSA:
        raise Malformed(f"an RSA key of over {MOST_RSA} bits")
    return _holds(key, signature, data, padding.PKCS1v15(), _hash(digest))


def _hash(name: str) -> Any:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  # see above

    return getattr(hashes, name.upper())()


def _ecdsa_der(signature: bytes) -> bytes:
    """The two numbers of an ECDSA signature in DER (RFC 5656, 3.1.2)."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415  # see above

    first, rest = ssh_string(signature)
    second, rest = ssh_string(rest)
    if rest:
        raise Malformed("an ECDSA signature with more behind it")
    return encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))


def ssh_string(data: bytes) -> tuple[bytes, bytes]:
    """(a string with its length before it, what follows), RFC 4251, 5. Raises Malformed."""
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 + size:
        raise Malformed("an SSH string that is cut short")
    return data[4 : 4 + size], data[4 + size :]


def _holds(key: Any, signature: bytes, data: bytes, *manner: Any) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # see above

    try:
        key.verify(signature, data, *manner)
    except InvalidSignature:
        return False
    return True
