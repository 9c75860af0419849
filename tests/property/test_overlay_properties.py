"""That layers laid on each other leave what a plain model of a file system has after applying them one by one."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.model import Entry
from pkgscan.reason.overlay import MARK, OPAQUE, removals
from pkgscan.reason.overlay import Layer as Laid

Layer: TypeAlias = "list[tuple[str, bool]]"  # (name, whether it is a directory)
Tree: TypeAlias = "dict[str, Tree | str]"  # a directory's children by name; a file is its entry's path

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FOLDERS = st.lists(NAMES, max_size=2).map("/".join)


@st.composite
def layers(draw: st.DrawFn) -> list[Layer]:
    return [draw(layer()) for _ in range(draw(st.integers(1, 4)))]


@st.composite
def layer(draw: st.DrawFn) -> Layer:
    """Marks and members in any order but that a directory comes before what is in it; nothing lies below a file."""
    found: dict[str, bool] = {}
    for path, is_folder in draw(st.lists(st.tuples(PATHS, st.booleans()), max_size=6)):
        above = [path[:at] for at, letter in enumerate(path) if letter == "/"]
        if path not in found and all(found.get(folder, True) for folder in above):
            found |= dict.fromkeys(above, True)
            found[path] = is_folder
    marks = [_beside(path, MARK + path.rpartition("/")[2]) for path in draw(st.lists(PATHS, max_size=3))]
    marks += [f"{folder}/{OPAQUE}".lstrip("/") for folder in draw(st.lists(FOLDERS, max_size=2))]
    return [(mark, False) for mark in dict.fromkeys(marks)] + sorted(found.items())


def _beside(path: str, name: str) -> str:
    folder = path.rpartition("/")[0]
    return f"{folder}/{name}" if folder else name


def folder_at(tree: Tree, path: str, *, make: bool = False) -> Tree | None:
    """The directory at a path; made on the way, in place of files, if asked for."""
    for name in filter(None, path.split("/")):
        below = tree.get(name)
        if not isinstance(below, dict):
            if not make:
                return None
            below = tree[name] = {}
        tree = below
    return tree


def apply(tree: Tree, members: Layer, number: int) -> None:
    """As a tool does that unpacks layer by layer: what is to be deleted first, then what is new."""
    for path, is_folder in members:
        folder, _, name = path.rpartition("/")
        inside = folder_at(tree, folder) if name.startswith(MARK) and not is_folder else None
        if inside is not None and name == OPAQUE:
            inside.clear()
        elif inside is not None:
            inside.pop(name.removeprefix(MARK), None)
    for path, is_folder in members:
        folder, _, name = path.rpartition("/")
        if is_folder:
            folder_at(tree, path, make=True)
        elif not name.startswith(MARK):
            inside = folder_at(tree, folder, make=True)
            assert inside is not None
            inside[name] = entry_path(path, number)


def files(tree: Tree) -> set[str]:
    return {
        path for below in tree.values() for path in (files(below) if isinstance(below, dict) else {below})
    }  # fmt: skip


def entry_path(path: str, number: int) -> str:
    return f"{number}!/{path}"


@settings(max_examples=500)  # three layers have to meet at one name
@given(layers())
def test_what_is_left_is_what_a_model_has(found: list[Layer]) -> None:
    tree: Tree = {}
    entries: list[list[Entry]] = []
    for number, members in enumerate(found):
        apply(tree, members, number)
        entries.append([
            Entry(path=entry_path(path, number), archive=str(number), type="directory" if is_folder else "file")
            for path, is_folder in members
        ])  # fmt: skip
    laid = removals([Laid(one) for one in entries])
    folders = {entry.path for one in entries for entry in one if entry.type == "directory"}
    assert laid.kept - folders == files(tree)
    everything = {entry.path for one in entries for entry in one}
    assert laid.kept | laid.gone.keys() | laid.marks == everything
    assert all(removal.by in everything for removal in laid.gone.values())
