"""Sums as cpio writes and compares them: what it takes is silent here, what it complains of is said."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from comparison import do

from command import Pkgscan

LARGE = bytes(n * n >> 7 & 0xFF for n in range(300_000))


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    """Hard links, a symbolic link, empty files and a large one, packed by cpio with sums."""
    tree = tmp_path / "tree"
    (tree / "d").mkdir(parents=True)
    for name, content in {"a": b"hello\n", "empty": b"", "d/large": LARGE}.items():
        (tree / name).write_bytes(content)
    for name, other in {"b": "a", "c": "a", "also-empty": "empty", "d/large-too": "d/large"}.items():
        os.link(tree / other, tree / name)
    os.symlink("a", tree / "link")
    return do("cpio", "--quiet", "-o", "-H", "crc", cwd=tree, input=do("find", ".", "-mindepth", "1", cwd=tree))


def test_what_cpio_writes_is_silent(packed: bytes, pkgscan: Pkgscan, tmp_path: Path) -> None:
    assert packed.startswith(b"070702")
    assert said_by_cpio(packed, tmp_path / "out") == said(pkgscan, packed, tmp_path) == []


@pytest.mark.parametrize("mark", [b"hello\n", LARGE[100_000:100_050]])
def test_a_flipped_byte_is_said(packed: bytes, pkgscan: Pkgscan, tmp_path: Path, mark: bytes) -> None:
    place = packed.index(mark)
    changed = packed[:place] + bytes((packed[place] ^ 1,)) + packed[place + 1 :]
    assert said_by_cpio(changed, tmp_path / "out") == said(pkgscan, changed, tmp_path) != []


def said_by_cpio(data: bytes, folder: Path) -> list[tuple[int, int]]:
    """The (sum, sum by the header) that cpio complains of as it unpacks."""
    folder.mkdir()
    done = subprocess.run(["cpio", "--quiet", "-idu"], cwd=folder, input=data, capture_output=True, check=False)
    found = re.findall(r"checksum error \(0x(\w+), should be 0x(\w+)\)", done.stderr.decode())
    return [(int(one, 16), int(other, 16)) for one, other in found]


def said(pkgscan: Pkgscan, data: bytes, folder: Path) -> list[tuple[int, int]]:
    """The same of pkgscan."""
    (folder / "p.cpio").write_bytes(data)
    report = json.loads(pkgscan("scan", "--no-config", "-f", "json", str(folder / "p.cpio")).stdout)
    gaps = [gap for gap in report["gaps"] if gap["effect"] == "unread"]
    assert {gap["reason"] for gap in gaps} <= {"bad-checksum"}
    found = (re.findall(r"[0-9a-f]{8}", gap["detail"]) for gap in gaps)
    return [(int(one, 16), int(other, 16)) for one, other in found]
