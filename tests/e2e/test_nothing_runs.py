"""Nothing is ever started: not by what a package holds, not by what the bytes tempt libarchive to do, not at import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import Pkgscan
from planted import LRZIP, TEMPTATIONS, plant, started, tempting_zip

ENDED = {0, 1, 3}  # a verdict, whichever
# libarchive as its bindings use it when nobody takes care: every filter is on.
CARELESS = """
import os, sys
from pkgscan.archive.libarchive.binding import candidates
os.environ["LIBARCHIVE"] = next(candidates())
import libarchive
with libarchive.memory_reader(sys.stdin.buffer.read()) as archive:
    list(archive)
"""


def test_stubs_would_tell(tmp_path: Path) -> None:
    """A careless reader does start the planted program: the tests below can fail."""
    path, log = plant(tmp_path)
    subprocess.run([sys.executable, "-c", CARELESS], input=LRZIP, env={"PATH": path}, capture_output=True, check=False)
    assert [line.split()[0] for line in started(log)] == ["lrzip"]


@pytest.mark.parametrize("name", TEMPTATIONS)
def test_bytes_that_tempt_libarchive(pkgscan: Pkgscan, tmp_path: Path, name: str) -> None:
    path, log = plant(tmp_path)
    (tmp_path / name).write_bytes(TEMPTATIONS[name])
    done = pkgscan("scan", tmp_path / name, env={"PATH": path})
    assert done.returncode in ENDED, done.stderr.decode()
    assert started(log) == []


@pytest.mark.parametrize("command", ["scan", "tree"])
def test_a_package_full_of_temptations(pkgscan: Pkgscan, tmp_path: Path, command: str) -> None:
    path, log = plant(tmp_path)
    marker = tmp_path / "marker"
    package = tmp_path / "package.zip"
    package.write_bytes(tempting_zip(marker))
    done = pkgscan(command, package, env={"PATH": path})
    assert done.returncode in ENDED, done.stderr.decode()
    assert started(log) == []
    assert not marker.exists()


def test_a_folder_full_of_temptations(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """Run from inside the folder, as people do; what lies there is not imported either."""
    path, log = plant(tmp_path)
    folder = tmp_path / "delivery"
    folder.mkdir()
    for name, content in TEMPTATIONS.items():
        (folder / name).write_bytes(content)
    for module in ("sitecustomize", "usercustomize", "libarchive", "pkgscan", "msgspec", "bz2"):
        (folder / f"{module}.py").write_text(f"open({str(folder / 'marker')!r}, 'w')\n")
    done = pkgscan("scan", ".", cwd=folder, env={"PATH": path})
    assert done.returncode in ENDED, done.stderr.decode()
    assert started(log) == []
    assert not os.path.exists(folder / "marker")
