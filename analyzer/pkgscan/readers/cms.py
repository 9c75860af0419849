"""CMS messages (PKCS#7, S/MIME): signatures beside what they sign, or around it, and bundles of certificates.

A detached one is over the file of its name without the last suffix; one that the user names may be over the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from pkgscan.crypto import cms
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Certificate, CertificateInfo, Check, Signature
from pkgscan.model import Span
from pkgscan.readers.base import THE_PACKAGE, Kind, Reader, Reading, Source, Wants

BYTES = 4 << 20  # of a message without its content; attached content may have as much as a reader is given
WHOLE_BYTES = 256 << 20  # of content that is signed without attributes, and so has to be in memory
LEAST_RSA = 2048  # bits
RING = ("certificate", "certificate-bundle")
CHECKING = "checking a CMS signature"
WEAK_DIGESTS = frozenset({"md5", "sha1"})


class CmsReader(Reader):
    """Reads the certificates of a message; checks its signatures once all certificates are known."""

    kinds = (
        Kind(name="cms", suffixes=(".p7s", ".p7m"), magic=(b"-----BEGIN PKCS7", b"-----BEGIN CMS--")),
        Kind(name="certificate-bundle", suffixes=(".p7b", ".p7c")),
    )
    facts = (Signature, Certificate)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The certificates, and the wish to check each signature."""
        if source.truncated:
            yield _refused(source.path, "it is larger than any signature")
            return
        try:
            message = cms.message(source.data)
            if len(source.data) - len(message.content or b"") > BYTES:
                raise Malformed(f"over {BYTES} bytes beside its content")  # noqa: TRY301  # the same refusal
            yield from _certificates(message, source.path)
        except Malformed as malformed:
            yield _refused(source.path, str(malformed))
            return
        if message.signers:
            yield Wants(_signed(source), CHECKING, ring=RING, optional=True)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signer's signature."""
        own, *rest = sources
        content = next((source for source in rest if not source.kind), None)
        try:
            message = cms.message(own.whole())
            known = [(info, own.path) for info in _described(message.certificates)]
            known += [pair for source in rest if source.kind for pair in _ring(source)]
            for signer in message.signers:
                yield _checked(message, signer, own, content, known)
        except Malformed as malformed:
            yield _refused(own.path, str(malformed))


def _signed(source: Source) -> tuple[str, ...]:
    """The message itself, and what it may be over: the file of its name, else the package."""
    stem = source.path.rpartition(".")[0]
    return (source.path, stem, THE_PACKAGE) if source.entry.role == "signature" else (source.path, stem)


def _certificates(message: cms.SignedData, path: str) -> Iterator[Certificate]:
    yield from (Certificate(span=Span(path), info=info) for info in _described(message.certificates))


def _described(certificates: Iterable[bytes]) -> Iterator[CertificateInfo]:
    from pkgscan.crypto import x509  # noqa: PLC0415  # only where there is a certificate

    for der in certificates:
        if der[:1] == b"\x30":  # others are attribute certificates, of which nothing here depends
            yield x509.describe(der)


def _ring(source: Source) -> Iterator[tuple[CertificateInfo, str]]:
    from pkgscan.crypto import x509  # noqa: PLC0415  # see above

    try:
        found = cms.message(source.data).certificates if source.kind == "certificate-bundle" else ()
        for info in _described(found or x509.certificates(source.data)):
            yield info, source.path
    except Malformed:
        return  # said where it was read


def _checked(
    message: cms.SignedData,
    signer: cms.SignerInfo,
    own: Source,
    content: Source | None,
    known: list[tuple[CertificateInfo, str]],
) -> Signature:
    info, at = next(((info, at) for info, at in known if _is_signer(info, signer)), (None, ""))
    covers = _covers(message, own, content)
    said = Signature(
        span=Span(own.path),
        scheme="cms",
        check="no-key",
        why="the certificate of its signer is not at hand",
        covers=covers,
        key_id=signer.key_identifier.hex() or f"serial {signer.serial:x}",
        made=signer.signing_time,
        material=tuple(one.pin for one, place in known if place == own.path),
    )
    if info is None:
        return said
    check, why = _outcome(message, signer, content, info)
    strength = msgspec.structs.replace(info.strength, digest=signer.digest)
    return msgspec.structs.replace(
        said, check=check, why=why, signer=info.subject, key=info.pin, key_at=at, strength=strength
    )


def _covers(message: cms.SignedData, own: Source, content: Source | None) -> tuple[str, ...]:
    """The file that a message is over; one that holds its content is over itself, and the file that holds the same."""
    beside = (content.path,) if content is not None else ()
    return (own.path, *beside) if message.content is not None else beside


def _is_signer(info: CertificateInfo, signer: cms.SignerInfo) -> bool:
    if signer.key_identifier:
        return info.key_identifier == signer.key_identifier
    return info.serial == f"{signer.serial:x}" and info.issuer_der == signer.issuer


def _outcome(
    message: cms.SignedData, signer: cms.SignerInfo, content: Source | None, info: CertificateInfo
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
    if content is not None and content.entry.size > WHOLE_BYTES:
        return "not-checked", f"what it signs has over {WHOLE_BYTES} bytes"
    return _verified(signer, info, message.content if message.content is not None else _whole(content))


def _whole(content: Source | None) -> bytes:
    return content.whole() if content is not None else b""


def _contradicted(message: cms.SignedData, signer: cms.SignerInfo, content: Source | None) -> str:
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


def _digest(message: cms.SignedData, content: Source | None, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    if message.content is not None:
        digest.update(message.content)
    elif content is not None:
        for block in content.blocks():
            digest.update(block)
    return digest.digest()


def _is_same(own: bytes, content: Source) -> bool:
    found = hashlib.sha256()
    for block in content.blocks():
        found.update(block)
    return content.entry.size == len(own) and found.digest() == hashlib.sha256(own).digest()


def _refused(path: str, why: str) -> Signature:
    return Signature(span=Span(path), scheme="cms", check="hostile", why=why)
