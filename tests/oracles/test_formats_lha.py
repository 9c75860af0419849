"""lha archives as jlha writes them, against lhasa and bsdtar."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from comparison import View, bsdtar, do, files, leaf, unpacked, views, whole

from command import Pkgscan

# Method and header level. In level 0 a path has to fit into one header, and jlha fails where it does not.
KINDS = {"lh5": "1o5", "lh6": "2o6", "lh7": "1o7", "stored": "2z", "level-0": "0o5"}
NAME = "with space and ünïcode.txt"  # jlha writes Latin-1 into these, at which bsdtar gives up; see below


@pytest.fixture(scope="module")
def plain(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree without what jlha or bsdtar cannot take, and without links, which jlha follows."""
    plain = tmp_path_factory.mktemp("plain") / "app"
    for name, content in files(tree):
        if name != NAME:
            (plain / name).parent.mkdir(parents=True, exist_ok=True)
            (plain / name).write_bytes(content)
    return plain


@pytest.fixture(scope="module")
def folder(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lha")
    for kind, options in KINDS.items():
        do("jlha", f"a{options}q", folder / f"{kind}.lzh", *names(plain, kind), cwd=plain)
    return folder


def names(plain: Path, kind: str) -> list[str]:
    return [name for name, _ in files(plain) if kind != "level-0" or not name.startswith("deep")]


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, folder, tmp_path_factory.mktemp("facts") / "facts")


def lhasa(archive: Path, target: Path) -> None:
    do("lhasa", "xq", archive, cwd=target)


@pytest.mark.parametrize("kind", KINDS)
def test_methods_and_headers(folder: Path, found: dict[str, View], plain: Path, tmp_path: Path, kind: str) -> None:
    archive = folder / f"{kind}.lzh"
    expected = whole(plain, without="deep" if kind == "level-0" else "")
    assert found[archive.name] == View(leaves=expected)
    assert unpacked(lhasa, archive, tmp_path / "lhasa") == expected
    assert bsdtar(archive, tmp_path / "bsdtar") == expected


def test_a_name_that_is_no_utf8(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    """jlha cuts each character to a byte; lhasa takes them for Latin-1, bsdtar refuses, pkgscan shows the bytes."""
    folder = tmp_path / "folder"
    folder.mkdir()
    do("jlha", "a2q", folder / "name.lzh", NAME, cwd=tree)
    expected = leaf(NAME.replace("ü", "\\xfc").replace("ï", "\\xef"), "ä\n".encode())
    assert views(pkgscan, folder, tmp_path / "facts")["name.lzh"] == View(leaves=Counter([expected]))
