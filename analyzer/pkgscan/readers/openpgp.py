"""OpenPGP signatures, detached and clear-signed, and keys (RFC 9580). Messages that pack in what they sign stay shut.

A detached signature is over the file of its name without the last suffix; one that the user names may be over the
package itself.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pkgscan.crypto.packets import INLINE, PUBLIC_KEY, SECRET_KEY, SIGNATURE, Malformed, Packet, clear_text, packets
from pkgscan.facts.signing import PrivateKey, PublicKey, Signature, Strength
from pkgscan.model import Entry, Span
from pkgscan.readers.base import THE_PACKAGE, Embedded, Kind, Reader, Reading, Segment, Source, Wants

if TYPE_CHECKING:
    from pkgscan.crypto.openpgp import Answer, Certificate, Statement

SIGNATURE_BYTES = 4 << 20  # of a file of signatures or keys; a distribution's whole keyring has 2 MB
CLEAR_BYTES = 16 << 20  # of a clear-signed text; the largest lists of a distribution have half of it
WHOLE_BYTES = 512 << 20  # of signed content, since Sequoia wants all of it in memory, of which a child may have 1 GiB
SIGNERS = 16  # signatures in one file
SUFFIXES = (".asc", ".sig", ".sign")
KEYS, SIGNATURES, MESSAGES = "openpgp-key", "openpgp-signature", "openpgp-message"
CHECKING = "checking an OpenPGP signature"


class OpenPgpReader(Reader):
    """Reads signatures and keys; checks a signature once the walk is over and all keys are known."""

    kinds = (
        Kind(
            name=SIGNATURES,
            suffixes=SUFFIXES,
            names=("InRelease", "Release.gpg"),
            magic=(b"-----BEGIN PGP S",),
            heads=(b"-----BEGIN PGP S", b"\x88", b"\x89", b"\x8a", b"\xc2"),
        ),
        Kind(name=KEYS, suffixes=(".gpg", ".pgp"), names=("KEYS",), magic=(b"-----BEGIN PGP P",)),
        Kind(name=MESSAGES, magic=(b"-----BEGIN PGP M",)),
    )
    facts = (Signature, PublicKey, PrivateKey)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The keys of a file, or the wish to check its signatures."""
        clear = source.kind == SIGNATURES and b"-----BEGIN PGP SIGNED MESSAGE-----" in source.data
        if source.truncated or len(source.data) > (CLEAR_BYTES if clear else SIGNATURE_BYTES):
            yield _refused(source, "it is larger than any signature or list of keys")
            return
        if clear:
            yield from _read_clear(source)
            return
        try:
            found = list(packets(source.data))
        except Malformed as malformed:
            if source.kind == SIGNATURES:
                yield _refused(source, str(malformed))
            return
        yield from _read_packets(source, found)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signature of a file, with the keys that are at hand."""
        own, *rest = sources
        content = [source for source in rest if not source.kind]
        yield from _check(own, content[0] if content else None, [source for source in rest if source.kind])


def _read_clear(source: Source) -> Iterator[Reading]:
    """A clear-signed text is checked, and what it says is read by whoever reads such a text, if anybody does."""
    message = clear_text(source.text)
    if message is None:
        yield _refused(source, "a clear-signed message that does not end")
        return
    yield Wants((source.path,), CHECKING, ring=(KEYS,), optional=True)
    kind = "checksums" if _is_list(source.entry) else "announcement" if _speaks_of_keys(message.lines) else ""
    if kind:
        first = message.first_line
        offsets, at = [], 0
        for number, line in enumerate(message.lines):
            offsets.append(Segment(at, first + number, 1))
            at += len(line) + 1
        yield Embedded(kind, "\n".join(message.lines), tuple(offsets))


def _speaks_of_keys(lines: tuple[str, ...]) -> bool:
    """Whether a clear-signed text may announce a key."""
    text = "\n".join(lines).lower()
    return "new" in text and ("key" in text or "root" in text or "certificate" in text)


def _is_list(entry: Entry) -> bool:
    """Whether a clear-signed text is a list of digests, by its name."""
    return any(word in entry.member.rpartition("/")[2].lower() for word in ("sum", "manifest"))


def _read_packets(source: Source, found: list[Packet]) -> Iterator[Reading]:
    first = found[0].tag if found else 0
    if first in {PUBLIC_KEY, SECRET_KEY}:
        yield from _keys(source)
    elif first == SIGNATURE and all(packet.tag == SIGNATURE for packet in found):
        yield Wants(_signed(source.entry), CHECKING, ring=(KEYS,), optional=True)
    elif any(packet.tag in INLINE for packet in found):
        yield _refused(source, "it packs in what it signs, and is not opened: that may grow a thousandfold")
    elif source.kind == SIGNATURES:
        yield _refused(source, "it holds no signature")


def _signed(entry: Entry) -> tuple[str, ...]:
    """The signature itself, and what it may be over: the file of its name, else the package."""
    stem = entry.path.rpartition(".")[0]
    return (entry.path, stem, THE_PACKAGE) if entry.role == "signature" else (entry.path, stem)


def _keys(source: Source) -> Iterator[Reading]:
    from pkgscan.crypto import openpgp  # noqa: PLC0415  # only where there is a key

    try:
        found = openpgp.certificates(source.data, source.path)
    except Malformed as malformed:
        yield _refused(source, str(malformed))
        return
    for certificate in found:
        yield PublicKey(
            span=Span(source.path),
            scheme="openpgp",
            key=_pin(certificate.fingerprint),
            names=certificate.names,
            strength=certificate.strengths.get(certificate.fingerprint, Strength()),
            created=certificate.created,
            expires=certificate.expires,
            revoked=certificate.revoked,
            secret=certificate.secret,
        )
        if certificate.secret:
            yield PrivateKey(span=Span(source.path), form="OpenPGP")


def _ring(sources: list[Source], statements: list[Statement]) -> list[Certificate]:
    """The keys at hand that may have made the signatures."""
    from pkgscan.crypto import openpgp  # noqa: PLC0415  # only where there is a signature

    issuers = frozenset(statement.issuer for statement in statements)
    ring: list[Certificate] = []
    for source in sources:
        try:
            ring += openpgp.certificates(source.data, source.path, issuers)
        except Malformed:
            continue  # said where it was read
    return ring


def _check(own: Source, content: Source | None, keys: list[Source]) -> Iterator[Reading]:
    from pkgscan.crypto import openpgp  # noqa: PLC0415  # only where there is a signature

    own = Source(own.entry, SIGNATURES, own.whole().removeprefix(codecs.BOM_UTF8))
    message = clear_text(own.data.decode("latin-1"), "latin-1")
    covers = own.path if message else content.path if content else ""
    said = Signature(span=Span(own.path), scheme="openpgp", check="bad", covers=(covers,) if covers else ())
    try:
        found = list(packets(message.signature if message else own.data))
        statements = [openpgp.statement(packet) for packet in found[:SIGNERS]]
    except Malformed as malformed:
        yield msgspec.structs.replace(said, check="hostile", why=str(malformed))
        return
    if len(found) > SIGNERS:
        yield msgspec.structs.replace(said, check="hostile", why=f"over {SIGNERS} signatures; the rest was not checked")
    ring = _ring(keys, statements)
    data = b"" if content is None or content.entry.size > WHOLE_BYTES else content.whole()
    for statement in statements:
        if message:
            body = "\n".join(message.lines).encode("latin-1")
            answer = openpgp.verify_clear(statement, message.message, body, ring)
        elif content is None:
            answer = openpgp.Answer("no-content", "what it signs is not in the package")
        elif content.entry.size > WHOLE_BYTES:
            answer = openpgp.Answer("not-checked", f"what it signs has over {WHOLE_BYTES} bytes")
        else:
            answer = openpgp.verify_detached(statement, data, ring)
        yield _stated(said, statement, answer)


def _stated(said: Signature, statement: Statement, answer: Answer) -> Signature:
    """The fact of a signature that was checked."""
    key = answer.certificate
    strength = key.strengths.get(answer.key, statement.strength) if key else statement.strength
    return msgspec.structs.replace(
        said,
        check=answer.check,
        why=answer.why,
        signer=key.names[0] if key and key.names else "",
        key=_pin(key.fingerprint) if key else "",
        key_at=key.at if key else "",
        key_id=statement.issuer,
        subkey=answer.key if key and answer.key != key.fingerprint else "",
        strength=msgspec.structs.replace(strength, digest=statement.strength.digest),
        made=statement.made,
        expires=(statement.expires or (key.expires if key else None)),
    )


def _pin(fingerprint: str) -> str:
    return f"openpgp:{fingerprint.upper()}"


def _refused(source: Source, why: str) -> Signature:
    return Signature(span=Span(source.path), scheme="openpgp", check="hostile", why=why)
