"""New keys in the place of old ones: who says so, and whether that is somebody the profile trusts to say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from pkgscan.facts.signing import Announcement, PublicKey, Signature
from pkgscan.model import MEMBER, Span
from pkgscan.reason.anchors import TRUST, normal

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Signatures


class Word(msgspec.Struct, frozen=True):
    """Somebody's word for a new key. `announced`: by a key trusted for that; `decided`: by the profile itself.

    `claimed` is worth nothing, and is told all the same.
    """

    worth: Literal["announced", "decided", "claimed"]
    why: str
    span: Span


def words(
    stated: Signatures,
    announcements: Iterable[Announcement],
    signatures: Iterable[Signature],
    keys: Iterable[PublicKey],
) -> dict[str, Word]:
    """The word for each new key, by its pin; the one that is worth most."""
    trusted = _advisory_keys(stated, keys)
    signed = [signature for signature in signatures if signature.covers]
    found: dict[str, Word] = {}
    for one in announcements:
        word = _word(one, [s for s in signed if one.span.path in s.covers], trusted)
        for pin in map(normal, one.keys):
            if pin not in found or word.worth == "announced":
                found[pin] = word
    for rotation in stated.rotations:
        pin = normal(rotation.new.value)
        if rotation.evidence is None:
            why = f"the profile says that it took the place of {rotation.old.value}"
            found[pin] = Word("decided", why, rotation.new.span)
        elif pin not in found:
            why = f"{rotation.evidence.value}, which the profile names as evidence, does not announce it"
            found[pin] = Word("claimed", why, rotation.evidence.span)
    return found


def _advisory_keys(stated: Signatures, keys: Iterable[PublicKey]) -> set[str]:
    files = {f"{TRUST}{file.value}" for file in stated.advisory_keys}
    pins = {normal(key.key) for key in keys if key.span.path in files}
    for trust in stated.trust:
        if any(use.value == "advisory" for use in trust.use):
            pins |= {normal(pin.value) for pin in trust.pins}
    return pins


def _word(announcement: Announcement, signed: list[Signature], trusted: set[str]) -> Word:
    name = announcement.span.path.rpartition(MEMBER)[2]
    good = [signature for signature in signed if signature.check == "good"]
    for signature in good:
        if normal(signature.key) in trusted:
            signer = signature.signer or signature.key
            return Word("announced", f"announced in {name}, which {signer} signed", announcement.span)
    by = f"signed by {good[0].signer or good[0].key} only" if good else "unsigned" if not signed else "badly signed"
    why = f"a rotation is claimed in {name}, {by}: nobody we know vouches for it"
    return Word("claimed", why, announcement.span)
