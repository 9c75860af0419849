"""What layers take away, case by case, by the OCI image specification's layer.md."""

from __future__ import annotations

import pytest

from pkgscan.model import Entry, EntryType
from pkgscan.reason.overlay import Layer, Removals, removals


def entry(name: str, layer: int) -> Entry:
    """`a/b` a file, `a/` a directory, `a -> b` a symbolic link, `a = b` a hard link."""
    path, _, target = name.partition(" -> ")
    kind: EntryType = "symlink" if target else "directory" if name.endswith("/") else "file"
    if " = " in name:
        path, _, target = name.partition(" = ")
        kind = "hardlink"
    return Entry(path=f"{layer}!/{path.rstrip('/')}", archive=str(layer), type=kind, link_target=target)


def laid(*layers: str) -> Removals:
    return removals([Layer([entry(name, at) for name in layer.split(", ") if name]) for at, layer in enumerate(layers)])


@pytest.mark.parametrize(
    ("layers", "gone"),
    [
        (("a, b", ".wh.a"), {"0!/a": ("1!/.wh.a", "deleted")}),
        (("a/, a/b, a/c/d", ".wh.a"), dict.fromkeys(("0!/a", "0!/a/b", "0!/a/c/d"), ("1!/.wh.a", "deleted"))),
        (("d/a, d/b", "d/.wh.a"), {"0!/d/a": ("1!/d/.wh.a", "deleted")}),
        (("a", "a"), {"0!/a": ("1!/a", "replaced")}),
        (("a/, a/b", "a/, a/c"), {}),
        (("a/, a/b", "a"), dict.fromkeys(("0!/a", "0!/a/b"), ("1!/a", "replaced"))),
        (("a", "a/, a/b"), {"0!/a": ("1!/a", "replaced")}),
        (("a/, a/b", "a -> c"), dict.fromkeys(("0!/a", "0!/a/b"), ("1!/a", "replaced"))),
        (
            ("a/, a/b", "a", "a/"),
            {"0!/a": ("1!/a", "replaced"), "0!/a/b": ("1!/a", "replaced"), "1!/a": ("2!/a", "replaced")},
        ),
        # a mark touches the layers below alone, wherever it stands in its own
        (("a", "a, .wh.a"), {"0!/a": ("1!/a", "replaced")}),
        (("d/a", "d/.wh..wh..opq, d/b"), {"0!/d/a": ("1!/d/.wh..wh..opq", "deleted")}),
        (("d/, d/e/a", "d/b, d/.wh..wh..opq"), {"0!/d/e/a": ("1!/d/.wh..wh..opq", "deleted")}),
        (("a, d/b", ".wh..wh..opq, c"), dict.fromkeys(("0!/a", "0!/d/b"), ("1!/.wh..wh..opq", "deleted"))),
        # deleted, and back again
        (("a", ".wh.a", "a"), {"0!/a": ("2!/a", "replaced")}),
        (("a", "", ".wh.a"), {"0!/a": ("2!/.wh.a", "deleted")}),
        (("a/b", ".wh.a", "a/c"), {"0!/a/b": ("1!/.wh.a", "deleted")}),
        # what says nothing
        (("a", ".wh."), {}),
        (("a", ".wh.."), {}),
        (("d/a", "d/.wh..., .wh..wh.plnk"), {}),
        (("a", "b/.wh.a"), {}),
        (("ab", ".wh.a"), {}),
        # as an archive may spell names
        (("/a", ".wh.a"), {"0!//a": ("1!/.wh.a", "deleted")}),
        (("a", "/.wh.a"), {"0!/a": ("1!//.wh.a", "deleted")}),
        # a second name holds on to the content
        (("a, b = a", ".wh.a"), {}),
        (("a, b = a, c = b", ".wh.a, .wh.b"), {}),
        (("a, b = a", ".wh.a, .wh.b"), {"0!/a": ("1!/.wh.a", "deleted"), "0!/b": ("1!/.wh.b", "deleted")}),
        (("a = a, b = c, c = b", ""), {}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_gone(layers: tuple[str, ...], gone: dict[str, tuple[str, str]]) -> None:
    found = laid(*layers)
    assert {path: (removal.by, removal.how) for path, removal in found.gone.items()} == gone
    assert not found.kept & found.gone.keys()
    assert not found.marks & (found.kept | found.gone.keys())


def test_marks_are_no_files() -> None:
    found = laid("a, .wh.b, .wh.c/d, e/.wh..wh..opq")
    assert found.kept == {"0!/a"}
    assert len(found.marks) == 3


def test_a_layer_that_is_there_twice_is_back() -> None:
    lower = Layer([entry("a", 0)])
    found = removals([lower, Layer([entry(".wh.a", 1)]), lower])
    assert (found.kept, dict(found.gone)) == ({"0!/a"}, {})
