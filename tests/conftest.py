"""The command line and the story package for tests; pytest puts the modules beside this file in their reach."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from command import Pkgscan, run_pkgscan

# The same examples each time: what turns red is the change at hand. `make fuzz` is there to look for more.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

PACKER = Path(__file__).parents[1] / "fixtures" / "packages" / "pack.py"


@pytest.fixture
def pkgscan(tmp_path: Path) -> Pkgscan:
    """Runs the installed command from an empty folder, so that no configuration of this project is found."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    return partial(run_pkgscan, folder)


@pytest.fixture(scope="session")
def story_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story package as its vendor ships it, without its throw-away keys."""
    outdir = tmp_path_factory.mktemp("story")
    command = [sys.executable, str(PACKER), str(outdir), "--version", "7.4.0", "--keys", "none"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
