"""DSSE envelopes, and the in-toto statements in them, which name files by their digests; and public keys in PEM.

What is signed is the payload with its type before it (PAE of the DSSE protocol, version 1).
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any

import msgspec

from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Check, ListedDigest, PublicKey, Signature, named_paths
from pkgscan.model import Gap, Span
from pkgscan.readers.base import THE_PACKAGE, Kind, Reader, Reading, Source, Wants

BYTES = 16 << 20  # of a file; a statement about a release of thousands of files has a megabyte
ENVELOPES = 16  # in one file, one a line
SIGNERS = 16  # of one envelope
SUBJECTS = 100_000  # of one statement
DSSE, KEY = "dsse", "public-key"
CHECKING = "checking a DSSE envelope"
STATEMENT = "application/vnd.in-toto+json"
ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})


class _Envelope(msgspec.Struct, frozen=True):
    kind: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]  # (key id, signature)

    @property
    def signed(self) -> bytes:
        kind = self.kind.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)


class DsseReader(Reader):
    """Reads keys, and what statements say of files; checks an envelope once all keys are known."""

    kinds = (
        Kind(name=DSSE, suffixes=(".intoto.jsonl", ".intoto.json", ".dsse.json", ".dsse", ".intoto")),
        Kind(name=KEY, magic=(b"-----BEGIN PUBLIC KEY-----",)),
    )
    facts = (Signature, PublicKey, ListedDigest)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The key of a file; or the files that its statements name, and the wish to check them."""
        if source.kind == KEY:
            yield from _key(source)
            return
        if source.truncated or len(source.data) > BYTES:
            yield _refused(source.path, f"it has over {BYTES} bytes")
            return
        try:
            envelopes = list(_envelopes(source.data))
            named = list(_named(envelopes, source.path))
        except Malformed as malformed:
            yield _refused(source.path, str(malformed))
            return
        if not envelopes:
            why = "signatures of the scheme sigstore are recognised and not verified"
            yield Signature(span=Span(source.path), scheme="dsse", check="not-checked", why=why)
            yield Gap(effect="partial", stage="read", reason="unverified-signature", detail=why, span=Span(source.path))
            return
        yield from named
        yield Wants((source.path,), CHECKING, ring=(KEY,), optional=True)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signature of each envelope."""
        own, *ring = sources
        try:
            for envelope in _envelopes(own.whole()):
                for name, value in envelope.signatures:
                    yield _checked(own.path, envelope, name, value, ring)
        except Malformed as malformed:
            yield _refused(own.path, str(malformed))


def _envelopes(data: bytes) -> Iterator[_Envelope]:
    """The envelopes of a file, one, or one a line; bundles around one are left out. Raises Malformed."""
    values = _documents(data)
    if len(values) > ENVELOPES:
        raise Malformed(f"over {ENVELOPES} envelopes")
    for value in values:
        if not isinstance(value, dict):
            raise Malformed("no envelope")
        if "payloadType" in value:
            yield _envelope(value)
        elif "mediaType" not in value:
            raise Malformed("no envelope")


def _documents(data: bytes) -> list[Any]:
    import json  # noqa: PLC0415  # only where there is an envelope

    try:
        try:
            return [json.loads(data)]
        except ValueError:
            return [json.loads(line) for line in data.splitlines()[: ENVELOPES + 1] if line.strip()]
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error


def _envelope(value: dict[str, Any]) -> _Envelope:
    kind, payload, signatures = value.get("payloadType"), value.get("payload"), value.get("signatures")
    if not isinstance(kind, str) or not isinstance(payload, str) or not isinstance(signatures, list):
        raise Malformed("an envelope that lacks parts")
    if not 0 < len(signatures) <= SIGNERS or not all(isinstance(one, dict) for one in signatures):
        raise Malformed(f"an envelope of no signature, or of over {SIGNERS}")
    found = tuple((str(one.get("keyid", ""))[:200], _decoded(one.get("sig"))) for one in signatures)
    return _Envelope(kind, _decoded(payload), found)


def _decoded(text: Any) -> bytes:
    """Base64 in either of its alphabets."""
    if not isinstance(text, str):
        raise Malformed("an envelope with a value that is no text")
    try:
        plain = text.replace("-", "+").replace("_", "/")
        return binascii.a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("an envelope with a value that is no base64") from error


def _named(envelopes: list[_Envelope], path: str) -> Iterator[Reading]:
    """What statements say of files, and the wish for digests that no walk has."""
    others: dict[str, dict[str, None]] = {}
    for name, digests in (one for envelope in envelopes for one in _subjects(envelope)):
        algorithm = "sha256" if "sha256" in digests else max(digests)
        listed = ListedDigest(
            span=Span(path),
            manifest=path,
            algorithm=algorithm,
            digest=digests[algorithm].lower(),
            name=name,
            elsewhere=True,
        )
        yield listed
        if algorithm != "sha256":
            others.setdefault(algorithm, {}).update(dict.fromkeys(named_paths(listed) or (THE_PACKAGE,)))
    for algorithm, entries in others.items():
        yield Wants(tuple(entries), CHECKING, digests=(algorithm,))


def _subjects(envelope: _Envelope) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, digests by algorithm) of the files that a statement is about; none of other payloads."""
    if envelope.kind != STATEMENT:
        return
    (statement,) = _documents(envelope.payload)[:1] or (None,)
    subjects = statement.get("subject") if isinstance(statement, dict) else None
    for subject in subjects[:SUBJECTS] if isinstance(subjects, list) else ():
        name, digests = (subject.get("name"), subject.get("digest")) if isinstance(subject, dict) else (None, None)
        if isinstance(name, str) and isinstance(digests, dict):
            known = {key: value for key, value in digests.items() if key in ALGORITHMS and isinstance(value, str)}
            if known:
                yield name, known


def _checked(path: str, envelope: _Envelope, name: str, value: bytes, ring: list[Source]) -> Signature:
    """With the first key that made it; where none did, nobody can say whether it is bad or another's."""
    from pkgscan.crypto import keys  # noqa: PLC0415  # only where there is a signature

    said = Signature(span=Span(path), scheme="dsse", check="no-key", why="its key is not at hand", covers=(path,))
    said = msgspec.structs.replace(said, key_id=name)
    for source in ring:
        try:
            key = keys.pem_key(source.data)
            holds = keys.verifies_envelope(key, value, envelope.signed)
        except Malformed:
            continue  # a key of another sort
        strength = keys.strength_of(key, "sha256")
        tried = msgspec.structs.replace(said, key=keys.spki_pin(key), key_at=source.path, strength=strength)
        if holds:
            check, why = _worth(strength.key, strength.bits)
            return msgspec.structs.replace(tried, check=check, why=why)
        if len(ring) == 1:
            why = "it does not verify with the one key at hand: it was changed, or another signed"
            said = msgspec.structs.replace(tried, check="bad", why=why)
    return said


def _worth(key: str, bits: int) -> tuple[Check, str]:
    if key == "rsa" and bits < 2048:  # noqa: PLR2004  # bits, below which a key proves nothing
        return "weak", f"its key has {bits} bits, which is too few to prove anything"
    return "good", "it verifies"


def _key(source: Source) -> Iterator[PublicKey]:
    from pkgscan.crypto import keys  # noqa: PLC0415  # only where there is a key

    try:
        key = keys.pem_key(source.data)
    except Malformed:
        return  # a key for something else, such as for encryption
    yield PublicKey(span=Span(source.path), scheme="dsse", key=keys.spki_pin(key), strength=keys.strength_of(key))


def _refused(path: str, why: str) -> Signature:
    return Signature(span=Span(path), scheme="dsse", check="hostile", why=why)
