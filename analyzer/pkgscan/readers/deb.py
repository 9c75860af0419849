"""Signatures in Debian packages, as debsigs makes them: members called _gpgorigin and so on, over the three others.

What is signed is the content of debian-binary, control and data, one behind the other. Lists of digests as dpkg-sig
writes them are recognised and not checked.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.crypto.packets import CLEAR, Malformed
from pkgscan.facts.signing import Signature
from pkgscan.model import MEMBER, Gap, Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants

WHOLE_BYTES = 256 << 20  # of a package, since what is signed has to be in memory, twice, of which a child has 1 GiB
MEMBERS = 64  # of one package; a signed one has five
RING = ("openpgp-key",)
CHECKING = "checking the signature of a Debian package"
NAMES = ("_gpgorigin", "_gpgmaint", "_gpgarchive", "_gpgbuilder")
PARTS = ("debian-binary", "control", "data")
_AR, _HEADER, _END = b"!<arch>\n", 60, b"`\n"


class DebReader(Reader):
    """Has the signatures of a Debian package checked once all keys are known."""

    kinds = (Kind(name="deb-signature", names=NAMES),)
    facts = (Signature,)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The wish to check it, with the package around."""
        if not source.entry.archive or source.entry.member not in NAMES:
            return
        if source.data.startswith(CLEAR):
            why = "signatures of the scheme dpkg-sig are recognised and not verified"
            yield Signature(span=Span(source.path), scheme="deb", check="not-checked", why=why)
            yield Gap(effect="partial", stage="read", reason="unverified-signature", detail=why, span=Span(source.path))
            return
        yield Wants((source.path, source.path.rpartition(MEMBER)[0]), CHECKING, ring=RING)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking each signature."""
        from pkgscan.crypto import packed_openpgp  # noqa: PLC0415  # only where there is a signature

        own, whole, *rest = sources
        said = Signature(span=Span(own.path), scheme="deb", check="hostile")
        if whole.entry.size > WHOLE_BYTES:
            why = f"the package has over {WHOLE_BYTES} bytes"
            yield msgspec.structs.replace(said, check="not-checked", why=why)
            return
        try:
            parts = _parts(whole.whole())
            covers = tuple(f"{whole.path}{MEMBER}{name}" for name, _ in parts)
            content = b"".join(part for _, part in parts)
            ring = packed_openpgp.ring((source.data, source.path) for source in rest)
            for packet in packed_openpgp.signatures(own.whole()):
                yield packed_openpgp.checked(msgspec.structs.replace(said, covers=covers), packet, content, ring)
        except Malformed as malformed:
            yield msgspec.structs.replace(said, why=str(malformed))


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    """The three signed members in their order. Raises Malformed, also where one is there twice or not at all."""
    found: dict[str, tuple[str, bytes]] = {}
    for name, content in _members(data):
        stem = name.partition(".")[0]
        if stem not in PARTS:
            continue
        if stem in found:
            raise Malformed(f"a Debian package with two members {stem}, of which one is signed")
        found[stem] = (name, content)
    if len(found) != len(PARTS):
        raise Malformed("a Debian package that lacks a part that is signed")
    return [found[part] for part in PARTS]


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The members of an ar archive, ar(5): a header of 60 bytes each, contents of even lengths."""
    if not data.startswith(_AR):
        raise Malformed("no Debian package")
    at = len(_AR)
    for _ in range(MEMBERS):
        if at >= len(data):
            return
        header = data[at : at + _HEADER]
        size = header[48:58].strip()
        if not header.endswith(_END) or not size.isdigit():
            raise Malformed("an ar archive that is not laid out as such")
        start = at + _HEADER
        stop = start + int(size)
        if stop > len(data):
            raise Malformed("an ar archive that is cut short")
        yield header[:16].rstrip().rstrip(b"/").decode("latin-1"), data[start:stop]
        at = stop + stop % 2
    raise Malformed(f"over {MEMBERS} members")
