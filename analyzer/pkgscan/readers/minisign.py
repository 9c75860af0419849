"""Signatures and keys of minisign and signify: over the file of their name, or over a text in the same file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from pkgscan.crypto import minisign
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Check, PrivateKey, PublicKey, Signature, Strength
from pkgscan.model import Span
from pkgscan.patterns import pattern
from pkgscan.readers.base import THE_PACKAGE, Embedded, Kind, Reader, Reading, Segment, Source, Wants

BYTES = 16 << 20  # of a file, with the list that it may embed; the lists of a whole release have a tenth
WHOLE_BYTES = 512 << 20  # of signed content, which has to be in memory
KIND = "ed25519-signature"
CHECKING = "checking a signature of minisign or signify"
STRENGTH = Strength("ed25519", 256)
_TIME = pattern(r"(?:^|\t)timestamp:(\d{1,11})(?:\t|$)")


class MinisignReader(Reader):
    """Reads keys; checks a signature once all keys are known."""

    kinds = (Kind(name=KIND, suffixes=(".minisig",), magic=(minisign.UNTRUSTED,), heads=(minisign.UNTRUSTED[:16],)),)
    facts = (Signature, PublicKey, PrivateKey)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The key of a file, or the wish to check its signature; a list that it embeds is read by who reads lists."""
        if source.truncated or len(source.data) > BYTES:
            yield _refused(source, "it is larger than any signature")
            return
        try:
            found = minisign.parse(source.data)
        except Malformed as malformed:
            if source.entry.member.endswith((".minisig", ".sig")):
                yield _refused(source, str(malformed))
            return
        if found is None:
            yield PrivateKey(span=Span(source.path), form="minisign or signify")
        elif isinstance(found, minisign.Key):
            yield PublicKey(span=Span(source.path), scheme="minisign", key=_pin(found), strength=STRENGTH)
        else:
            yield Wants(_signed(source, found), CHECKING, ring=(KIND,), optional=True)
            if found.message is not None:
                yield from _embedded(source)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking it with each key of its number."""
        own, *rest = sources
        found = minisign.parse(own.whole())
        if not isinstance(found, minisign.Signature):
            return
        content = next((source for source in rest if not source.kind), None)
        covers = own.path if found.message is not None else content.path if content is not None else ""
        said = Signature(
            span=Span(own.path),
            scheme=found.form,
            check="no-key",
            why="its key is not at hand",
            covers=(covers,) if covers else (),
            key_id=found.number.hex(),
            made=_time(found),
            strength=STRENGTH,
        )
        keys = [pair for source in rest if source.kind for pair in _keys(source) if pair[0].number == found.number]
        yield _checked(said, found, content, keys)


def _signed(source: Source, found: minisign.Signature) -> tuple[str, ...]:
    """The signature itself, and what it may be over: the file of its name, else the package."""
    if found.message is not None:
        return (source.path,)
    stem = source.path.rpartition(".")[0]
    return (source.path, stem, THE_PACKAGE) if source.entry.role == "signature" else (source.path, stem)


def _embedded(source: Source) -> Iterator[Embedded]:
    """The lines behind the signature, if they may be a list of digests."""
    lines = list(source.lines())[2:]
    if lines and "SHA" in lines[0].text:
        start = lines[0].offset
        starts = tuple(Segment(line.offset - start, line.number, 1) for line in lines)
        yield Embedded("checksums", source.text[start:], starts)


def _keys(source: Source) -> Iterator[tuple[minisign.Key, str]]:
    try:
        found = minisign.parse(source.data)
    except Malformed:
        return
    if isinstance(found, minisign.Key):
        yield found, source.path


def _checked(
    said: Signature, found: minisign.Signature, content: Source | None, keys: list[tuple[minisign.Key, str]]
) -> Signature:
    if found.message is None and content is None:
        return msgspec.structs.replace(said, check="no-content", why="what it signs is not in the package")
    if content is not None and content.entry.size > WHOLE_BYTES:
        why = f"what it signs has over {WHOLE_BYTES} bytes"
        return msgspec.structs.replace(said, check="not-checked", why=why)
    data = found.message if found.message is not None else content.whole() if content is not None else b""
    over = found.content(data)
    for key, at in keys:
        check, why = _outcome(found, key, over)
        tried = msgspec.structs.replace(said, check=check, why=why, key=_pin(key), key_at=at)
        if check == "good":
            return tried
    return tried if keys else said


def _outcome(found: minisign.Signature, key: minisign.Key, over: bytes) -> tuple[Check, str]:
    from pkgscan.crypto.keys import verifies_ed25519  # noqa: PLC0415  # only where there is a signature

    if not verifies_ed25519(key.value, found.value, over):
        return "bad", "it does not verify: what it signs, or it itself, was changed"
    if found.form == "minisign" and not verifies_ed25519(key.value, found.of_comment, found.comment_content):
        return "bad", "its trusted comment was changed"
    return "good", "it verifies"


def _pin(key: minisign.Key) -> str:
    return f"minisign:{key.text}"


def _time(found: minisign.Signature) -> datetime | None:
    """When the signer says to have signed, in the trusted comment as minisign writes it."""
    match = _TIME.search(found.comment.decode("utf-8", "replace"))
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _refused(source: Source, why: str) -> Signature:
    return Signature(span=Span(source.path), scheme="minisign", check="hostile", why=why)
