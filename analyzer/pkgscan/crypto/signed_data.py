"""Whether the signers of a CMS message signed its content, each with its certificate, and what others say of the time.

Nothing here says who is trusted: a signature that verifies may be anybody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from pkgscan.crypto import cms
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import CertificateInfo, Check, Signature

WHOLE_BYTES = 256 << 20  # of content that is signed without attributes, and so has to be in memory
LEAST_RSA = 2048  # bits
WEAK_DIGESTS = frozenset({"md5", "sha1"})

Known: TypeAlias = "Sequence[tuple[CertificateInfo, str]]"  # certificates at hand, and where each lies


class Content(msgspec.Struct, frozen=True):
    """What a message is over and does not hold itself, in pieces and at once."""

    size: int
    blocks: Callable[[], Iterable[bytes]]
    whole: Callable[[], bytes]

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Content that is in memory already."""
        return cls(len(data), lambda: (data,), lambda: data)


def described(certificates: Iterable[bytes]) -> Iterator[CertificateInfo]:
    """The certificates of a message. Raises Malformed."""
    from pkgscan.crypto import x509  # noqa: PLC0415  # only where there is a certificate

    for der in certificates:
        if der[:1] == b"\x30":  # others are attribute certificates, of which nothing here depends
            yield x509.describe(der)


def ring(kind: str, data: bytes, path: str) -> Iterator[tuple[CertificateInfo, str]]:
    """The certificates of a file of a ring; of one that does not parse none, for that was said where it was read."""
    from pkgscan.crypto import x509  # noqa: PLC0415  # see above

    try:
        found = cms.message(data).certificates if kind == "certificate-bundle" else ()
        for info in described(found or x509.certificates(data)):
            yield info, path
    except Malformed:
        return


def checked(
    message: cms.SignedData, signer: cms.SignerInfo, content: Content | None, known: Known, said: Signature
) -> Signature:
    """What is said of a signature so far, with what came of checking it. Raises Malformed."""
    info, at = next(((info, at) for info, at in known if _is_signer(info, signer)), (None, ""))
    said = msgspec.structs.replace(
        said,
        check="no-key",
        why="the certificate of its signer is not at hand",
        key_id=signer.key_identifier.hex() or f"serial {signer.serial:x}",
        made=signer.signing_time,
        material=tuple(one.pin for one, place in known if place == said.span.path),
    )
    if info is None:
        return said
    check, why = _outcome(message, signer, content, info)
    strength = msgspec.structs.replace(info.strength, digest=signer.digest)
    return msgspec.structs.replace(
        said, check=check, why=why, signer=info.subject, key=info.pin, key_at=at, strength=strength
    )


def is_at_hand(signer: cms.SignerInfo, known: Known) -> bool:
    """Whether the certificate of a signer is among some."""
    return any(_is_signer(info, signer) for info, _ in known)


def _is_signer(info: CertificateInfo, signer: cms.SignerInfo) -> bool:
    if signer.key_identifier:
        return info.key_identifier == signer.key_identifier
    return info.serial == f"{signer.serial:x}" and info.issuer_der == signer.issuer


def _outcome(
    message: cms.SignedData, signer: cms.SignerInfo, content: Content | None, info: CertificateInfo
) -> tuple[Check, str]:
    if message.content is None and content is None:
        return "no-content", "what it signs is not in the package"
    if message.content is not None and content is not None and not _is_same(message.content, content):
        return "bad", "it holds and signs something else than the file of its name"
    if not signer.digest:
        return "not-checked", "its digest is of a sort that is not known"
    if signer.signed:
        why = _contradicted(message, signer, content)
        return ("bad", why) if why else _verified(signer, info, signer.signed)
    if content is not None and content.size > WHOLE_BYTES:
        return "not-checked", f"what it signs has over {WHOLE_BYTES} bytes"
    return _verified(signer, info, message.content if message.content is not None else _whole(content))


def _whole(content: Content | None) -> bytes:
    return content.whole() if content is not None else b""


def _contradicted(message: cms.SignedData, signer: cms.SignerInfo, content: Content | None) -> str:
    """What the signed attributes say that is not so; empty where all of it is (RFC 5652, 5.4 and 11)."""
    if signer.attributes.get(cms.CONTENT_TYPE) != (message.content_type_der,):
        return "its attributes speak of another sort of content"
    if signer.message_digest != _digest(message, content, signer.digest):
        return "what it signs was changed"
    return ""


def _verified(signer: cms.SignerInfo, info: CertificateInfo, data: bytes) -> tuple[Check, str]:
    from pkgscan.crypto.primitives import Signed, verifies  # noqa: PLC0415  # only where there is a signature

    signed = Signed(signer.algorithm, signer.parameters, signer.digest, signer.signature, data)
    try:
        if not verifies(info.der, signed):
            return "bad", "it does not verify: what it signs, or it itself, was changed"
    except Malformed as malformed:
        return "hostile", str(malformed)
    if signer.digest in WEAK_DIGESTS:
        return "weak", f"its digest is {signer.digest}, which proves nothing any more"
    if info.strength.key == "rsa" and info.strength.bits < LEAST_RSA:
        return "weak", f"its key has {info.strength.bits} bits, which is too few to prove anything"
    return "good", "it verifies"


def _digest(message: cms.SignedData, content: Content | None, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    if message.content is not None:
        digest.update(message.content)
    elif content is not None:
        for block in content.blocks():
            digest.update(block)
    return digest.digest()


def _is_same(own: bytes, content: Content) -> bool:
    found = hashlib.sha256()
    for block in content.blocks():
        found.update(block)
    return content.size == len(own) and found.digest() == hashlib.sha256(own).digest()
