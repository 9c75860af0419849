"""Holds what a cpio says of the names of one file against each other: unpackers differ where it does not fit.

A header says how many names its file has, and the file's number. What GNU cpio and bsdtar make of these is tried in
tests/oracles/test_cpio_links.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from msgspec.structs import replace

from pkgscan.archive.member import Member
from pkgscan.facts.archive import DisagreementKind

MOST = 100  # differences told of one archive
_MOST_SHOWN = 200  # bytes of a name in a text

_Number = tuple[int, int]  # of a device, and of a file on it


class LinkAudit:
    """Sees every member pass; `differences` are (kind, text), one of each file that unpackers differ on."""

    def __init__(self) -> None:
        self._names: dict[_Number, list[int]] = {}  # how many a file is said to have, and has had so far
        self._contents: dict[_Number, tuple[int, int]] = {}  # size and checksum, of files of several names
        self._told: set[_Number] = set()
        self.differences: list[tuple[DisagreementKind, str]] = []

    def seen(self, member: Member, number: _Number, names: int) -> Member:
        """The member, whose content is compared with that of other names of its file as it is read."""
        if member.type not in {"file", "hardlink"}:
            return member
        known = self._names.setdefault(number, [names, 0])
        known[1] += 1
        if known[0] != names:
            self._tell(member, number, f"is said to have {names} names here, and {known[0]} before")
        elif 1 < names < known[1]:
            self._tell(member, number, f"is said to have {names} names, and this is another one")
        if names == 1 or not member.size:
            return member
        if member.data is None:
            return replace(member, content=self._summed(member, number))
        self._compare(member, number, len(member.data), zlib.crc32(member.data))
        return member

    def _summed(self, member: Member, number: _Number) -> Iterator[bytes]:
        size = total = 0
        for block in member.content:
            size, total = size + len(block), zlib.crc32(block, total)
            yield block
        self._compare(member, number, size, total)

    def _compare(self, member: Member, number: _Number, size: int, total: int) -> None:
        """Each name may carry the content, as older forms have it; but the same one."""
        if self._contents.setdefault(number, (size, total)) != (size, total):
            self._tell(member, number, "has another content by another of its names")

    def _tell(self, member: Member, number: _Number, what: str) -> None:
        if number in self._told or len(self.differences) >= MOST:
            return
        self._told.add(number)
        name = member.name[:_MOST_SHOWN].decode("utf-8", "replace")
        text = f"{name} is a name of a file that {what}: which names have which content depends on the unpacker"
        self.differences.append(("link-differs", text))
