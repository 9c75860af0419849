"""Lists of digests: SHA256SUMS and its kin, `NAME.sha256`, and the BSD form (coreutils' sha256sum, openssl dgst).

A digest says that a file is whole, and not who made it: that is for whoever signs the list.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.facts.signing import ListedDigest, named_paths
from pkgscan.model import Gap
from pkgscan.patterns import pattern
from pkgscan.readers.base import THE_PACKAGE, Embedded, Kind, Line, Reader, Reading, Segment, Source, Wants

LINES = 100_000  # of one list; an archive of a whole distribution release has as many files in its list
CLEAR = "-----BEGIN PGP SIGNED MESSAGE-----"
ALGORITHMS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}  # by digits
_BY_LENGTH = {length: name for name, length in ALGORITHMS.items()}
_SUMS = tuple(f"{name.upper()}{ending}" for name in ALGORITHMS for ending in ("SUM", "SUMS", "SUMS.txt"))
_NAMES = (*_SUMS, *(name.lower() for name in _SUMS), "CHECKSUMS", "checksums.txt", "MANIFEST", "Manifest")
_SUFFIXES = (*(f".{name}" for name in ALGORITHMS), *(f".{name}sum" for name in ALGORITHMS))
GNU = pattern(r"(\\?)([0-9A-Fa-f]{32,128})(?: [ *](.+)|[ \t]*)")
BSD = pattern(r"(MD5|SHA-?1|SHA2?-?(?:224|256|384|512)) ?\((.+)\) ?= ?([0-9A-Fa-f]{32,128})")
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
_ESCAPE = pattern(r"\\[\\nr]")


class ChecksumReader(Reader):
    """Reads the lines of a list of digests. A clear-signed one goes to who checks that; its text comes back here."""

    kinds = (Kind(name="checksums", names=_NAMES, suffixes=_SUFFIXES),)
    facts = (ListedDigest,)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact a line that names a file and its digest; other lines are nobody's."""
        if source.text.startswith(CLEAR):
            yield Embedded("openpgp-signature", source.text, tuple(_line_starts(source)))
            return
        others: dict[str, dict[str, None]] = {}  # entries by the algorithms that no walk has
        for listed in _listed_in(source):
            yield listed
            if isinstance(listed, ListedDigest) and listed.algorithm != "sha256":
                others.setdefault(listed.algorithm, {}).update(dict.fromkeys(named_paths(listed) or (THE_PACKAGE,)))
        for algorithm, entries in others.items():
            yield Wants(tuple(entries), "comparing digests", digests=(algorithm,))


def _listed_in(source: Source) -> Iterator[ListedDigest | Gap]:
    """The lines that name a file; a digest alone is that of the file of the list's name, where it is the only one.

    Several digests without names are those of former versions, as ucf keeps them: they say nothing of the file.
    """
    nameless: list[ListedDigest] = []
    for line in source.lines():
        if line.number > LINES:
            detail = f"a list of over {LINES} digests; the rest was not read"
            yield Gap(effect="partial", stage="read", reason="limit-lines", detail=detail, span=line.span)
            return
        listed = _gnu(line, source) or _bsd(line, source)
        if listed is not None and listed.name:
            yield listed
        elif listed is not None:
            nameless.append(listed)
    if len(nameless) == 1:
        name = source.entry.member.rpartition("/")[2].rpartition(".")[0]
        yield msgspec.structs.replace(nameless[0], name=name)


def _line_starts(source: Source) -> Iterator[Segment]:
    for line in source.lines():
        yield Segment(line.offset, line.span.first_line, 1)


def _gnu(line: Line, source: Source) -> ListedDigest | None:
    match = GNU.fullmatch(line.text.rstrip("\r"))
    if match is None:
        return None
    escaped, digest, name = match.groups()
    algorithm = _BY_LENGTH.get(len(digest))
    if algorithm is None:
        return None
    if name and escaped:
        name = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], name)
    return _listed(line, source, algorithm, digest, name or "")


def _bsd(line: Line, source: Source) -> ListedDigest | None:
    match = BSD.fullmatch(line.text.rstrip("\r"))
    if match is None:
        return None
    word, name, digest = match.groups()
    algorithm = word.lower().replace("sha2-", "sha").replace("-", "")
    return _listed(line, source, algorithm, digest, name) if ALGORITHMS.get(algorithm) == len(digest) else None


def _listed(line: Line, source: Source, algorithm: str, digest: str, name: str) -> ListedDigest:
    return ListedDigest(
        span=line.span,
        text=line.text,
        manifest=source.path,
        algorithm=algorithm,
        digest=digest.lower(),
        name=name,
    )
