"""Where entries would lie on the host: by their package format, by copy commands, or by the shape of their tree."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from pkgscan.graph import InstallPath
from pkgscan.link.shared import canonical
from pkgscan.model import MEMBER, Entry

Holding = Literal["installed", "metadata", "loose"]

# Directories at the top of a Unix host. Those of the first line name nothing else in practice; those of the second
# are common names inside any program's tree, too.
STRONG_TOPS = frozenset(("etc", "opt", "usr", "var", "srv"))
WEAK_TOPS = frozenset(("lib", "home", "bin", "sbin", "root", "run"))
DESTINATIONS = 8  # one entry is copied to a few places; more would be a hostile script


class Placement(msgspec.Struct, frozen=True):
    """A copy or unpack command of the package: what lies at or under `source` (an entry path) goes to `target`."""

    source: str
    target: str
    why: str


class Installation:
    """The install paths of all entries, worked out on demand: nothing is kept for an entry nobody asks about."""

    def __init__(self, by_path: Mapping[str, Entry], placements: tuple[Placement, ...] = ()) -> None:
        self._by_path = by_path
        self._holdings: dict[str, Holding] = {}
        self.placements: dict[str, list[Placement]] = {}
        for placement in placements:
            known = self.placements.setdefault(placement.source, [])
            if len(known) < DESTINATIONS and placement not in known:
                known.append(placement)

    def paths(self, entry: Entry) -> tuple[InstallPath, ...]:
        """Where an entry would lie, surest first."""
        holding = self.holding(entry.archive)
        if holding == "installed":
            return (InstallPath(host_path(entry.member), "must", f"member of {_base(entry.archive)}"),)
        placed = tuple(self._placed(entry.path)) if self.placements else ()
        if holding == "metadata" or not entry.archive:
            return placed
        return (*placed, *(_may(entry.member, at) for at in self.roots(entry.archive, entry.member)))

    def roots(self, archive: str, member: str) -> Iterator[int]:
        """The offsets at which a member's path may become a host path.

        A weak name counts at the top of its archive, or beside a strong one; `node_modules/x/lib` is not /lib.
        """
        for at in roots(member):
            if at == 0 or is_strong(member, at) or (archive, member[:at]) in self._tops:
                yield at

    @cached_property
    def _tops(self) -> frozenset[tuple[str, str]]:
        """The (archive, directory) pairs that hold a strong top directory."""
        found: set[tuple[str, str]] = set()
        last = ""
        for entry in self._by_path.values():
            folder = entry.path.rpartition("/")[0]
            if folder != last:
                last = folder
                member = entry.member
                found.update((entry.archive, member[:at]) for at in roots(member) if is_strong(member, at))
        return frozenset(found)

    def _placed(self, path: str) -> Iterator[InstallPath]:
        below, at = "", path
        while at:
            for placement in self.placements.get(at, ()):
                yield InstallPath(canonical(placement.target + below), "must", placement.why)
            at, slash, _ = at.rpartition("/")
            below = path[len(at) :]
            if not slash:
                return

    def holding(self, archive: str) -> Holding:
        """What the members of an archive are to a package tool: what it installs, its own metadata, or neither."""
        known = self._holdings.get(archive)
        if known is None:
            known = self._holdings[archive] = self._find_holding(archive)
        return known

    def _find_holding(self, archive: str) -> Holding:
        entry = self._by_path.get(archive)
        if entry is None:
            return "loose"
        if entry.format in ("deb", "rpm"):
            return "installed" if entry.format == "rpm" else "metadata"
        outer = self._by_path.get(entry.archive)
        if outer is None:
            return "loose"
        if outer.format == "rpm" and entry.format == "cpio":
            return "installed"
        if outer.format == "deb":
            return "installed" if _base(archive).startswith("data.tar") else "metadata"
        inside = self.holding(entry.archive) if _is_shell_of(entry.member) else "loose"
        return "installed" if inside == "installed" else "loose"


def _is_shell_of(member: str) -> bool:
    """A data.tar.xz may walk as an xz that holds the one tar."""
    return member == "data.tar"


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def host_path(member: str) -> str:
    """An absolute, tidy path of a member of an installed archive."""
    return os.path.normpath("/" + member.lstrip("/"))


def roots(member: str) -> tuple[int, ...]:
    """The offsets at which a member's path may become a host path: its first strong top directory, its first weak one.

    A known name further down (`usr/lib`, `opt/x/etc`) belongs to the tree above it. `lib/tpl/etc/cron.d/x` has two.
    """
    first = -1
    at = 0
    while (slash := member.find("/", at)) >= 0:
        name = member[at:slash]
        if name in STRONG_TOPS:
            return (at,) if first < 0 else (at, first)
        if first < 0 and name in WEAK_TOPS:
            first = at
        at = slash + 1
    return () if first < 0 else (first,)


def is_strong(member: str, at: int) -> bool:
    """Whether the directory name at an offset means the top of a host and nothing else."""
    return member[at:].partition("/")[0] in STRONG_TOPS


def is_rooted(member: str) -> bool:
    """Whether a member's path holds such a name."""
    found = roots(member)
    return bool(found) and is_strong(member, found[0])


def _may(member: str, at: int) -> InstallPath:
    top = member[at:].partition("/")[0]
    place = member[: at - 1] if at else "the top of its archive"
    return InstallPath(host_path(member[at:]), "may", f"{place} holds {top}/")


def member_at(archive: str, member: str) -> str:
    """The entry path of a member."""
    return f"{archive}{MEMBER}{member}"
