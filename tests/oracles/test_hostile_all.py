"""All hostile packages, those that take seconds as well, and the peak memory of every one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hostile_cases import MEMORY, built, check, command, fixture
from measure import peak_memory

CASES: dict[str, Any] = fixture("cases").CASES
SLOW = [name for name, case in CASES.items() if case.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each package is built once."""
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.parametrize("name", SLOW)
def test_one_slow_package(name: str, folder: Path, tmp_path: Path) -> None:
    check(built(CASES[name], name, folder), CASES[name], tmp_path / "report.json")


@pytest.mark.parametrize("name", CASES)
def test_memory_of_each(name: str, folder: Path) -> None:
    assert peak_memory(command(built(CASES[name], name, folder))) <= MEMORY
