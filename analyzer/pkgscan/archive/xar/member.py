"""Makes members of what the table of contents of a xar says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from pkgscan.archive.member import Damage, Member
from pkgscan.archive.names import name_text
from pkgscan.archive.xar.content import Extent, is_stored, unpack
from pkgscan.archive.xar.heap import Heap
from pkgscan.archive.xar.toc import PATH, UNNAMED, Record, Text, decoded
from pkgscan.facts.archive import Disagreement, DisagreementKind
from pkgscan.facts.signing import Signature
from pkgscan.model import EntryType, Fact, Span

Item: TypeAlias = "Member | Fact | Damage"

SIGNATURES = frozenset({"signature", "x-signature"})
SAID = 20  # oddities of one archive named one by one; the rest is counted
ORIGINALS = 32 << 20  # bytes of the names that hard links may lead to; real ones have a few

_PERMISSIONS = 0o7777
_OCTAL = re.compile(r"[0-7]{1,11}")
_ID = re.compile(r"-?[0-9]{1,10}")
_TYPES: dict[str, EntryType] = {
    "file": "file", "directory": "directory", "symlink": "symlink", "hardlink": "hardlink", "fifo": "fifo",
    "character special": "character-device", "block special": "block-device", "socket": "socket",
}  # fmt: skip


class Members:
    """Members of one archive, record by record. `checksum` is the record of the table's own one."""

    def __init__(self, heap: Heap, archive: str) -> None:
        self._heap = heap
        self._archive = archive
        self._originals: dict[str, bytes] = {}
        self._room = ORIGINALS
        self._odd = 0
        self.checksum: Record | None = None

    def items(self, record: Record) -> Iterator[Item]:
        """What one record gives."""
        if record.doubled:
            yield from self._say(record.path, f"<{record.doubled}> of <{record.kind}> is not unique, readers differ")
        if record.kind == "file":
            yield from self._file(record)
        elif record.kind == "data":
            yield from self._say(record.path, "has more than one <data>, of which readers take one or the other")
            yield self._content(Member(name=record.path or UNNAMED, has_mode=False), record)
        elif record.kind == "ea":
            yield self._content(Member(name=_attribute_name(record), has_mode=False), record)
        else:
            self._heap.claim(record)
            if record.kind in SIGNATURES:
                why = "signatures of the scheme xar (Apple installer) are recognised and not verified"
                yield Signature(span=Span(self._archive), scheme="other", check="not-checked", why=why)
            if record.kind == "checksum" and self.checksum is None:
                self.checksum = record

    def rest(self) -> Iterator[Item]:
        """What can be said only at the end."""
        if self._odd > SAID:
            yield Damage("damaged", f"{self._odd - SAID} more oddities in the table of contents")
        pairs = self._heap.overlaps()
        if (first := next(pairs, None)) is not None:
            one, other = map(name_text, first)
            more = sum(1 for _ in pairs)
            text = f"the bytes of {one} and {other} overlap" + (f", and {more} more do" if more else "")
            yield self._differ("overlap", text)

    def _file(self, record: Record) -> Iterator[Item]:
        if record.misplaced:
            yield from self._say(record.path, "stands before the name of its folder, which is so not known")
        if "name" not in record.texts:
            yield from self._say(record.path, "has no name in the table of contents")
        if len(record.path) >= PATH:
            yield Damage("limit-name", f"a name of over {PATH - 1} bytes")
        stated = record.text("type") or "file"
        kind = _TYPES.get(stated)
        if kind is None:
            yield from self._say(record.path, f"is of a type that is not known: {stated[:40]}")
        member = self._metadata(record, kind or "file")
        yield from self._place(record, member)
        if member.type == "file":
            yield self._content(member, record.data)
            return
        yield member
        if record.data is not None and (record.data.text("length") or record.data.text("size")) not in {"", "0"}:
            text = f"{name_text(record.path)} is a {stated[:40]} by its type and has data: some unpackers write a file"
            yield self._differ("type-differs", text)
            yield self._content(self._metadata(record, "file"), record.data)

    def _metadata(self, record: Record, kind: EntryType) -> Member:
        mode, uid, gid = record.text("mode"), record.text("uid"), record.text("gid")
        known = _OCTAL.fullmatch(mode) is not None
        return Member(
            name=record.path,
            type=kind,
            size=0,
            mode=int(mode, 8) & _PERMISSIONS if known else 0,
            has_mode=known,
            uid=int(uid) if _ID.fullmatch(uid) else 0,
            gid=int(gid) if _ID.fullmatch(gid) else 0,
            user=record.text("user"),
            group=record.text("group"),
        )

    def _place(self, record: Record, member: Member) -> Iterator[Item]:
        """Where a link leads; a hard link that others lead to is the file itself."""
        if member.type == "symlink":
            member.link_target = decoded(record.texts.get("link", Text("", {})))
            if not member.link_target:
                yield from self._say(record.path, "is a symbolic link to nowhere")
        elif member.type == "hardlink":
            to = record.attribute("type", "link")
            if to == "original":
                member.type = "file"
                self._keep(record)
                return
            member.link_target = self._originals.get(to, b"")
            if not member.link_target:
                yield from self._say(record.path, f"is a hard link to {to[:40]!r}, which no file before it is")

    def _keep(self, record: Record) -> None:
        number = record.attributes.get("id", "").lower()
        self._room -= len(number) + len(record.path)
        if self._room > 0:
            self._originals.setdefault(number, record.path)

    def _content(self, member: Member, data: Record | None) -> Member:
        """The member with its content."""
        if data is None:
            member.data = b""
            return member
        extent: Extent = self._heap.extent(data, member.name)
        member.size = extent.size
        member.content = unpack(extent)
        member.stored_at = (extent.at, extent.length) if is_stored(extent) else None
        return member

    def _say(self, path: bytes, text: str) -> Iterator[Damage]:
        """Something odd that readers may differ in."""
        self._odd += 1
        if self._odd <= SAID:
            yield Damage("damaged", f"{name_text(path)} {text}")

    def _differ(self, kind: DisagreementKind, text: str) -> Fact:
        return Disagreement(span=Span(self._archive), text=text, disagreement=kind)


def _attribute_name(record: Record) -> bytes:
    name = decoded(record.texts.get("name", Text("", {})))
    return (record.path + b"/<extended attribute " + name + b">")[:PATH]
