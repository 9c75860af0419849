"""7z archives as 7-Zip writes them: every codec and filter, read or said, and nothing between the two."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from comparison import View, bsdtar, complaint_of_bsdtar, do, links, unpacked, views, whole

from command import Pkgscan

METHODS = {
    "lzma": ("-m0=LZMA",),
    "lzma2": ("-m0=LZMA2",),
    "ppmd": ("-m0=PPMd",),
    "deflate": ("-m0=Deflate",),
    "copy": ("-m0=Copy",),
    "not-solid": ("-ms=off",),
    "plain-header": ("-mhc=off",),
    "bcj": ("-m0=BCJ", "-m1=LZMA2", "-mf=off"),
    "bcj2": ("-m0=BCJ2", "-m1=LZMA2", "-m2=LZMA:d18", "-m3=LZMA:d18", "-mb0:1", "-mb0s1:2", "-mb0s2:3", "-mf=off"),
    "arm": ("-m0=ARM", "-m1=LZMA2", "-mf=off"),
    "arm-thumb": ("-m0=ARMT", "-m1=LZMA2", "-mf=off"),
    "powerpc": ("-m0=PPC", "-m1=LZMA2", "-mf=off"),
    "sparc": ("-m0=SPARC", "-m1=LZMA2", "-mf=off"),
    "itanium": ("-m0=IA64", "-m1=LZMA2", "-mf=off"),
    "delta": ("-m0=Delta:4", "-m1=LZMA2", "-mf=off"),
}
# What libarchive cannot decode, in any version so far, and what a scan says of it. bzip2 is missing only from the
# library that comes with pkgscan; a system's own has it.
UNREAD = {
    "bzip2": (("-m0=BZip2",), "unsupported-method", "BZ2 codec is unsupported"),
    "deflate64": (("-m0=Deflate64",), "unsupported-method", "Unknown codec ID: 40109"),
    "arm64": (("-m0=ARM64", "-m1=LZMA2", "-mf=off"), "unsupported-method", "Unexpected codec ID: A"),
    "risc-v": (("-m0=RISCV", "-m1=LZMA2", "-mf=off"), "unsupported-method", "Unexpected codec ID: B"),
    "swap": (("-m0=Swap2", "-m1=LZMA2", "-mf=off"), "unsupported-method", "Unexpected codec ID: 20302"),
    "two-filters": (("-m0=Delta:4", "-m1=BCJ", "-m2=LZMA2", "-mf=off"), "unsupported-method", "many filters"),
    "encrypted": (("-psecret",), "encrypted", "content is encrypted"),
    "encrypted-header": (("-psecret", "-mhe"), "encrypted", "header is encrypted"),
}
# What the system's bsdtar says where it alone is wrong; 7-Zip and newer versions of libarchive agree with each other.
BSDTAR_FAILS = {"ppmd": "usr/sbin/logrotate: "}  # 3.6.2 ends the data of its PPMd decoder too early


@pytest.fixture(scope="module")
def folder(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree in an archive of each kind."""
    folder = tmp_path_factory.mktemp("sevenzip")
    for name, options in METHODS.items() | {name: options for name, (options, *_) in UNREAD.items()}.items():
        pack(tree, folder / f"{name}.7z", *options)
    return folder


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, folder, tmp_path_factory.mktemp("facts") / "facts")


def pack(tree: Path, target: Path, *options: str) -> None:
    do("7z", "a", "-snl", *options, target, ".", cwd=tree)


def unpack(archive: Path, target: Path) -> None:
    do("7z", "x", "-snl", "-snld", "-psecret", archive, cwd=target)


@pytest.mark.parametrize("name", METHODS)
def test_codecs_and_filters(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    archive = folder / f"{name}.7z"
    assert found[archive.name] == View(leaves=whole(tree), links=links(tree))
    assert unpacked(unpack, archive, tmp_path / "7z") == whole(tree)
    if complaint := complaint_of_bsdtar(archive):
        assert BSDTAR_FAILS[name] in complaint
    else:
        assert bsdtar(archive, tmp_path / "bsdtar") == whole(tree)


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_is_said(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    """No content of such an archive is taken for seen, but what is empty; and its maker reads all of it."""
    archive, (_, reason, detail) = folder / f"{name}.7z", UNREAD[name]
    view = found[archive.name]
    assert {said for said, _ in view.gaps} == {reason}
    assert any(detail in text for _, text in view.gaps)
    assert {size for _, size, _ in view.leaves} <= {0}
    assert unpacked(unpack, archive, tmp_path / "7z") == whole(tree)


def test_an_update_with_deletions(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    """An anti item tells 7-Zip to delete a file; libarchive refuses an archive with one, so nothing in it is seen."""
    base, changed, folder = tmp_path / "base.7z", tmp_path / "changed", tmp_path / "folder"
    pack(tree, base)
    shutil.copytree(tree, changed, symlinks=True)
    (changed / "block.bin").unlink()
    (changed / "new").write_text("new\n")
    folder.mkdir()
    # Of what only the base has, an anti item is made (q3); what is unchanged is left out.
    do("7z", "u", "-snl", base, "-u-", f"-up1q3r2x1y2z0w2!{folder / 'update.7z'}", ".", cwd=changed)
    assert "new" in do("7z", "l", "-ba", folder / "update.7z").decode()
    view = views(pkgscan, folder, tmp_path / "facts")["update.7z"]
    assert (view.leaves, [reason for reason, _ in view.gaps]) == (Counter(), ["damaged"])
    assert "Damaged 7-Zip archive" in complaint_of_bsdtar(folder / "update.7z")


def test_nothing_but_empty_files(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """Such an archive has no packed stream at all; one without any file is its signature header alone."""
    tree, folder = tmp_path / "tree", tmp_path / "folder"
    tree.mkdir()
    folder.mkdir()
    do("7z", "a", folder / "none.7z", "-i!*", cwd=tree)
    (tree / "empty").touch()
    (tree / "hollow").mkdir()
    pack(tree, folder / "empty.7z")
    found = views(pkgscan, folder, tmp_path / "facts")
    assert found["empty.7z"] == View(leaves=whole(tree))
    assert found.get("none.7z", View()) == View()


def test_names_in_another_locale(pkgscan_shared: Pkgscan, folder: Path, found: dict[str, View], tmp_path: Path) -> None:
    """Names are stored in UTF-16, and whoever scans need not have a locale that can spell them."""
    assert views(partial(pkgscan_shared, env={"LC_ALL": "C"}), folder, tmp_path / "facts") == found


def test_in_another_archive(pkgscan_shared: Pkgscan, folder: Path, found: dict[str, View], tmp_path: Path) -> None:
    """What cannot be sought in place is spooled, and reads the same."""
    outer = tmp_path / "outer"
    outer.mkdir()
    do("tar", "-C", folder, "-czf", outer / "all.tar.gz", *(f"{name}.7z" for name in METHODS))
    inner = views(pkgscan_shared, outer, tmp_path / "facts")["all.tar.gz"]
    assert inner.leaves == sum((found[f"{name}.7z"].leaves for name in METHODS), Counter())
