"""Every hostile package ends in a whole report, at a bounded price, from the command as a user runs it.

Those that take seconds are among the oracles, in test_hostile_all.py, with the memory of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hostile_cases import MEMORY, built, check, command, fixture
from measure import peak_memory

CASES: dict[str, Any] = {name: case for name, case in fixture("cases").CASES.items() if not case.slow}
HEAVY = [name for name, case in CASES.items() if case.heavy]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each package is built once."""
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.parametrize("name", CASES)
def test_one_hostile_package(name: str, folder: Path, tmp_path: Path) -> None:
    check(built(CASES[name], name, folder), CASES[name], tmp_path / "report.json")


@pytest.mark.parametrize("name", HEAVY)
def test_memory_stays_bounded(name: str, folder: Path) -> None:
    assert peak_memory(command(built(CASES[name], name, folder))) <= MEMORY
