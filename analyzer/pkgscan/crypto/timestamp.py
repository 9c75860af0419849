"""Tokens by which somebody else says when a signature was made (RFC 3161), among a signer's unsigned attributes.

A token is a CMS message over a statement that holds the digest of the signature's bytes and the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from pkgscan.crypto import cms
from pkgscan.crypto.chains import ANY, TIME
from pkgscan.crypto.der import GENERAL_TIME, OCTETS, SEQUENCE, Element, element
from pkgscan.crypto.packets import Malformed
from pkgscan.crypto.signed_data import Known, checked, described
from pkgscan.facts.signing import CertificateInfo, Check, Signature, Timestamp
from pkgscan.model import Span

STATEMENT = "1.2.840.113549.1.9.16.1.4"  # TSTInfo
TOKENS = 4  # of one signer; a second one is of a second authority


def certificates(message: cms.SignedData) -> Iterator[CertificateInfo]:
    """The certificates that came with the tokens of a message. Raises Malformed."""
    for signer in message.signers:
        for token in _tokens(signer):
            yield from described(token.certificates)


def stamped(said: Signature, signer: cms.SignerInfo, known: Known) -> Signature:
    """What was said of a signer's signature, with the tokens that came with it; of broken ones none."""
    try:
        return msgspec.structs.replace(said, timestamps=tuple(timestamps(signer, known, said)))
    except Malformed:
        return said


def timestamps(signer: cms.SignerInfo, known: Known, said: Signature) -> Iterator[Timestamp]:
    """What each token of a signer says, and what came of checking it. Raises Malformed."""
    for token in _tokens(signer):
        at, holds = _statement(token, signer.signature)
        for who in token.signers:
            own = [(info, said.span.path) for info in described(token.certificates)]
            of_token = Signature(span=Span(said.span.path), scheme="timestamp", check="bad")
            found = checked(token, who, None, [*own, *known], of_token)
            info = next((info for info, _ in (*own, *known) if info.pin == found.key), None)
            check: Check = found.check if holds or found.check != "good" else "bad"
            if check == "good" and (info is None or not {TIME, ANY} & set(info.usages)):
                check = "wrong-usage"
            yield Timestamp(at, found.key, check)


def _tokens(signer: cms.SignerInfo) -> Iterator[cms.SignedData]:
    values = [value for oid in cms.TIMESTAMP_TOKENS for value in signer.unsigned.get(oid, ())]
    for value in values[:TOKENS]:
        try:
            token = cms.message(value)
        except Malformed:  # whoever passes a signature on may add tokens; one that is none says no time
            continue
        if token.content_type == STATEMENT and token.content is not None:
            yield token


def _statement(token: cms.SignedData, signature: bytes) -> tuple[datetime, bool]:
    """(the time, whether it is about a signature) of a TSTInfo (2.4.2). Raises Malformed."""
    fields = list(element(token.content or b"").expect(SEQUENCE).children())
    if len(fields) < 5:  # noqa: PLR2004  # version, policy, imprint, serial number, time at least
        raise Malformed("a timestamp that lacks parts")
    algorithm, imprint = (*fields[2].expect(SEQUENCE).children(), None, None)[:2]
    if algorithm is None or imprint is None:
        raise Malformed("a timestamp of nothing")
    name = cms.DIGESTS.get(next(algorithm.expect(SEQUENCE).children()).oid(), "")
    holds = bool(name) and hashlib.new(name, signature).digest() == imprint.expect(OCTETS).octets()
    return _time(fields[4]), holds


def _time(value: Element) -> datetime:
    """A time that may have fractions of a second, which are left out: nothing turns on them."""
    text = value.expect(GENERAL_TIME).content.decode("ascii", "replace").removesuffix("Z").partition(".")[0]
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed("a timestamp without a time") from error
