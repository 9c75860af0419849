"""Signatures in rpms, checked over the header and, by its digest, the payload; in old ones over both at once.

The walk shows the header of signatures as a member called %signature, which asks for the rpm around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pkgscan.crypto import rpm
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Signature
from pkgscan.model import MEMBER, Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants

if TYPE_CHECKING:
    from pkgscan.crypto.openpgp import Certificate

WHOLE_BYTES = 256 << 20  # of an rpm, since header and payload have to be in memory, twice, of which a child has 1 GiB
WEAK_DIGESTS = frozenset({"md5", "sha1"})
RING = ("openpgp-key",)
CHECKING = "checking the signature of an rpm"


class RpmReader(Reader):
    """Has an rpm's signatures checked once all keys are known."""

    kinds = (Kind(name="rpm-signature", names=("%signature",), heads=(rpm.MAGIC,)),)
    facts = (Signature,)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The wish to check it, with the rpm around."""
        if source.entry.archive and source.entry.member == "%signature":
            yield Wants((source.path, source.path.rpartition(MEMBER)[0]), CHECKING, ring=RING)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signature."""
        from pkgscan.crypto import packed_openpgp  # noqa: PLC0415  # only where there is a signature

        own, whole, *rest = sources
        said = Signature(span=Span(own.path), scheme="rpm", check="hostile")
        if whole.entry.size > WHOLE_BYTES:
            yield msgspec.structs.replace(said, check="not-checked", why=f"the rpm has over {WHOLE_BYTES} bytes")
            return
        try:
            found = rpm.parse(whole.whole())
            ring = packed_openpgp.ring((source.data, source.path) for source in rest)
            for over, data in found.signatures:
                yield _checked(found, over, data, msgspec.structs.replace(said, covers=(whole.path,)), ring)
        except Malformed as malformed:
            yield msgspec.structs.replace(said, why=str(malformed))


def _checked(found: rpm.Rpm, over: rpm.Over, data: bytes, said: Signature, ring: list[Certificate]) -> Signature:
    from pkgscan.crypto import packed_openpgp  # noqa: PLC0415  # see above

    packet, *others = packed_openpgp.signatures(data)
    if others:
        raise Malformed("what should be one signature is several")
    content = found.header_bytes if over == "header" else found.data[found.header :]
    checked = packed_openpgp.checked(said, packet, content, ring)
    return checked if checked.check != "good" or over == "all" else _with_payload(checked, found)


def _with_payload(checked: Signature, found: rpm.Rpm) -> Signature:
    """A good signature over the header, which vouches for the payload as far as the header does."""
    if found.holds is None:
        why = "it verifies, but is over the header alone, which says nothing of the files' content"
        return msgspec.structs.replace(checked, why=why, covers=())
    if not found.holds:
        return msgspec.structs.replace(checked, check="bad", why="its payload is not what was signed")
    algorithm = found.digest[0]
    if algorithm in WEAK_DIGESTS:
        why = f"it is over a digest of the payload by {algorithm}, which proves nothing any more"
        strength = msgspec.structs.replace(checked.strength, digest=algorithm)
        return msgspec.structs.replace(checked, check="weak", why=why, strength=strength)
    return checked
