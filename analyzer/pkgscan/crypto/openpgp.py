"""OpenPGP signatures and certificates, by Sequoia: the one wrapper of pysequoia.

Sequoia says no more than that no signature is valid, so why is worked out around it. It takes the system's clock for
its own; what is judged by the time of the run is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pkgscan.crypto.packets import OF_KEYS, PUBLIC_KEY, SECRET_KEY, SECRET_SUBKEY, Malformed, Packet, packets
from pkgscan.facts.signing import Check, Strength

if TYPE_CHECKING:
    from pysequoia import Cert

CERTIFICATES = 256  # of one file; a project's KEYS file has a hundred
LEAST_RSA = 2048  # bits; below, Sequoia refuses
_WEAK_DIGESTS = frozenset({"md5", "sha1", "ripemd"})
_KEYS = {
    "RSAEncryptSign": "rsa", "RSASign": "rsa", "RSAEncrypt": "rsa", "DSA": "dsa", "ECDSA": "ecdsa", "EdDSA": "ed25519",
    "Ed25519": "ed25519", "Ed448": "ed448",
}  # fmt: skip
_MPI_KEYS = frozenset({"rsa", "dsa"})  # of which the first number's bits are the key's
_BITS = {"ed25519": 256, "ed448": 448}


class Certificate(msgspec.Struct, frozen=True):
    """An OpenPGP certificate: the primary key's fingerprint, those of all its keys, and what it says of itself.

    `at` is the entry it was found in. `signing` are the fingerprints of keys that may sign. `refused`:
    too weak for Sequoia to look into it.
    """

    fingerprint: str
    keys: tuple[str, ...]
    signing: frozenset[str]
    names: tuple[str, ...]
    strengths: dict[str, Strength]
    created: datetime | None
    expires: datetime | None
    revoked: bool
    refused: bool
    secret: bool
    at: str
    raw: Any  # Sequoia's own


class Statement(msgspec.Struct, frozen=True):
    """What a signature says of itself; `issuer` is a fingerprint, or a key id where it says no more."""

    issuer: str
    strength: Strength
    made: datetime | None
    expires: datetime | None
    over_data: bool  # and not over a key or a name
    raw: Any


class Answer(msgspec.Struct, frozen=True):
    """What came of checking a signature, and with which certificate and key."""

    check: Check
    why: str
    certificate: Certificate | None = None
    key: str = ""


def certificates(data: bytes, at: str, issuers: frozenset[str] | None = None) -> list[Certificate]:
    """The certificates in armored or binary data, all or those with a key of some `issuers`. Raises Malformed.

    An issuer is a fingerprint or a key id; an empty one may be any. Most keys at hand made none of the signatures, and
    only those that may have are handed to Sequoia.
    """
    from pysequoia import Cert  # noqa: PLC0415  # only where there is a key

    found: list[Certificate] = []
    for group in _by_certificate(packets(data)):
        if issuers is not None and not _may_be_of(group, issuers):
            continue
        if len(found) == CERTIFICATES:
            raise Malformed(f"over {CERTIFICATES} certificates")
        secret = any(packet.tag in {SECRET_KEY, SECRET_SUBKEY} for packet in group)
        try:
            found.append(_certificate(Cert.from_bytes(b"".join(packet.raw for packet in group)), at, secret=secret))
        except (RuntimeError, ValueError, OverflowError):
            continue  # a key of a form that Sequoia does not know makes no signature valid
    return found


def _by_certificate(found: Iterable[Packet]) -> list[list[Packet]]:
    groups: list[list[Packet]] = []
    for packet in found:
        if packet.tag not in OF_KEYS:
            continue
        if packet.tag in {PUBLIC_KEY, SECRET_KEY}:
            groups.append([packet])
        elif groups:
            groups[-1].append(packet)
    return groups


def _may_be_of(group: list[Packet], issuers: frozenset[str]) -> bool:
    names = {name for packet in group if (one := packet.fingerprint) for name in _ids(one)}
    return "" in issuers or not names.isdisjoint(issuers)


def _certificate(raw: Cert, at: str, *, secret: bool) -> Certificate:
    from pysequoia.packet import PacketPile  # noqa: PLC0415  # see above

    keys: list[str] = []
    strengths: dict[str, Strength] = {}
    signing: set[str] = set()
    created: datetime | None = None
    for packet in PacketPile.from_bytes(bytes(raw)):
        if packet.fingerprint is not None and packet.key_algorithm is not None:
            keys.append(packet.fingerprint)
            strengths[packet.fingerprint] = _strength(str(packet.key_algorithm), packet.body)
            created = created or packet.key_created
        elif packet.key_flags is not None and keys and packet.key_flags.signing:
            signing.add(keys[-1])
    names, expires, revoked, refused = _by_policy(raw)
    return Certificate(
        fingerprint=raw.fingerprint,
        keys=tuple(keys),
        signing=frozenset(signing),
        names=names,
        strengths=strengths,
        created=created,
        expires=expires,
        revoked=revoked,
        refused=refused,
        secret=secret,
        at=at,
        raw=raw,
    )


def _by_policy(raw: Cert) -> tuple[tuple[str, ...], datetime | None, bool, bool]:
    """Names, expiry, whether it is revoked; and whether Sequoia refuses the certificate, and so knows none of them."""
    try:
        return tuple(str(name) for name in raw.user_ids), raw.expiration, raw.is_revoked, False
    except RuntimeError:
        return (), None, False, True


def _strength(algorithm: str, body: bytes, digest: str = "") -> Strength:
    key = _KEYS.get(algorithm.rpartition(".")[2], algorithm.rpartition(".")[2].lower())
    bits = _BITS.get(key, 0)
    if key in _MPI_KEYS and body[:1] == b"\x04":  # version, time (4), algorithm, then the first number with its bits
        bits = int.from_bytes(body[6:8], "big")
    return Strength(key, bits, digest)


def statement(packet: Packet) -> Statement:
    """What a signature packet says of itself. Raises Malformed."""
    from pysequoia import Sig  # noqa: PLC0415  # only where there is a signature

    try:
        raw = Sig.from_bytes(packet.raw)
        return Statement(
            issuer=raw.issuer_fingerprint or raw.issuer_key_id or "",
            strength=_strength(str(raw.key_algorithm), b"", str(raw.hash_algorithm).rpartition(".")[2].lower()),
            made=raw.created,
            expires=raw.expiration,
            over_data=str(raw.signature_type).rpartition(".")[2] in {"Binary", "Text"},
            raw=raw,
        )
    except (RuntimeError, ValueError, OverflowError) as error:  # also of its parts: a version that is not known
        raise Malformed("a signature that does not parse") from error


def verify_detached(said: Statement, data: bytes, ring: Iterable[Certificate]) -> Answer:
    """Whether a signature over some data is that of a certificate of the ring, of which earlier copies count more."""

    def ask(certificate: Certificate) -> str:
        from pysequoia import verify  # noqa: PLC0415  # see above

        return _first_key(verify(bytes=data, store=lambda _ids: [certificate.raw], signature=said.raw))

    return _verified(said, ring, ask)


def verify_clear(said: Statement, message: bytes, body: bytes, ring: Iterable[Certificate]) -> Answer:
    """The same for a clear-signed message; `body` is what the signature must be over, so that nothing else is meant."""

    def ask(certificate: Certificate) -> str:
        from pysequoia import verify  # noqa: PLC0415  # see above

        found = verify(bytes=message, store=lambda _ids: [certificate.raw])
        if _lines(found.bytes or b"") != _lines(body):
            raise RuntimeError("another text")
        return next((sig.signing_key for sig in found.valid_sigs if said.issuer in _ids(sig.signing_key)), "")

    return _verified(said, ring, ask)


def _lines(text: bytes) -> list[bytes]:
    """What a clear-signed text is compared by: its lines without the blanks that no signature of its kind covers."""
    return [line.rstrip(b" \t\r") for line in text.rstrip(b"\r\n").split(b"\n")]


def _first_key(found: Any) -> str:
    return str(found.valid_sigs[0].signing_key) if found.valid_sigs else ""


def _ids(fingerprint: str) -> tuple[str, str]:
    """A fingerprint, and the key id of it: its end, or of version 6 its beginning."""
    return fingerprint, fingerprint[-16:] if len(fingerprint) == 40 else fingerprint[:16]  # noqa: PLR2004  # version 4


def _verified(said: Statement, ring: Iterable[Certificate], ask: Any) -> Answer:
    if not said.over_data:
        return Answer("hostile", "it is a signature over a key, and not over data")
    candidates = _candidates(said, ring)
    if not candidates:
        return Answer("no-key", "its key is not at hand")
    for certificate, _ in candidates:
        try:
            signing = ask(certificate)
        except RuntimeError:
            continue
        if signing:
            return Answer("good", "it verifies", certificate, signing)
    certificate, key = candidates[0]
    check, why = _reason(said, certificate, key)
    return Answer(check, why, certificate, key)


def _candidates(said: Statement, ring: Iterable[Certificate]) -> list[tuple[Certificate, str]]:
    """Certificates with the key that the signature names; of several copies of one, the first alone."""
    found: dict[str, tuple[Certificate, str]] = {}
    for certificate in ring:
        keys = [key for key in certificate.keys if not said.issuer or said.issuer in _ids(key)]
        if keys:
            found.setdefault(certificate.fingerprint, (certificate, keys[0]))
    return list(found.values())


def _reason(said: Statement, certificate: Certificate, key: str) -> tuple[Check, str]:
    """Why a signature is not valid, as far as can be told from outside."""
    if certificate.revoked:
        return "revoked", "its key is revoked"
    if weak := _weakness(said, certificate, certificate.strengths.get(key, said.strength)):
        return "weak", weak
    if ended := _ended(said, certificate):
        return "expired", ended
    if certificate.signing and key not in certificate.signing:
        return "wrong-usage", "its key is not for signing"
    return "bad", "it does not verify: what it signs, or it itself, was changed"


def _weakness(said: Statement, certificate: Certificate, strength: Strength) -> str:
    if said.strength.digest in _WEAK_DIGESTS:
        return f"its digest is {said.strength.digest}, which proves nothing any more"
    if strength.key == "rsa" and strength.bits < LEAST_RSA:
        return f"its key has {strength.bits} bits, which is too few to prove anything"
    return "its key is vouched for by what proves nothing any more" if certificate.refused else ""


def _ended(said: Statement, certificate: Certificate) -> str:
    """That its key, or the signature itself, was good for a time that is over; empty where it is not."""
    now = datetime.now(UTC)
    if certificate.expires is not None and certificate.expires < (said.made or now):
        return "its key had expired when it was made"
    if said.expires is not None and said.expires < now:
        return "the signature itself has expired"
    return ""
