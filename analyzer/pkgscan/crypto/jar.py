"""What a signature file of a jar says of its manifest, and the manifest of the jar's entries (JAR specification).

A manifest is in sections, each ended by a blank line: one of the whole, then one an entry. A signature file holds
digests of the manifest, of its first section, and of each other section, over their bytes as they stand.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator

import msgspec

from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Check

SECTIONS = 250_000  # of one manifest: as many as entries are taken from an archive
ALGORITHMS = {
    "md5": "md5", "sha": "sha1", "sha1": "sha1", "sha-1": "sha1", "sha-224": "sha224", "sha-256": "sha256",
    "sha-384": "sha384", "sha-512": "sha512", "sha3-256": "sha3_256", "sha3-384": "sha3_384", "sha3-512": "sha3_512",
}  # fmt: skip
WEAK = frozenset({"md5", "sha1"})
_AT_HAND = WEAK | {"sha256"}  # what is not to be worked out: it proves nothing, or the walk has it
_DIGEST, _WHOLE, _MAIN = "-digest", "-digest-manifest", "-digest-manifest-main-attributes"


class Section(msgspec.Struct, frozen=True):
    """One section: its attributes by their names in small letters, its bytes with the blank line, where it begins."""

    name: str
    attributes: dict[str, str]
    raw: bytes
    line: int


class Listed(msgspec.Struct, frozen=True):
    """An entry of the jar, and what its section has for a digest of it, by an algorithm of hashlib."""

    name: str
    algorithm: str
    digest: str
    line: int


class Outcome(msgspec.Struct, frozen=True):
    """What came of holding a manifest against a signature file: the weakest digest that counts, and what is signed.

    `whole`: the signature file has the digest of the manifest as a whole.
    """

    check: Check
    why: str
    digest: str = ""
    listed: tuple[Listed, ...] = ()
    whole: bool = False


def sections(data: bytes) -> Iterator[Section]:
    """The sections of a manifest or signature file, the one of the whole first. Raises Malformed."""
    pairs: list[list[bytes]] = []
    start, first, at, count = 0, 1, 0, 0
    for number, raw in enumerate(data.splitlines(keepends=True), 1):
        at += len(raw)
        text = raw.rstrip(b"\r\n")
        if text.startswith(b" ") and pairs:
            pairs[-1].append(text[1:])
        elif text:
            pairs.append([text])
        if pairs and (not text or at == len(data)):
            count += 1
            if count > SECTIONS:
                raise Malformed(f"a manifest of over {SECTIONS} sections")
            yield _section(pairs, data[start:at], first)
            pairs = []
        if not pairs:
            start, first = at, number + 1


def _section(pairs: list[list[bytes]], raw: bytes, line: int) -> Section:
    attributes: dict[str, str] = {}
    for pieces in pairs:
        key, colon, value = b"".join(pieces).partition(b": ")
        name = key.decode("latin-1").lower()
        if not colon or name in attributes:
            raise Malformed("a manifest with a line that is no attribute, or is there twice")
        attributes[name] = value.decode("utf-8", "surrogateescape")
    return Section(attributes.get("name", ""), attributes, raw, line)


def held_against(signature_file: bytes, manifest: bytes) -> Outcome:
    """What a signature file, believed as it is, makes of a manifest. Raises Malformed."""
    main, named = _parts(manifest)
    about, signed = _parts(signature_file)
    whole = _holds(about.attributes, _WHOLE, manifest)
    of_main = _holds(about.attributes, _MAIN, main.raw)
    if not whole and (of_main is False or (whole is False and of_main is None)):
        return Outcome("bad", "its manifest was changed")  # Java takes attributes that nothing is said of
    listed: list[Listed] = []
    for name, section in signed.items():
        entry = named.get(name)
        if entry is None:
            return Outcome("bad", f"it names {name}, and its manifest does not")
        holds = whole or _holds(section.attributes, _DIGEST, entry.raw)
        if holds is None:
            return Outcome("weak", "its digests prove nothing any more", digest=_weakest(section.attributes))
        if not holds:
            return Outcome("bad", f"what its manifest says of {name} was changed")
        listed += _entry(entry)
    return _summed(listed, whole=bool(whole))


def other_digests(manifest: bytes) -> Iterator[tuple[str, str]]:
    """(entry, algorithm) of what a manifest has no SHA-256 of, and no weaker digest either. Raises Malformed."""
    lower = manifest.lower()
    if not any(f"{name}{_DIGEST}: ".encode() in lower for name, one in ALGORITHMS.items() if one not in _AT_HAND):
        return  # as nearly all: to take it apart costs more
    for section in sections(manifest):
        for one in _entry(section) if section.name else ():
            if one.algorithm not in _AT_HAND:
                yield one.name, one.algorithm


def _parts(data: bytes) -> tuple[Section, dict[str, Section]]:
    """The section of the whole, and the others by the entries they are about."""
    found = sections(data)
    main = next(found, None)
    if main is None or main.name:
        raise Malformed("a manifest that does not begin with a section of its own")
    named: dict[str, Section] = {}
    for section in found:
        if not section.name or section.name in named:
            raise Malformed("a manifest with a section about no entry, or two about one")
        named[section.name] = section
    return main, named


def _digests(attributes: dict[str, str], ending: str) -> Iterator[tuple[str, str]]:
    """(algorithm, digest in hex) of each attribute that is called so; of digests that nobody makes, nothing."""
    for name, value in attributes.items():
        algorithm = ALGORITHMS.get(name.removesuffix(ending)) if name.endswith(ending) else None
        if algorithm is None:
            continue
        try:
            yield algorithm, binascii.a2b_base64(value.strip()).hex()
        except binascii.Error as error:
            raise Malformed(f"a digest that is no base64: {error}") from error


def _holds(attributes: dict[str, str], ending: str, data: bytes) -> bool | None:
    """Whether every digest that still proves something is that of some bytes; None where there is none of those."""
    found = [pair for pair in _digests(attributes, ending) if pair[0] not in WEAK]
    if not found:
        return None
    return all(hashlib.new(algorithm, data).hexdigest() == digest for algorithm, digest in found)


def _weakest(attributes: dict[str, str]) -> str:
    return min((algorithm for algorithm, _ in _digests(attributes, _DIGEST)), default="")


def _entry(section: Section) -> list[Listed]:
    """What a section says of an entry: by SHA-256, which the walk has worked out, else by its strongest."""
    found = dict(_digests(section.attributes, _DIGEST))
    if not found:
        return []  # a section of attributes alone, as packages have
    strong = [algorithm for algorithm in found if algorithm not in WEAK]
    algorithm = "sha256" if "sha256" in found else max(strong or found)
    return [Listed(section.name, algorithm, found[algorithm], section.line)]


def _summed(listed: list[Listed], *, whole: bool) -> Outcome:
    used = {one.algorithm for one in listed}
    if weak := used & WEAK:
        return Outcome("weak", f"its digests of files are {max(weak)}, which proves nothing any more", max(weak))
    return Outcome("good", "it verifies", min(used, default=""), tuple(listed), whole)
