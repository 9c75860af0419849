"""Compressed files and tarballs as each tool writes them with its odder options, against the tool that wrote them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from comparison import View, bsdtar, do, leaf, links, unpacked, views, whole

from command import Pkgscan

# Ending, the command that packs standard input, the one that unpacks it.
TOOLS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "gzip": ("gz", ("gzip", "-9n"), ("gzip", "-dc")),
    "bzip2": ("bz2", ("bzip2", "-1"), ("bzip2", "-dc")),
    "xz": ("xz", ("xz",), ("xz", "-dc")),
    "xz-blocks": ("xz", ("xz", "--block-size=65536"), ("xz", "-dc")),
    "xz-x86": ("xz", ("xz", "--x86", "--lzma2"), ("xz", "-dc")),
    "xz-sha256": ("xz", ("xz", "--check=sha256"), ("xz", "-dc")),
    "xz-unchecked": ("xz", ("xz", "--check=none"), ("xz", "-dc")),
    "lzma": ("lzma", ("xz", "--format=lzma"), ("xz", "--format=lzma", "-dc")),
    "lzip": ("lz", ("lzip",), ("lzip", "-dc")),
    "zstd": ("zst", ("zstd", "-q"), ("zstd", "-dc")),
    "zstd-27": ("zst", ("zstd", "-q", "--long=27"), ("zstd", "-dc", "--long=27")),
    "zstd-31": ("zst", ("zstd", "-q", "--ultra", "--long=31"), ("zstd", "-dc", "--long=31")),
    "lz4": ("lz4", ("lz4", "-q"), ("lz4", "-dc")),
    "lz4-blocks": ("lz4", ("lz4", "-q", "-B4", "-BX", "-BD", "--content-size"), ("lz4", "-dc")),
    "lz4-legacy": ("lz4", ("lz4", "-q", "-l"), ("lz4", "-dc")),
    "compress": ("Z", ("compress", "-f"), ("compress", "-dc")),
    "compress-12": ("Z", ("compress", "-f", "-b", "12"), ("compress", "-dc")),
}
CONTENTS = ("large", "short", "empty")
# What libarchive does not read and pkgscan says, with the words.
TOO_WIDE = "Frame requires too much memory"  # for zstd itself, unless it is told --long=31
UNREAD = {
    ("zstd-31", "large"): TOO_WIDE,
    ("zstd-31", "short"): TOO_WIDE,
    (
        "lz4-legacy",
        "empty",
    ): "no such stream to libarchive",  # a mark and nothing behind it, which only lz4 itself takes for a file
}
# What `cat one two` makes of two compressed files is one content to these tools, and to pkgscan.
CONCATENATED = ("gzip", "bzip2", "xz", "lzip", "zstd", "lz4", "lz4-legacy")
BALLS = ("lzma", "lzip", "lz4", "compress", "zstd-27", "xz-blocks")


@pytest.fixture(scope="module")
def folder(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compressed")
    plain = {"large": (tree / "large.bin").read_bytes(), "short": b"one\n", "empty": b""}
    ball = do("tar", "-C", tree, "-cf", "-", ".")
    for name, (ending, pack, _) in TOOLS.items():
        packed = {content: do(*pack, "-c", input=plain[content]) for content in CONTENTS}
        for content in CONTENTS:
            (folder / f"{name}-{content}.{ending}").write_bytes(packed[content])
        (folder / f"{name}-both.{ending}").write_bytes(packed["short"] + packed["large"])
        (folder / f"{name}-app.tar.{ending}").write_bytes(do(*pack, "-c", input=ball) if name in BALLS else b"")
    return folder


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, folder, tmp_path_factory.mktemp("facts") / "facts")


@pytest.fixture(scope="module")
def behind(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    """Compressed files with text behind them, and the second .lzma that xz does not go on to."""
    target = tmp_path_factory.mktemp("behind")
    for name, (ending, *_) in TOOLS.items():
        more = b"hidden\n" * 99 if name != "lzma" else (folder / "lzma-large.lzma").read_bytes()
        (target / f"{name}-behind.{ending}").write_bytes((folder / f"{name}-short.{ending}").read_bytes() + more)
    return views(pkgscan_shared, target, tmp_path_factory.mktemp("facts") / "facts")


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", TOOLS)
def test_one_content(folder: Path, found: dict[str, View], name: str, content: str) -> None:
    ending, _, unpack = TOOLS[name]
    package = f"{name}-{content}.{ending}"
    view, expected = found[package], do(*unpack, input=(folder / package).read_bytes())
    if said := UNREAD.get((name, content)):
        assert not view.leaves
        assert [said in detail for _, detail in view.gaps] == [True]
    else:
        assert view == View(leaves=Counter([leaf(f"{name}-{content}", expected)]))


@pytest.mark.parametrize("name", CONCATENATED)
def test_several_streams_in_one_file(folder: Path, found: dict[str, View], name: str) -> None:
    ending, _, unpack = TOOLS[name]
    expected = do(*unpack, input=(folder / f"{name}-both.{ending}").read_bytes())
    assert expected.startswith(b"one\n")
    assert found[f"{name}-both.{ending}"] == View(leaves=Counter([leaf(f"{name}-both", expected)]))


@pytest.mark.parametrize("name", [name for name in TOOLS if name[:8] != "compress"])
def test_what_stands_behind_is_said(behind: dict[str, View], name: str) -> None:
    """No tool unpacks it, some complain of it; in compress alone the data has no end that something could follow."""
    view = behind[f"{name}-behind.{TOOLS[name][0]}"]
    assert {reason for reason, _ in view.gaps} <= {"data-after-end", "damaged", "truncated"}
    assert view.gaps


@pytest.mark.parametrize("name", BALLS)
def test_tarballs(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    ball = folder / f"{name}-app.tar.{TOOLS[name][0]}"
    assert found[ball.name] == View(leaves=whole(tree), links=links(tree))
    program = " ".join(TOOLS[name][2]).removesuffix("c").removesuffix(" -d")
    untar = ("tar", "--use-compress-program", program, "-xf")
    assert unpacked(lambda archive, target: do(*untar, archive, cwd=target), ball, tmp_path / "tar") == whole(tree)
    assert bsdtar(ball, tmp_path / "bsdtar") == whole(tree)


def test_a_format_without_a_mark(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    """brotli begins with nothing that tells it from data: a scan takes it for a binary file, as `file` does."""
    do("brotli", "-o", tmp_path / "app.br", tree / "large.bin")
    done = pkgscan("tree", tmp_path / "app.br")
    assert done.returncode == 0
    assert b"binary" in done.stdout
