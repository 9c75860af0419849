"""Every hostile package ends in a whole report, at a bounded price, from the command as a user runs it."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from command import PROGRAM
from hostile_cases import fixture
from measure import peak_memory, run

CASES: dict[str, Any] = fixture("cases").CASES
SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
FAMILY = "archive"  # of the rules these packages are about

CPU_SECONDS = 5  # of all processes of one run together
MEMORY = 300_000_000  # bytes, of all its processes together
# What one test after the other has to cost little: the peak of each is in the oracles.
HEAVY = [name for name, case in CASES.items() if case.heavy]

Build = Callable[[str], Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Makes the package of a case, each once."""
    folder = tmp_path_factory.mktemp("hostile")

    @cache
    def built(name: str) -> Path:
        path = folder / f"{name}{CASES[name].suffix}"
        CASES[name].build(str(path))
        return path

    return built


def command(package: Path) -> list[str]:
    return [PROGRAM, "scan", "--no-config", "-f", "json", str(package)]


def documented_exit(report: dict[str, Any]) -> int:
    """As docs/severity.md has it: a high finding fails, then bytes that were not seen."""
    counted = [f for f in report["findings"] if f["severity"] == "high" and f["confidence"] in {"medium", "high"}]
    return 1 if counted else 3 if any(gap["effect"] == "unread" for gap in report["gaps"]) else 0


@pytest.mark.parametrize("name", CASES)
def test_one_hostile_package(name: str, build: Build, tmp_path: Path) -> None:
    package, output = build(name), tmp_path / "report.json"
    most = (CPU_SECONDS, CPU_SECONDS)  # the kernel ends what would go on for ever
    done = run(command(package), output=str(output), preexec_fn=partial(resource.setrlimit, resource.RLIMIT_CPU, most))
    assert done.cpu <= CPU_SECONDS
    assert "Traceback" not in done.errors
    assert len(done.errors.splitlines()) <= 1, done.errors
    report = json.loads(output.read_bytes())
    jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(report)
    assert report["package"]["path"] == package.name
    assert done.code == report["gate"]["exit_code"] == documented_exit(report)
    says_what_it_must(report, CASES[name])


def says_what_it_must(report: dict[str, Any], case: Any) -> None:
    family = {rule["id"] for rule in report["rules"] if rule["family"] == FAMILY}
    found = {finding["rule"] for finding in report["findings"]} & family
    reasons = {gap["reason"] for gap in report["gaps"] if gap["effect"] == "unread"}
    assert set(case.findings) <= found
    assert set(case.gaps) <= reasons
    assert len([finding for finding in report["findings"] if finding["rule"] in family]) >= case.least
    assert bool(found) == bool(case.findings), found
    assert bool(reasons) == bool(case.gaps), reasons
    assert not [gap for gap in report["gaps"] if gap["traceback"]]


@pytest.mark.parametrize("name", HEAVY)
def test_memory_stays_bounded(name: str, build: Build) -> None:
    assert peak_memory(command(build(name))) <= MEMORY
