"""Answers which entry a host path means, and which directories belong to the package alone.

Built for hundreds of thousands of entries: one sorted array of 12 bytes an entry, made when the first question comes.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from pkgscan.graph import InstallPath
from pkgscan.link.install import Installation, host_path, is_rooted, member_at
from pkgscan.link.shared import canonical, is_shared, own_root
from pkgscan.model import Entry
from pkgscan.reason.jobs import SEARCH_PATH
from pkgscan.reason.layering import Layering

# Entries looked through for one reference: more of one name under one directory name are a generated tree, where a
# match by suffix would be chance.
CANDIDATES = 5000
SYMLINK_HOPS = 8  # Linux gives up after 40; packages link once or twice


class Places:
    """Where entries lie on the host, and the way back."""

    def __init__(
        self,
        entries: Sequence[Entry],
        by_path: Mapping[str, Entry],
        installation: Installation,
        layering: Layering,
    ) -> None:
        self._entries = entries
        self._by_path = by_path
        self._installation = installation
        self._layering = layering
        self._resolved: dict[tuple[str, str], tuple[str, ...]] = {}

    def install_paths(self, entry: Entry) -> tuple[InstallPath, ...]:
        """Where an entry would lie on the host, surest first."""
        return self._installation.paths(entry)

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""
        root = own_root(canonical(path).rpartition("/")[0] or "/")
        return bool(root) and root in self.own_roots

    def resolve(self, path: str, origin: str) -> str | None:
        """The one entry that a host path or bare command means, seen from `origin`, by its path; else None."""
        return _single(self.candidates(path, origin), origin)

    def candidates(self, path: str, origin: str) -> tuple[str, ...]:
        """Every entry path that a host path or bare command may mean, sorted."""
        key = (path, origin)
        if key not in self._resolved:
            self._resolved[key] = tuple(self._candidates(path, origin))
        return self._resolved[key]

    def _may_meet(self, entry_path: str, origin: str) -> bool:
        """Whether an entry is there at all where another looks for it: on the host, or in its own container."""
        return self._layering.removal(entry_path) is None and self._layering.shares(entry_path, origin)

    def which(self, name: str, folders: Sequence[str], origin: str = "") -> str:
        """The first of `folders` where a file of a bare name lies, with the name; empty if none does.

        Only a file that would lie just there counts: that another of its name is meant would be a guess.
        """
        if not self._has(name):  # nearly all are the host's own, and a PATH may have hundreds of folders
            return ""
        tried = (f"{folder.rstrip('/')}/{name}" for folder in folders if "\0" not in folder + name)
        return next((found for path in tried if (found := self._file_at(path, origin))), "")

    def _has(self, name: str) -> bool:
        """Whether anything in the package has this name, or may lie on the host under it."""
        at = bisect_left(self._names, wanted := hash(name))
        return at < len(self._names) and self._names[at] == wanted

    @cached_property
    def _names(self) -> array[int]:
        placed = (placement.target for found in self._installation.placements.values() for placement in found)
        paths = chain((entry.path for entry in self._entries), placed)
        return array("q", sorted({hash(path.rstrip("/").rpartition("/")[2]) for path in paths}))

    def _file_at(self, path: str, origin: str) -> str:
        """The path of a file as the package has it: `/bin/x` may be found at /usr/bin/x."""
        wanted = canonical(path)
        files = [
            self._by_path[found] for found in self._exact(wanted, origin) if self._by_path[found].type != "directory"
        ]
        places = (place.path for entry in files for place in self._installation.paths(entry))
        return next((place for place in places if canonical(place) == wanted), path if files else "")

    def _candidates(self, path: str, origin: str) -> list[str]:
        if not path or "\0" in path:
            return []
        if "/" not in path:
            tried = (self._exact(f"{folder}/{path}", origin) for folder in SEARCH_PATH)
            return next((found for found in tried if found), [])
        if path.startswith("/"):
            return self._absolute(canonical(path), origin)
        beside = self.beside(path, origin)
        if beside is not None and beside in self._by_path and self._may_meet(beside, origin):
            return [beside]
        return self._by_suffix("/" + os.path.normpath(path), origin)

    def beside(self, path: str, origin: str) -> str | None:
        """The entry path a relative path would have, seen from the directory of `origin`; it may not exist."""
        entry = self._by_path.get(origin)
        if entry is None or not entry.archive or path.startswith("/"):
            return None
        return member_at(entry.archive, os.path.normpath(os.path.join(os.path.dirname(entry.member), path)))

    def _absolute(self, path: str, origin: str) -> list[str]:
        for _ in range(SYMLINK_HOPS):
            found = self._exact(path, origin)
            if found:
                return found
            behind = self._behind_link(path)
            if behind is None:
                break
            path = behind
        if is_shared(path.rpartition("/")[0] or "/"):
            return []  # `/usr/bin/x` is the host's own, whatever `tool/bin/x` the package holds
        return self._by_suffix(path, origin)

    def _behind_link(self, path: str) -> str | None:
        at = path.rfind("/")
        while at > 0:
            target = self.links.get(path[:at])
            if target is not None:
                return canonical(os.path.join(os.path.dirname(path[:at]), target) + path[at:])
            at = path.rfind("/", 0, at)
        return None

    def _exact(self, path: str, origin: str) -> list[str]:
        found = {entry.path for entry in self._named_like(path, origin) if self._lies_at(entry, path)}
        found.update(one for one in self._placed_at(path) if self._may_meet(one, origin))
        return sorted(found)

    def _lies_at(self, entry: Entry, path: str) -> bool:
        return any(canonical(place.path) == path for place in self._installation.paths(entry))

    def _placed_at(self, path: str) -> Iterator[str]:
        for source, placements in self._installation.placements.items():
            for placement in placements:
                target = canonical(placement.target)
                if path == target or path.startswith(f"{target}/"):
                    found = source + path[len(target) :]
                    if found in self._by_path:
                        yield found

    def _by_suffix(self, path: str, origin: str) -> list[str]:
        """The entries without a sure place that share the most last components with a path, at least two."""
        best = 2
        found: set[str] = set()
        wanted = path.lstrip("/").split("/")[::-1]
        for entry in self._named_like(path, origin):
            if self._installation.holding(entry.archive) != "loose" or not entry.archive or is_rooted(entry.member):
                continue
            depth = _common(entry.member.split("/")[::-1], wanted)
            if depth > best:
                best, found = depth, set()
            if depth == best:
                found.add(entry.path)
        return sorted(found)

    def _named_like(self, path: str, origin: str) -> Iterator[Entry]:
        """The entries whose last two components are those of a path, of those that `origin` may meet."""
        keys, order = self._index
        key = _key(path.lstrip("/"))
        at = bisect_left(order, key, key=keys.__getitem__)
        for number in order[at : at + CANDIDATES]:
            if keys[number] != key:
                return
            if self._may_meet(self._entries[number].path, origin):
                yield self._entries[number]

    @cached_property
    def _index(self) -> tuple[array[int], array[int]]:
        keys = array("q", (_key(entry.member) for entry in self._entries))
        return keys, array("I", sorted(range(len(keys)), key=keys.__getitem__))

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The target of every symbolic link in the package, by canonical host path."""
        return {
            canonical(place.path): entry.link_target
            for entry in self._entries
            if entry.type == "symlink" and entry.link_target and self._layering.removal(entry.path) is None
            for place in self._installation.paths(entry)
        }

    @cached_property
    def own_roots(self) -> frozenset[str]:
        """The topmost directories on the host that hold installed entries and that no distribution shares."""
        found: set[str] = set()
        last = ""
        for entry in self._entries:
            folder = entry.path if entry.type == "directory" else entry.path.rpartition("/")[0]
            if folder != last:
                last = folder
                if not self._layering.images_of(entry.path):  # what a container has, the host has not
                    found.update(own_root(place) for place in self._folders(entry))
        for placements in self._installation.placements.values():
            found.update(own_root(canonical(placement.target).rpartition("/")[0] or "/") for placement in placements)
        return frozenset(found - {""})

    def _folders(self, entry: Entry) -> Iterator[str]:
        member = entry.member if entry.type == "directory" else entry.member.rpartition("/")[0]
        holding = self._installation.holding(entry.archive)
        if holding == "installed":
            yield canonical(host_path(member))
        elif holding == "loose" and entry.archive:
            for at in self._installation.roots(entry.archive, f"{member}/"):
                yield canonical(host_path(member[at:]))


def _key(path: str) -> int:
    """A number for the last two components, the same for `bin/x` and `/opt/app/bin/x`, within one process."""
    cut = path.rfind("/", 0, max(0, path.rfind("/")))
    return hash(path[cut + 1 :])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first items two paths share."""
    depth = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        depth += 1
    return depth


def _single(found: Sequence[str], origin: str) -> str | None:
    """The one entry meant: the only one, else the only one that lies nearest to `origin`."""
    if len(found) < 2:  # noqa: PLR2004  # none or one needs no choice
        return found[0] if found else None
    near = [(_common(path.split("/"), origin.split("/")), path) for path in found]
    best = max(near)[0]
    nearest = [path for depth, path in near if depth == best]
    return nearest[0] if len(nearest) == 1 else None
