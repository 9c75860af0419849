"""Archives behind scripts and programs, as the makers of self-extracting files write them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from comparison import Make, do, unpacked, views, whole

from command import Pkgscan

MAKESELF = ["gzip", "bzip2", "xz", "zstd", "lz4", "compress", "nocomp"]
INSTALLER = """\
OutFile "{target}"
InstallDir C:\\billing
Section
SetOutPath $INSTDIR
File "{tree}/large.bin"
SectionEnd
"""


def makeself(kind: str) -> Make:
    return lambda tree, target: do(
        "makeself", "--quiet", "--tar-format", "gnu", f"--{kind}", tree, target, "billing", "true"
    )


def shell(tree: Path, target: Path) -> None:
    script = b'#!/bin/sh\nsed "1,/^exit/d" "$0" | tar -xJ\nexit 0\n'
    target.write_bytes(script + do("tar", "-cJ", "-C", tree, "."))


def program(tree: Path, target: Path) -> None:
    target.write_bytes(Path("/bin/true").read_bytes() + do("tar", "-cz", "-C", tree, "."))


def seven(tree: Path, target: Path) -> None:
    do("7z", "a", "-sfx7zCon.sfx", target, ".", cwd=tree)


def appimage(tree: Path, target: Path) -> None:
    """An AppImage of type 2: a program with a file system behind it."""
    image = target.with_suffix(".squashfs")
    do("mksquashfs", tree, image, "-quiet", "-no-progress")
    target.write_bytes(Path("/bin/true").read_bytes() + image.read_bytes())
    image.unlink()


def nsis(tree: Path, target: Path) -> None:
    do("makensis", "-V1", "-", input=INSTALLER.format(target=target, tree=tree).encode())


def shar(tree: Path, target: Path) -> None:
    target.write_bytes(do("shar", "-q", "-z", "large.bin", cwd=tree))


def look(pkgscan: Pkgscan, make: Make, tree: Path, folder: Path) -> tuple[Counter[tuple[str, int, str]], list[str]]:
    """The files that pkgscan saw behind the one that `make` makes, and what it says of what it did not see."""
    packages = folder / "packages"
    packages.mkdir(parents=True)
    make(tree, packages / "setup.bin")
    view = views(pkgscan, packages, folder / "facts")["setup.bin"]
    return Counter({row: n for row, n in view.leaves.items() if row[0] != "setup.bin"}), [text for _, text in view.gaps]


@pytest.mark.parametrize("kind", MAKESELF)
def test_makeself(pkgscan: Pkgscan, tree: Path, tmp_path: Path, kind: str) -> None:
    found, unseen = look(pkgscan, makeself(kind), tree, tmp_path)
    assert not unseen
    archive = tmp_path / "packages" / "setup.bin"
    if kind != "compress":  # its scripts unpack with a program that uncompress is not always installed as
        options = ("--quiet", "--noexec", "--nochown", "--target")
        assert found == unpacked(lambda run, target: do("sh", run, *options, target), archive, tmp_path / "unpacked")
    assert found == whole(tree)


@pytest.mark.parametrize("make", [shell, program, seven])
def test_other_self_extracting_files(pkgscan: Pkgscan, tree: Path, tmp_path: Path, make: Make) -> None:
    assert look(pkgscan, make, tree, tmp_path) == (whole(tree), [])


@pytest.mark.parametrize(
    ("make", "word"),
    [(appimage, "squashfs"), (nsis, "nsis"), (shar, "uuencode"), (makeself("base64"), "base64")],
    ids=["appimage", "nsis", "shar", "makeself base64"],
)
def test_what_is_not_read_is_named(pkgscan: Pkgscan, tree: Path, tmp_path: Path, make: Make, word: str) -> None:
    found, unseen = look(pkgscan, make, tree, tmp_path)
    assert not found
    assert len(unseen) == 1
    assert word in unseen[0]


CARRIERS: dict[str, Make] = {
    "7z": lambda tree, target: do("7z", "a", target, tree / "large.bin"),
    "iso": lambda tree, target: do("genisoimage", "-quiet", "-R", "-J", "-o", target, tree),
}


@pytest.mark.parametrize("name", CARRIERS)
def test_another_archive_behind_one_that_knows_its_end(pkgscan: Pkgscan, tree: Path, tmp_path: Path, name: str) -> None:
    def behind(folder: Path, target: Path) -> None:
        made = target.with_name(f"made.{name}")
        CARRIERS[name](folder, made)
        target.write_bytes(made.read_bytes() + bytes(512) + do("tar", "-cJ", "-C", folder, "."))
        made.unlink()

    alone, unseen = look(pkgscan, CARRIERS[name], tree, tmp_path / "alone")
    both, unseen_too = look(pkgscan, behind, tree, tmp_path / "both")
    assert (both - alone, unseen, unseen_too) == (whole(tree), [], [])


def test_programs_and_scripts_of_this_system_hold_none(pkgscan: Pkgscan, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    for path in sorted(Path("/usr/bin").iterdir())[:200]:
        if path.is_file() and not path.is_symlink():
            (packages / path.name).write_bytes(path.read_bytes())
    assert not [(name, view.gaps) for name, view in views(pkgscan, packages, tmp_path / "facts").items() if view.gaps]
