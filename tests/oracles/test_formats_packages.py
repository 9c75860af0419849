"""Packages and archives as the tools of their systems build them from a tree of files."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest
from comparison import Make, View, bsdtar, do, files, inside, leaf, links, unpacked, views, whole

from command import Pkgscan

CONTROL = "Package: billing\nVersion: 1.0\nArchitecture: all\nMaintainer: v <v@example.com>\nDescription: for a test\n"
PROJECT = """\
[project]
name = "billing"
version = "1.0"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
MANIFEST = '{"name": "billing", "version": "1.0.0", "files": ["app"]}'


def seen_alone(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> View:
    """What a scan of a folder that holds one package sees of it."""
    folder = tmp_path / "alone"
    folder.mkdir()
    shutil.copy(package, folder)
    return views(pkgscan, folder, tmp_path / "facts")[package.name]


@pytest.mark.parametrize("packing", ["none", "gzip", "xz", "zstd"])
def test_dpkg_deb(pkgscan: Pkgscan, tree: Path, tmp_path: Path, packing: str) -> None:
    root, target = tmp_path / "root", tmp_path / "billing.deb"
    shutil.copytree(tree, root / "opt", symlinks=True)
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(CONTROL)
    do("dpkg-deb", f"-Z{packing}", "--root-owner-group", "-b", root, target)
    data = unpacked(lambda archive, folder: do("dpkg-deb", "-x", archive, folder), target, tmp_path / "data")
    assert data == inside((f"opt/{name}", content) for name, content in files(tree))
    others = [leaf("control", CONTROL.encode()), leaf("debian-binary", b"2.0\n")]
    assert seen_alone(pkgscan, target, tmp_path).leaves == data + Counter(others)


def test_npm_pack(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(tree, project / "app")
    (project / "package.json").write_text(MANIFEST)
    do("npm", "pack", "--silent", cwd=project, env=os.environ | {"HOME": str(tmp_path)})
    tarball = project / "billing-1.0.0.tgz"
    view = seen_alone(pkgscan, tarball, tmp_path)
    assert view == View(leaves=bsdtar(tarball, tmp_path / "bsdtar"))
    assert (
        unpacked(lambda archive, folder: do("tar", "-xf", archive, "-C", folder), tarball, tmp_path / "tar")
        == view.leaves
    )
    assert {digest for *_, digest in whole(tree)} <= {digest for *_, digest in view.leaves}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_python_packages(pkgscan: Pkgscan, tree: Path, tmp_path: Path, kind: str) -> None:
    project, target = tmp_path / "project", tmp_path / "built"
    shutil.copytree(tree, project / "billing", symlinks=True)
    (project / "billing" / "__init__.py").touch()
    (project / "pyproject.toml").write_text(PROJECT)
    pip = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-build-isolation",
        "--no-index",
        "--no-deps",
        "-q",
        "-w",
        target,
        ".",
    )
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", target)
    do(*(pip if kind == "wheel" else hatchling), cwd=project)
    (built,) = target.iterdir()
    view = seen_alone(pkgscan, built, tmp_path)
    assert not view.gaps
    assert view.leaves == bsdtar(built, tmp_path / "bsdtar")
    assert {digest for *_, digest in whole(tree)} <= {digest for *_, digest in view.leaves}


@pytest.mark.skipif(
    shutil.which("jar") is None, reason="jar comes with a JDK, which is not worth its installation here"
)
def test_jar(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    target = tmp_path / "billing.jar"
    do("jar", "--create", "--file", target, "-C", tree, ".")
    view = seen_alone(pkgscan, target, tmp_path)
    assert view == View(leaves=bsdtar(target, tmp_path / "bsdtar"))
    assert view.leaves == unpacked(
        lambda archive, folder: do("jar", "-xf", archive, cwd=folder), target, tmp_path / "jar"
    )


def test_ar(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    """A static library: a table of symbols, names in a table of their own, and short ones."""
    named = {"large.bin": "l.o", "block.bin": "a-name-of-over-sixteen-characters.o", "usr/sbin/logrotate": "elf.o"}
    folder, target = tmp_path / "members", tmp_path / "libbilling.a"
    folder.mkdir()
    for source, name in named.items():
        shutil.copy(tree / source, folder / name)
    do("ar", "rcs", target, *named.values(), cwd=folder)
    view = seen_alone(pkgscan, target, tmp_path)
    expected = unpacked(lambda archive, folder: do("ar", "x", archive, cwd=folder), target, tmp_path / "ar")
    assert view.leaves == expected == inside(files(folder))
    # bsdtar takes the table of symbols for a file that is called as the root is.
    bare = ("bsdtar", "--include", "*.o", "-xf", target)
    assert view.leaves == unpacked(lambda _, folder: do(*bare, "-C", folder), target, tmp_path / "bsdtar")


def tar(*options: str) -> Make:
    return lambda tree, target: do("tar", *options, "-cf", target, "-C", tree, ".")


SPARSE: dict[str, Make] = {
    "gnu": tar("--format=gnu", "-S"),
    "pax-0.0": tar("--format=posix", "-S", "--sparse-version=0.0"),
    "pax-0.1": tar("--format=posix", "-S", "--sparse-version=0.1"),
    "pax-1.0": tar("--format=posix", "-S", "--sparse-version=1.0"),
}


@pytest.mark.parametrize("kind", SPARSE)
def test_sparse_tars(pkgscan: Pkgscan, tmp_path: Path, kind: str) -> None:
    """Holes are zeros to whoever unpacks them: between data, in front of it, and behind it."""
    tree, target = tmp_path / "tree", tmp_path / "app.tar"
    tree.mkdir()
    for name, places in {"between": (0, 3 << 20), "front": (2 << 20,), "many": range(0, 8 << 20, 1 << 18)}.items():
        with (tree / name).open("wb") as file:
            for place in places:
                file.seek(place)
                file.write(name.encode() * 999)
            file.truncate(9 << 20)
    (tree / "hole").touch()
    os.truncate(tree / "hole", 5 << 20)
    SPARSE[kind](tree, target)
    assert target.stat().st_size < 1 << 20
    view = seen_alone(pkgscan, target, tmp_path)
    assert view == View(leaves=whole(tree))
    assert view.leaves == unpacked(
        lambda archive, folder: do("tar", "-xf", archive, "-C", folder), target, tmp_path / "tar"
    )
    assert view.leaves == bsdtar(target, tmp_path / "bsdtar")


KINDS: dict[str, Make] = {
    "v7": tar("--format=v7", "--exclude=./deep"),
    "oldgnu": tar("--format=oldgnu"),
    "ustar": tar("--format=ustar", "--exclude=./deep"),
    "bsdtar-pax": lambda tree, target: do("bsdtar", "--format", "pax", "-cf", target, "-C", tree, "."),
    "blocking": tar("--format=gnu", "-b", "1"),
    "star-pax": tar("--format=posix", "--xattrs", "--acls"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_tar(pkgscan: Pkgscan, tree: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "app.tar"
    KINDS[kind](tree, target)
    expected = unpacked(lambda archive, folder: do("tar", "-xf", archive, "-C", folder), target, tmp_path / "tar")
    assert expected == whole(tree, without="deep" if kind in {"v7", "ustar"} else "")
    assert seen_alone(pkgscan, target, tmp_path) == View(leaves=expected, links=links(tree))
    assert bsdtar(target, tmp_path / "bsdtar") == expected
