"""Announcements of new keys: CSAF 2.0 documents, and statements in prose. What they are worth, is who signed them.

Of a CSAF document only the URIs count that identify a product (3.1.3.3.8, x_generic_uris): `openpgp4fpr:` and `ni:` of
RFC 6920. In prose a key counts where the text last spoke of the new one.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any

from pkgscan.facts.signing import Announcement
from pkgscan.model import Gap, Span
from pkgscan.patterns import pattern
from pkgscan.readers.base import Embedded, Kind, Reader, Reading, Segment, Source

BYTES = 4 << 20  # of a document; the longest advisories have a megabyte
VALUES = 200_000  # of one document
PINS = 64  # that one announcement names
CLEAR = "-----BEGIN PGP SIGNED MESSAGE-----"
CSAF = '"csaf_version"'
_SPEAKS = pattern(r"(?i)\b(?:rotat|transition|new (?:signing |release |root )?(?:key|root|ca|certificate))")
_NEW, _OLD = pattern(r"(?i)\bnew\b"), pattern(r"(?i)\b(?:old|previous|former|revoked|retired|compromised)\b")
_PIN = pattern(r"(?i)\b(?:openpgp:|x509-sha256:|spki-sha256:)[0-9a-f]{40,64}\b")
_DIGITS = pattern(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{4} {1,2}){9}[0-9a-f]{4}(?![0-9a-f])|\b[0-9a-f]{40}\b")
_SHA256 = pattern(r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{2}:){31}[0-9a-f]{2}(?![0-9a-f:])|\b[0-9a-f]{64}\b")


class AnnouncementReader(Reader):
    """Reads which keys a document announces."""

    kinds = (
        Kind(
            name="announcement",
            names=("key-transition.txt", "key-rotation.txt", "KEY-TRANSITION.txt", "KEY-ROTATION.txt"),
            suffixes=(".csaf.json",),
            companion_suffixes=(".json", ".txt", ".md", ".eml"),
        ),
    )
    facts = (Announcement,)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact a document that announces keys; a clear-signed one goes to who checks that, and comes back."""
        if source.truncated or len(source.data) > BYTES:
            detail = f"an announcement of over {BYTES} bytes is not read"
            yield Gap(
                effect="partial", stage="read", reason="limit-announcement", detail=detail, span=Span(source.path)
            )
        elif source.text.startswith(CLEAR):
            starts = tuple(Segment(line.offset, line.span.first_line, 1) for line in source.lines())
            yield Embedded("openpgp-signature", source.text, starts)
        elif CSAF in source.text:
            yield from _csaf(source)
        elif _SPEAKS.search(source.text) and (pins := _announced(source)):
            title = next((line.text.strip() for line in source.lines() if line.text.strip()), "")
            yield Announcement(span=Span(source.path), form="statement", title=title[:200], keys=pins)


def _csaf(source: Source) -> Iterator[Reading]:
    import json  # noqa: PLC0415  # only where there is such a document

    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError):
        yield Gap(
            effect="partial", stage="read", reason="bad-announcement", detail="no valid JSON", span=Span(source.path)
        )
        return
    head = document.get("document") if isinstance(document, dict) else None
    if not isinstance(head, dict) or not isinstance(document.get("product_tree"), dict):
        return
    uris = _uris(document["product_tree"])
    pins = tuple(dict.fromkeys(filter(None, map(_pin_of, uris))))[:PINS]
    if pins:
        yield Announcement(span=Span(source.path), form="csaf", title=str(head.get("title", ""))[:200], keys=pins)


def _uris(tree: Any) -> Iterator[str]:
    """The URIs in every x_generic_uris below a value, however it is nested."""
    pending: list[tuple[str, Any]] = [("", tree)]
    for _ in range(VALUES):
        if not pending:
            return
        key, value = pending.pop()
        if isinstance(value, dict):
            if key == "x_generic_uris" and isinstance(value.get("uri"), str):
                yield value["uri"]
            pending.extend(value.items())
        elif isinstance(value, list):
            pending.extend((key, item) for item in value)


def _pin_of(uri: str) -> str:
    """The pin that a URI is; empty for others."""
    form, _, value = uri.partition(":")
    if form.lower() == "openpgp4fpr" and len(value) in {40, 64}:
        return f"openpgp:{value.upper()}"
    if uri.startswith("ni:///sha-256;"):
        text = uri.removeprefix("ni:///sha-256;").partition("?")[0]
        try:
            digest = binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
        except binascii.Error:
            return ""
        return f"x509-sha256:{digest.hex().upper()}" if len(digest) == 32 else ""  # noqa: PLR2004  # SHA-256
    return ""


def _announced(source: Source) -> tuple[str, ...]:
    """The keys in a text behind the word new, up to where it speaks of an old one again."""
    found: dict[str, None] = {}
    is_new = False
    for line in source.lines():
        text = line.text[:1000]
        at = {match.start(): True for match in _NEW.finditer(text)} | {m.start(): False for m in _OLD.finditer(text)}
        for start, pin in sorted(_pins(text)):
            before = [place for place in at if place < start]
            if at[max(before)] if before else is_new:
                found[pin] = None
        is_new = at[max(at)] if at else is_new
    return tuple(found)[:PINS]


def _pins(text: str) -> Iterator[tuple[int, str]]:
    for match in _PIN.finditer(text):
        form, _, value = match[0].partition(":")
        yield match.start(), f"{form.lower()}:{value.upper()}"
    for match in _DIGITS.finditer(text):
        yield match.start(), f"openpgp:{match[0].replace(' ', '').upper()}"
    for match in _SHA256.finditer(text):
        yield match.start(), f"x509-sha256:{match[0].replace(':', '').upper()}"
