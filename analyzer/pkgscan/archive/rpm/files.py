"""What an rpm's header says of its files: rpm installs by it, whatever the payload says of the same files.

Source: the tags of the rpm file format, version 4; that the header rules was tried with rpm.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from pkgscan.archive.member import TYPE_BITS, UNIX_TYPES, Damage, Member
from pkgscan.archive.names import inner_path, member_path, name_text
from pkgscan.archive.rpm.header import Header
from pkgscan.facts.archive import Disagreement, DisagreementKind, FileCapabilities
from pkgscan.model import Fact, Span

_WHOLE_NAMES = 1027  # in the place of the three next ones, in packages of before rpm 4
_BASES, _FOLDERS, _FOLDER_NUMBERS = 1117, 1118, 1116
_MODES, _LINKS, _USERS, _GROUPS, _CAPABILITIES = 1030, 1036, 1039, 1040, 5010
_MOST_FILES = 1 << 18  # sources of a kernel are a third of that

_Value = TypeVar("_Value")


class HeaderFiles:
    """The files that a header names. `stated` passes the payload's members on as rpm installs them."""

    def __init__(self, header: Header) -> None:
        self.damage: Damage | None = None
        self._numbers: dict[bytes, int] = {}
        try:
            self._numbers = {name: number for number, name in enumerate(_names(header))}
            self._modes = header.numbers(_MODES, _MOST_FILES)
            self._links, self._users, self._groups, self._capabilities = (
                header.texts(tag, _MOST_FILES) for tag in (_LINKS, _USERS, _GROUPS, _CAPABILITIES)
            )
        except Damage as damage:
            self._numbers, self.damage = {}, damage
        self._differences: dict[DisagreementKind, tuple[str, str, str, int]] = {}

    def stated(self, found: Iterator[Member | Fact | Damage], path: str) -> Iterator[Member | Fact | Damage]:
        """Members with the mode and the owners of the header, and twice where it makes another kind of file of them.

        Where the payload says otherwise comes as facts about `path`, one of a kind, behind the members.
        """
        for item in found:
            yield item if not isinstance(item, Member) else self._owned(item)
            if isinstance(item, Member):
                yield from self._otherwise(item)
                yield from self._capable(item, path)
        for kind, (text, here, there, more) in self._differences.items():
            behind = f"; and so of {more} more" if more else ""
            yield Disagreement(
                span=Span(path), text=text + behind, disagreement=kind, one_reading=here, other_reading=there
            )

    def _owned(self, member: Member) -> Member:
        number = self._numbers.get(_key(member.name), -1)
        mode = _at(self._modes, number, -1) if number >= 0 else -1
        if mode < 0:
            return member
        stated, told = mode & ~TYPE_BITS, member.mode
        if stated != told and not stat.S_ISLNK(mode):  # nobody heeds the mode of a link
            self._differ("mode-differs", member, f"{stated:04o}", f"{told:04o}")
        member.mode, member.has_mode = stated, True
        member.user = _at(self._users, number, b"").decode("utf-8", "surrogateescape")
        member.group = _at(self._groups, number, b"").decode("utf-8", "surrogateescape")
        return member

    def _otherwise(self, member: Member) -> Iterator[Member]:
        """The member as the header has it, where that is another kind of file or a link to elsewhere."""
        number = self._numbers.get(_key(member.name), -1)
        mode = _at(self._modes, number, -1) if number >= 0 else -1
        kind = UNIX_TYPES.get(mode & TYPE_BITS, "file")
        if mode < 0 or (member.type == "hardlink" and kind == "file"):
            return
        link = _at(self._links, number, b"") if kind == "symlink" else b""
        if kind != member.type:
            self._differ("type-differs", member, kind, member.type)
        elif link != member.link_target and kind == "symlink":
            self._differ("link-differs", member, name_text(link), name_text(member.link_target))
        else:
            return
        yield msgspec.structs.replace(
            member, type=kind, link_target=link, size=0, content=iter(()), data=b"", stored_at=None
        )

    def _capable(self, member: Member, path: str) -> Iterator[Fact]:
        number = self._numbers.get(_key(member.name), -1)
        told = name_text(_at(self._capabilities, number, b"")) if number >= 0 else ""
        if told.strip("= "):
            place = Span(member_path(path, member.name))
            yield FileCapabilities(span=place, member=inner_path(member.name), capabilities=told)

    def _differ(self, kind: DisagreementKind, member: Member, stated: str, told: str) -> None:
        text = f"{name_text(member.name)}: the header says {stated}, as rpm installs it, the payload says {told}"
        first = self._differences.get(kind, (text, stated, told, -1))
        self._differences[kind] = (*first[:3], first[3] + 1)


def _names(header: Header) -> Iterator[bytes]:
    bases = header.texts(_BASES, _MOST_FILES)
    if not bases:
        yield from map(_key, header.texts(_WHOLE_NAMES, _MOST_FILES))
        return
    folders = header.texts(_FOLDERS, _MOST_FILES)
    for base, number in zip(bases, header.numbers(_FOLDER_NUMBERS, _MOST_FILES), strict=False):
        yield _key(_at(folders, number, b"") + base)


def _key(name: bytes) -> bytes:
    """A name as the header and the payload can be compared in it: `./etc/x` of one is `/etc/x` of the other."""
    return name.removeprefix(b".").removeprefix(b"/") if name.startswith((b"./", b"/")) else name


def _at(values: list[_Value], number: int, otherwise: _Value) -> _Value:
    return values[number] if number < len(values) else otherwise
