"""What is left of each layer of an image once all of them lie on each other.

OCI image specification 1.1, layer.md: `.wh.NAME` deletes NAME of the layers below, `.wh..wh..opq` all that they have in
its directory; neither touches its own layer. What a layer holds replaces what those below have at its path, but two
directories become one. A path through a symbolic link of another layer is taken as written: what is only reached that
way counts as still there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from pkgscan.model import Entry

MARK = ".wh."
OPAQUE = ".wh..wh..opq"
_META = ".wh..wh."  # what aufs keeps for itself; of these only the opaque mark says anything

How = Literal["deleted", "replaced"]


class Removal(msgspec.Struct, frozen=True):
    """What takes an entry away: the entry at the path `by`."""

    by: str
    how: How


class Removals(msgspec.Struct, frozen=True):
    """The outcome for one image, by entry path: what is gone, what is left, and the marks, which are no files."""

    gone: Mapping[str, Removal]
    kept: frozenset[str]
    marks: frozenset[str] = frozenset()


class Layer:
    """The members of a layer, made ready once: many images may share it."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        placed = [(in_image(entry.member), entry) for entry in entries]
        members = [(path, entry) for path, entry in placed if not is_mark(path)]
        self.size = len(entries)
        self.members = [(path, entry.path, entry.type == "directory") for path, entry in members]
        self.marks = [(path, entry.path) for path, entry in placed if is_mark(path)]
        self.links = [entry for _, entry in members if entry.type == "hardlink"]
        self._names = dict(members) if self.links else {}

    def linked(self, left: set[str]) -> Iterator[str]:
        """What hard links that are left hold on to: their content stands in the package at its first name."""
        for link in self.links:
            target = self._names.get(in_image(link.link_target)) if link.path in left else None
            seen = {link.path}
            while target is not None and target.path not in seen:
                yield target.path
                seen.add(target.path)
                target = self._names.get(in_image(target.link_target)) if target.type == "hardlink" else None


class _Above:
    """What the layers above say of the one at hand, by path in the image."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, bool]] = {}  # what stands there, and whether it is a directory
        self.walls: dict[str, Removal] = {}  # takes away the path, and all below it
        self.opaque: dict[str, Removal] = {}  # takes away all below the path
        self._last: tuple[str, Removal | None] = ("/", None)  # members come folder by folder; this is none

    def removal(self, path: str, *, is_folder: bool) -> Removal | None:
        """What takes an entry of the layer at hand away."""
        place = self.places.get(path)
        if place is not None and not (place[1] and is_folder):
            return Removal(place[0], "replaced")
        if path in self.walls:
            return self.walls[path]
        folder = path.rpartition("/")[0]
        if folder != self._last[0]:
            found = (self.walls.get(above) or self.opaque.get(above) for above in _from(folder))
            self._last = folder, next((removal for removal in found if removal is not None), None)
        return self._last[1] if path else None

    def add(self, layer: Layer) -> None:
        """One more layer: it lies above those that come."""
        self._last = "/", None
        for path, entry, is_folder in layer.members:
            if path not in self.places:
                self.places[path] = entry, is_folder
            if not is_folder and path not in self.walls:
                self.walls[path] = Removal(entry, "replaced")
        for path, entry in layer.marks:
            folder, _, name = path.rpartition("/")
            deleted = name[len(MARK) :]
            if name == OPAQUE:
                self.opaque.setdefault(folder, Removal(entry, "deleted"))
            elif name.startswith(MARK) and deleted not in {"", ".", ".."} and not name.startswith(_META):
                self.walls.setdefault(f"{folder}/{deleted}" if folder else deleted, Removal(entry, "deleted"))


def removals(layers: Sequence[Layer]) -> Removals:
    """What is gone and what is left of the members of an image's layers, which come from the lowest up.

    Of a layer that is there twice the upper place counts: what is gone there is gone at the lower, too.
    """
    above = _Above()
    gone: dict[str, Removal] = {}
    kept: set[str] = set()
    for layer in dict.fromkeys(reversed(layers)):
        left: set[str] = set()
        for path, entry, is_folder in layer.members:
            removal = above.removal(path, is_folder=is_folder)
            if removal is None:
                left.add(entry)
            else:
                gone.setdefault(entry, removal)
        kept |= left
        kept.update(layer.linked(left))
        above.add(layer)
    left_over = {path: removal for path, removal in gone.items() if path not in kept}
    marks = frozenset(entry for layer in layers for _, entry in layer.marks)
    return Removals(left_over, frozenset(kept), marks)


def in_image(member: str) -> str:
    """The path in the image of a member of a layer, as if it were unpacked in a root of its own."""
    return os.path.normpath(f"/{member}").lstrip("/") if member[:1] in {"/", "."} else member


def is_mark(path: str) -> bool:
    """Whether a member of a layer only says what is gone, or lies below one that does."""
    return path.startswith(MARK) or f"/{MARK}" in path


def _from(folder: str) -> Iterator[str]:
    """A directory and those above it, the root, which is empty, last."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
