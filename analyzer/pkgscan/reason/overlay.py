"""What is left of each layer of an image once all of them lie on each other.

OCI image specification 1.1, layer.md: `.wh.NAME` deletes NAME of the layers below, `.wh..wh..opq` all that they have in
its directory; neither touches its own layer. What a layer holds replaces what those below have at its path, but two
directories become one. A path through a symbolic link of another layer is taken as written: what is only reached that
way counts as still there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    def add(self, layer: Iterable[tuple[str, Entry]]) -> None:
        """One more layer: it lies above those that come."""
        self._last = "/", None
        for path, entry in layer:
            folder, _, name = path.rpartition("/")
            if name == OPAQUE:
                self.opaque.setdefault(folder, Removal(entry.path, "deleted"))
            elif name.startswith(MARK):
                self._delete(folder, name, entry)
            else:
                is_folder = entry.type == "directory"
                self.places.setdefault(path, (entry.path, is_folder))
                if not is_folder:
                    self.walls.setdefault(path, Removal(entry.path, "replaced"))

    def _delete(self, folder: str, name: str, entry: Entry) -> None:
        deleted = name[len(MARK) :]
        if deleted not in {"", ".", ".."} and not name.startswith(_META):
            self.walls.setdefault(f"{folder}/{deleted}" if folder else deleted, Removal(entry.path, "deleted"))


def removals(layers: Sequence[Sequence[Entry]]) -> Removals:
    """What is gone and what is left of the members of an image's layers, which come from the lowest up.

    A layer may be there twice; what is left of it at one of its places is left.
    """
    above = _Above()
    gone: dict[str, Removal] = {}
    kept: set[str] = set()
    marks: set[str] = set()
    for layer in reversed(layers):
        found = [(in_image(entry.member), entry) for entry in layer]
        left: set[str] = set()
        for path, entry in found:
            if is_mark(path):
                marks.add(entry.path)
                continue
            removal = above.removal(path, is_folder=entry.type == "directory")
            if removal is None:
                left.add(entry.path)
            else:
                gone.setdefault(entry.path, removal)
        kept |= left
        kept.update(_linked(layer, left))
        above.add(found)
    left_over = {path: removal for path, removal in gone.items() if path not in kept}
    return Removals(left_over, frozenset(kept), frozenset(marks))


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


def _linked(layer: Sequence[Entry], left: set[str]) -> Iterator[str]:
    """What hard links that are left hold on to: their content stands in the package at its first name."""
    links = [entry for entry in layer if entry.type == "hardlink" and entry.path in left]
    if not links:
        return
    names = {in_image(entry.member): entry for entry in layer}
    for link in links:
        target = names.get(in_image(link.link_target))
        seen = {link.path}
        while target is not None and target.path not in seen:
            yield target.path
            seen.add(target.path)
            target = names.get(in_image(target.link_target)) if target.type == "hardlink" else None
