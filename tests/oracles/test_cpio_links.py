"""Cpios whose headers disagree on hard links: where GNU cpio, bsdtar or 7-Zip differ, pkgscan says so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fuzz.walk_claims import walked
from hostile_cases import fixture
from pkgscan.facts.archive import Disagreement

LINKS: Any = fixture("cpio_links")
BUILDERS = {name.removeprefix("build_"): build for name, build in vars(LINKS).items() if name.startswith("build_")}
ALIKE = {"each_carries_it", "one_missing", "each_alone"}
# An empty file is the next one of its number to 7-Zip alone, whatever their counts say: many tools give all one number,
# and what installs from a cpio is not 7-Zip.
NOT_TOLD = {"each_alone"}

SEVEN = next((name for name in ("7zz", "7z") if shutil.which(name)), "7zz")
TOOLS: tuple[tuple[str, ...], ...] = (
    ("cpio", "-idmu", "--quiet", "-F"),
    ("bsdtar", "-xf"),
    (SEVEN, "x", "-y", "-bso0"),
)


def unpacked(tool: tuple[str, ...], path: Path, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    subprocess.run([*tool, str(path)], check=True, capture_output=True, cwd=folder)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", BUILDERS)
def test_what_unpackers_differ_on_is_said(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.cpio"
    BUILDERS[name](str(path))
    seen = [unpacked(tool, path, tmp_path / str(number)) for number, tool in enumerate(TOOLS)]
    said = [event.disagreement for event in walked(path.read_bytes()) if isinstance(event, Disagreement)]
    if name in NOT_TOLD:
        seen.pop()
    assert said == ([] if name in ALIKE else ["link-differs"])
    assert any(one != seen[0] for one in seen) == (name not in ALIKE)
