"""Real scripts for the benchmark against shellcheck: a sample by seed of those that the shell oracle reads."""

from __future__ import annotations

import random
import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))

from shell_commands import PACKAGES, Script, scripts

from downloads import cache_folder, fetch

SEED = 20261128
COUNT = 240
DRAWN_FROM = 600  # scripts, in the order of the packages: enough of every kind, and 150 small downloads


def folder_of_scripts(cache: Path) -> Path:
    """A folder of `COUNT` scripts; made once."""
    folder = cache / f"scripts-{COUNT}"
    if not folder.is_dir():
        part = cache / f"scripts-{COUNT}.part"
        part.mkdir(parents=True, exist_ok=True)
        for script in drawn():
            (part / script.name.replace("/", "+")).write_bytes(script.content)
        part.rename(folder)
    return folder


def drawn() -> list[Script]:
    """The scripts of the benchmark, the same each time."""
    found = scripts(lambda name, version: fetch("deb", name, version, cache_folder("oracles")), in_turn())
    return random.Random(SEED).sample(list(islice(found, DRAWN_FROM)), COUNT)


def in_turn() -> list[str]:
    """The lines of the list of packages, of every stratum some among the first."""
    lines = [line for line in PACKAGES.read_text().splitlines() if not line.startswith("#")]
    random.Random(SEED).shuffle(lines)
    return lines
