"""Signatures in Windows programs (Authenticode): messages at their end, over a digest of the rest."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.crypto import authenticode, cms, timestamp
from pkgscan.crypto.packets import Malformed
from pkgscan.crypto.signed_data import WEAK_DIGESTS, Known, checked, described, ring
from pkgscan.crypto.timestamp import stamped
from pkgscan.facts.signing import Certificate, Signature
from pkgscan.model import Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants

WHOLE_BYTES = 512 << 20  # of a program, which has to be in memory, of which a child may have 1 GiB
RING = ("certificate", "certificate-bundle")
CHECKING = "checking the signature of a program"


class AuthenticodeReader(Reader):
    """Has the signatures of a program checked, where its header says that it has some."""

    kinds = (Kind(name="pe", magic=(b"MZ",)),)
    facts = (Signature, Certificate)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The wish to check its signatures."""
        if authenticode.layout(source.data) is not None:
            yield Wants((source.path,), CHECKING, ring=RING)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signer of each message, and the certificates that came with them."""
        own, *rest = sources
        said = Signature(span=Span(own.path), scheme="authenticode", check="hostile", covers=(own.path,))
        if own.entry.size > WHOLE_BYTES:
            yield msgspec.structs.replace(said, check="not-checked", why=f"the program has over {WHOLE_BYTES} bytes")
            return
        data = own.whole()
        layout = authenticode.layout(data)
        if layout is None:
            return
        try:
            others = [pair for source in rest for pair in ring(source.kind, source.data, source.path)]
            for message in authenticode.messages(data, layout):
                certificates = tuple(described(message.certificates))
                for info in (*certificates, *timestamp.certificates(message)):
                    yield Certificate(span=Span(own.path), info=info)
                known = [*((info, own.path) for info in certificates), *others]
                yield from _signers(message, data, layout, known, said)
        except Malformed as malformed:
            yield msgspec.structs.replace(said, why=str(malformed), covers=())


def _signers(
    message: cms.SignedData, data: bytes, layout: authenticode.Layout, known: Known, said: Signature
) -> Iterator[Signature]:
    algorithm, digest = authenticode.stated(message)
    holds = authenticode.digest(data, layout, algorithm) == digest
    for signer in message.signers:
        found = stamped(checked(message, signer, None, known, said), signer, known)
        if found.check == "good" and not holds:
            found = msgspec.structs.replace(found, check="bad", why="the program was changed since it was signed")
        elif found.check == "good" and algorithm in WEAK_DIGESTS:
            why = f"its digest of the program is {algorithm}, which proves nothing any more"
            strength = msgspec.structs.replace(found.strength, digest=algorithm)
            found = msgspec.structs.replace(found, check="weak", why=why, strength=strength)
        yield found
