"""CMS messages (PKCS#7, S/MIME): signatures beside what they sign, or around it, and bundles of certificates.

A detached one is over the file of its name without the last suffix; one that the user names may be over the package.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.crypto import cms, timestamp
from pkgscan.crypto.packets import Malformed
from pkgscan.crypto.signed_data import Content, checked, described, is_at_hand, ring
from pkgscan.crypto.timestamp import stamped
from pkgscan.facts.signing import Certificate, Signature
from pkgscan.model import Span
from pkgscan.readers.base import THE_PACKAGE, Kind, Reader, Reading, Source, Wants

BYTES = 4 << 20  # of a message without its content; attached content may have as much as a reader is given
RING = ("certificate", "certificate-bundle")  # whose entries are handed to `ring`
CHECKING = "checking a CMS signature"


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
            known = [(info, own.path) for info in described(message.certificates)]
            if not all(is_at_hand(signer, known) for signer in message.signers):
                keys = [source for source in rest if source.kind]
                known += [pair for key in keys for pair in ring(key.kind, key.data, key.path)]
            said = Signature(span=Span(own.path), scheme="cms", check="bad", covers=_covers(message, own, content))
            over = Content(content.entry.size, content.blocks, content.whole) if content is not None else None
            for signer in message.signers:
                yield stamped(checked(message, signer, over, known, said), signer, known)
        except Malformed as malformed:
            yield _refused(own.path, str(malformed))


def _signed(source: Source) -> tuple[str, ...]:
    """The message itself, and what it may be over: the file of its name, else the package."""
    stem = source.path.rpartition(".")[0]
    return (source.path, stem, THE_PACKAGE) if source.entry.role == "signature" else (source.path, stem)


def _certificates(message: cms.SignedData, path: str) -> Iterator[Certificate]:
    found = (*described(message.certificates), *timestamp.certificates(message))
    yield from (Certificate(span=Span(path), info=info) for info in found)


def _covers(message: cms.SignedData, own: Source, content: Source | None) -> tuple[str, ...]:
    """The file that a message is over; one that holds its content is over itself, and the file that holds the same."""
    beside = (content.path,) if content is not None else ()
    return (own.path, *beside) if message.content is not None else beside


def _refused(path: str, why: str) -> Signature:
    return Signature(span=Span(path), scheme="cms", check="hostile", why=why)
