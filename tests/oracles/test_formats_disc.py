"""Disc images as genisoimage and xorriso write them, against xorriso, 7-Zip and bsdtar."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from comparison import Make, View, bsdtar, do, leaf, links, unpacked, views, whole

from command import Pkgscan

DEEP = "deep"  # the folder that is deeper, and the name that is longer, than the standard allows without Rock Ridge
JOLIET = "<Joliet tree>/hidden"  # where the second tree of an image is shown


def genisoimage(*options: str) -> Make:
    return lambda tree, target: do("genisoimage", "-quiet", *options, "-o", target, tree)


# Rock Ridge keeps names, depth and links as they are; xorriso is what reads it.
ROCK_RIDGE: dict[str, Make] = {
    "rock-ridge": genisoimage("-R"),  # with its deep folders moved elsewhere, and shown in their place
    "rock-ridge-deep": genisoimage("-R", "-D"),
    "rock-ridge-first": genisoimage("-R", "-J", "-joliet-long", "-D"),
    "xorriso": lambda tree, target: do("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", target, tree),
    "zisofs": lambda tree, target: do(
        "xorriso", "-outdev", target, "-zisofs", "level=9", "-map", tree, "/", "-set_filter_r", "--zisofs", "/", "--"
    ),
}
# Without it names are bent, and 7-Zip is what reads them.
BENT: dict[str, Make] = {
    "plain": genisoimage(),
    "long-names": genisoimage("-l", "-allow-lowercase", "-allow-multidot", "-D"),
    "level-4": genisoimage("-iso-level", "4"),
    "joliet": genisoimage("-J", "-joliet-long", "-D"),
}


@pytest.fixture(scope="module")
def folder(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("discs")
    for name, make in (ROCK_RIDGE | BENT).items():
        make(tree, folder / f"{name}.iso")
    return folder


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, folder, tmp_path_factory.mktemp("facts") / "facts")


def xorriso(archive: Path, target: Path) -> None:
    do("xorriso", "-osirrox", "on", "-indev", archive, "-extract", "/", target)
    do("chmod", "-R", "u+rwX", target)


def sevenzip(archive: Path, target: Path) -> None:
    do("7z", "x", archive, cwd=target)


def contents(leaves: Counter[tuple[str, int, str]]) -> Counter[str]:
    """What remains of leaves where names are bent."""
    return Counter(digest for _, _, digest in leaves.elements())


@pytest.mark.parametrize("name", ROCK_RIDGE)
def test_rock_ridge(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    archive = folder / f"{name}.iso"
    assert found[archive.name] == View(leaves=whole(tree), links=links(tree))
    assert unpacked(xorriso, archive, tmp_path / "xorriso") == whole(tree)
    assert bsdtar(archive, tmp_path / "bsdtar") == whole(tree)


@pytest.mark.parametrize("name", BENT)
def test_bent_names(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    """Links have no place in these; deep folders have, where their maker is told to put them there all the same."""
    archive = folder / f"{name}.iso"
    assert not found[archive.name].gaps
    leaves = found[archive.name].leaves
    assert leaves == unpacked(sevenzip, archive, tmp_path / "7z") == bsdtar(archive, tmp_path / "bsdtar")
    deep = any(DEEP in path for path, *_ in leaves)
    assert contents(leaves) == contents(whole(tree, without="" if deep else DEEP))
    assert deep == (name in {"long-names", "joliet", "level-4"})


@pytest.mark.parametrize("other", ["-J", "-udf"])
def test_a_file_in_one_tree_only(pkgscan: Pkgscan, tmp_path: Path, other: str) -> None:
    """Linux shows the tree of Rock Ridge, Windows and 7-Zip another; what is in that one alone is not passed over."""
    tree, folder = tmp_path / "tree", tmp_path / "folder"
    tree.mkdir()
    folder.mkdir()
    (tree / "shown").write_text("shown\n")
    (tree / "hidden").write_text("hidden\n")
    genisoimage("-R", other, "-hide", "hidden")(tree, folder / "two.iso")
    assert b"hidden" in do("7z", "l", "-ba", folder / "two.iso")
    assert b"hidden" not in do("bsdtar", "-tf", folder / "two.iso")
    view = views(pkgscan, folder, tmp_path / "facts")["two.iso"]
    if other == "-J":
        assert (view.leaves, view.gaps) == (Counter([leaf("shown", b"shown\n"), leaf(JOLIET, b"hidden\n")]), [])
    else:  # a second file system on the same image, which no reader here knows
        assert [reason for reason, _ in view.gaps] == ["unsupported-format"]


def test_two_trees_with_other_files_of_one_size(pkgscan: Pkgscan, tmp_path: Path) -> None:
    tree, image = tmp_path / "tree", tmp_path / "two.iso"
    tree.mkdir()
    (tree / "shown").write_text("good\n")
    (tree / "hidden").write_text("evil\n")
    genisoimage("-R", "-J", "-hide", "hidden", "-hide-joliet", "shown")(tree, image)
    assert do("7z", "x", "-so", image) == b"evil\n"
    listed = pkgscan("tree", image).stdout.decode()
    assert "two.iso!/shown" in listed
    assert f"two.iso!/{JOLIET}" in listed


def test_names_in_another_locale(pkgscan_shared: Pkgscan, folder: Path, found: dict[str, View], tmp_path: Path) -> None:
    """Names are stored in UTF-16, and whoever scans need not have a locale that can spell them."""
    assert views(partial(pkgscan_shared, env={"LC_ALL": "C"}), folder, tmp_path / "facts") == found


def test_in_another_archive(pkgscan_shared: Pkgscan, folder: Path, found: dict[str, View], tmp_path: Path) -> None:
    """What cannot be sought in place is spooled, and reads the same."""
    outer = tmp_path / "outer"
    outer.mkdir()
    do("tar", "-C", folder, "-czf", outer / "all.tar.gz", *found.keys() & {f"{name}.iso" for name in ROCK_RIDGE | BENT})
    inner = views(pkgscan_shared, outer, tmp_path / "facts")["all.tar.gz"]
    assert inner.leaves == sum((view.leaves for view in found.values()), Counter())
