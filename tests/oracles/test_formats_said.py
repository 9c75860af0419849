"""What cannot be read, or only in part, is said by name: file systems, and the parts of split archives."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from comparison import Make, do, leaf, links, views, whole

from command import Pkgscan

REASONS = {"multi-volume", "truncated"}  # the latter: the first volume of a tar is a tar that breaks off


def split_zip(tree: Path, target: Path) -> None:
    do("zip", "-qyr", "-s", "64k", target.with_suffix(".zip"), ".", cwd=tree)


def split_tar(tree: Path, target: Path) -> None:
    names = [target.with_name(f"app-{number}.tar") for number in range(20)]
    volumes = [word for name in names for word in ("-f", name)]
    do("tar", "--create", "--multi-volume", "--tape-length=64K", *volumes, "-C", tree, ".")


PARTS: dict[str, Make] = {
    "7z": lambda tree, target: do("7z", "a", "-v64k", target, ".", cwd=tree),
    "zip": split_zip,
    "tar": split_tar,
}


def disk(size: int, *command: str, stdin: str = "") -> Make:
    """An image that a program makes of a file of that size; where it takes them, in the words of `stdin`."""

    def make(tree: Path, target: Path) -> None:
        del tree
        with target.open("wb") as file:
            file.truncate(size)
        subprocess.run([*command, target], input=stdin, text=True, check=True, capture_output=True)

    return make


MIB = 1 << 20
WHOLE: dict[str, tuple[Make, str]] = {
    "squashfs": (lambda tree, target: do("mksquashfs", tree, target, "-quiet", "-no-progress"), "squashfs"),
    "udf": (lambda tree, target: do("genisoimage", "-quiet", "-udf", "-o", target, tree), "UDF"),
    "ext2": (disk(MIB, "mke2fs", "-q", "-t", "ext2"), "ext"),
    "ext4": (disk(8 * MIB, "mke2fs", "-q", "-t", "ext4"), "ext"),
    "fat12": (disk(MIB, "mkfs.fat", "-F", "12"), "fat"),
    "fat16": (disk(20 * MIB, "mkfs.fat", "-F", "16"), "fat"),
    "fat32": (disk(40 * MIB, "mkfs.fat", "-F", "32"), "fat"),
    "mbr": (disk(2 * MIB, "sfdisk", "-q", stdin="label: dos\n,,L\n"), "partitioned disk"),
    "gpt": (disk(2 * MIB, "sfdisk", "-q", stdin="label: gpt\n,,L\n"), "GUID partition table"),
    "wim": (lambda tree, target: do("7z", "a", "-twim", target, ".", cwd=tree), "wim"),
}


@pytest.mark.parametrize("kind", PARTS)
def test_parts_are_said(pkgscan: Pkgscan, tree: Path, tmp_path: Path, kind: str) -> None:
    """Every part of an archive is said to be one, and no file that goes on in another part is taken for seen."""
    folder = tmp_path / "folder"
    folder.mkdir()
    PARTS[kind](tree, folder / f"app.{kind}")
    found = views(pkgscan, folder, tmp_path / "facts")
    # The first part of a zip has no directory, which alone tells a link from a file that holds its target.
    known = whole(tree) + Counter(leaf(name, target.encode()) for name, target in links(tree).items())
    parts = {path.name for path in folder.iterdir()}
    assert len(parts) > 1
    for name in parts:
        reasons = {reason for reason, _ in found[name].gaps}
        assert reasons
        assert reasons <= REASONS
        assert {row for row in found[name].leaves if row[0] != name} <= set(known)


@pytest.mark.parametrize("kind", WHOLE)
def test_formats_that_are_not_read(pkgscan: Pkgscan, tree: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    make, word = WHOLE[kind]
    make(tree, folder / f"app.{kind}")
    view = views(pkgscan, folder, tmp_path / "facts")[f"app.{kind}"]
    assert [reason for reason, _ in view.gaps] == ["unsupported-format"]
    assert word in view.gaps[0][1]
