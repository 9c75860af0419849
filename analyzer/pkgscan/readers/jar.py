"""Signed jars: a block file (CMS) signs a signature file, that has digests of the manifest, and this those of entries.

Who asks is the block file; of its two companions the last of a name counts, as for whoever unpacks. Files that the
signature file does not name are not signed, whoever signed the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.crypto import cms, jar, timestamp
from pkgscan.crypto.packets import Malformed
from pkgscan.crypto.signed_data import Content, Known, checked, described, ring
from pkgscan.crypto.timestamp import stamped
from pkgscan.facts.signing import Certificate, ListedDigest, Signature
from pkgscan.model import Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants

BYTES = 4 << 20  # of a block file
MANIFEST_BYTES = 64 << 20  # of a manifest or signature file; one with 250,000 entries has half
RING = ("certificate", "certificate-bundle")
CHECKING = "checking the signature of a jar"
FOLDER, MANIFEST = "META-INF", "MANIFEST.MF"
MANIFEST_KIND = "jar-manifest"
_ENDINGS = ("*.RSA", "*.DSA", "*.EC", "SIG-*")


class JarReader(Reader):
    """Reads the certificates of a block file; checks it once the walk is over."""

    kinds = (
        Kind(
            name="jar-signature",
            paths=tuple(f"{FOLDER}/{name}" for ending in _ENDINGS for name in (ending, ending.lower())),
        ),
        Kind(name=MANIFEST_KIND, paths=(f"{FOLDER}/{MANIFEST}",)),
    )
    facts = (Signature, Certificate, ListedDigest)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The certificates, and the wish to check the signature. Elsewhere than at the top of a jar it is nothing."""
        folder, _, name = source.entry.member.rpartition("/")
        if folder != FOLDER or name.upper().endswith(".SF"):
            return
        if source.kind == MANIFEST_KIND:
            yield from _digests(source)
            return
        if source.truncated or len(source.data) > BYTES:
            yield _refused(source.path, "it is larger than any signature")
            return
        try:
            message = cms.message(source.data)
            for info in (*described(message.certificates), *timestamp.certificates(message)):
                yield Certificate(span=Span(source.path), info=info)
        except Malformed as malformed:
            yield _refused(source.path, str(malformed))
            return
        stem = source.path.rpartition(".")[0]
        ending = ".SF" if name.rpartition(".")[2].isupper() else ".sf"
        manifest = f"{source.path.rpartition('/')[0]}/{MANIFEST}"
        yield Wants((source.path, stem + ending, manifest), CHECKING, ring=RING, optional=True)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signer, and the digests of entries that the first good one vouches for."""
        own, *rest = sources
        beside = {source.path.rpartition("/")[2].upper(): source for source in rest if not source.kind}
        manifest = beside.pop(MANIFEST, None)
        signature_file = next(iter(beside.values()), None)
        said = Signature(span=Span(own.path), scheme="jar", check="no-content", why="its signature file is missing")
        if signature_file is None or manifest is None:
            why = "its manifest is missing" if manifest is None else said.why
            yield msgspec.structs.replace(said, check="bad", why=why)
            return
        if max(signature_file.entry.size, manifest.entry.size) > MANIFEST_BYTES:
            yield _refused(own.path, f"a manifest of over {MANIFEST_BYTES} bytes")
            return
        try:
            yield from _check(own, signature_file, manifest, rest)
        except Malformed as malformed:
            yield _refused(own.path, str(malformed))


def _digests(source: Source) -> Iterator[Wants]:
    """The wish for digests of entries by other algorithms than the walk has, where a manifest names some."""
    try:
        wanted = list(jar.other_digests(source.data))
    except Malformed:
        return  # said where a signature is checked; a manifest of a jar that nobody signed may be anything
    archive = source.path.removesuffix(source.entry.member)
    for algorithm in sorted({algorithm for _, algorithm in wanted}):
        entries = tuple(f"{archive}{name}" for name, other in wanted if other == algorithm)
        yield Wants(entries, CHECKING, digests=(algorithm,))


def _check(own: Source, signature_file: Source, manifest: Source, rest: list[Source]) -> Iterator[Reading]:
    message = msgspec.structs.replace(cms.message(own.whole()), content=None)  # a content in it counts for nobody
    known: Known = [(info, own.path) for info in described(message.certificates)]
    known = [*known, *(pair for source in rest if source.kind for pair in ring(source.kind, source.data, source.path))]
    text = signature_file.whole()
    outcome = jar.held_against(text, manifest.whole())
    covers = (signature_file.path, manifest.path) if outcome.whole else (signature_file.path,)
    said = Signature(span=Span(own.path), scheme="jar", check="bad", covers=covers)
    is_good = False
    for signer in message.signers:
        found = stamped(checked(message, signer, Content.of(text), known, said), signer, known)
        is_good = is_good or found.check == "good"
        yield _with_manifest(found, outcome)
    if is_good and outcome.check == "good":
        yield from (_listed(one, signature_file.path, manifest.path) for one in outcome.listed)


def _with_manifest(found: Signature, outcome: jar.Outcome) -> Signature:
    """A signature that verifies is worth what the manifest behind it is worth."""
    if found.check not in {"good", "no-key"} or outcome.check == "good":
        return found
    digest = outcome.digest or found.strength.digest
    strength = msgspec.structs.replace(found.strength, digest=digest)
    return msgspec.structs.replace(found, check=outcome.check, why=outcome.why, strength=strength)


def _listed(one: jar.Listed, signature_file: str, manifest: str) -> ListedDigest:
    return ListedDigest(
        span=Span(manifest, one.line, one.line),
        manifest=signature_file,
        algorithm=one.algorithm,
        digest=one.digest,
        name=one.name,
        from_top=True,
    )


def _refused(path: str, why: str) -> Signature:
    return Signature(span=Span(path), scheme="jar", check="hostile", why=why)
