"""The hostile packages of fixtures/hostile, for tests."""

from __future__ import annotations

import importlib
import json
import resource
import sys
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import jsonschema_rs

from command import PROGRAM
from measure import Run, run

FIXTURES = Path(__file__).parents[1] / "fixtures"

SCHEMA = Path(__file__).parents[1] / "docs" / "report.schema.json"
FAMILY = "archive"  # of the rules these packages are about
CPU_SECONDS = 5  # of all processes of one run together
RETRIES = 2
MEMORY = 300_000_000  # bytes, of all its processes together


def fixture(module: str) -> Any:
    """A module of fixtures/hostile."""
    if str(FIXTURES) not in sys.path:
        sys.path.append(str(FIXTURES))
    return importlib.import_module(f"hostile.{module}")


def built(case: Any, name: str, folder: Path) -> Path:
    """The package of a case, written once."""
    path = folder / f"{name}{case.suffix}"
    if not path.exists():
        case.build(str(path))
    return path


def command(package: Path) -> list[str]:
    """The scan of a package, as JSON on standard output."""
    return [PROGRAM, "scan", "--no-config", "-f", "json", str(package)]


def check(package: Path, case: Any, output: Path) -> None:
    """Scan a hostile package: it costs little, ends in a whole report, and is told as it must be."""
    done = least_of(command(package), output)
    assert done.cpu <= CPU_SECONDS
    assert "Traceback" not in done.errors
    assert len(done.errors.splitlines()) <= 1, done.errors
    report = json.loads(output.read_bytes())
    jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(report)
    assert report["package"]["path"] == package.name
    assert done.code == report["gate"]["exit_code"] == documented_exit(report)
    says_what_it_must(report, case)


def least_of(words: list[str], output: Path) -> Run:
    """The run of a command, the cheapest of three where it costs too much: what else a machine does only adds."""
    most = (2 * CPU_SECONDS, 2 * CPU_SECONDS)  # of one process: the kernel ends what would go on for ever
    limited = partial(resource.setrlimit, resource.RLIMIT_CPU, most)
    done = run(words, output=str(output), preexec_fn=limited)
    for _ in range(RETRIES):
        if done.cpu > CPU_SECONDS:
            done = min(done, run(words, output=str(output), preexec_fn=limited), key=attrgetter("cpu"))
    return done


def documented_exit(report: dict[str, Any]) -> int:
    """As docs/severity.md has it: a high finding fails, then bytes that were not seen."""
    counted = [f for f in report["findings"] if f["severity"] == "high" and f["confidence"] in {"medium", "high"}]
    return 1 if counted else 3 if any(gap["effect"] == "unread" for gap in report["gaps"]) else 0


def says_what_it_must(report: dict[str, Any], case: Any) -> None:
    """All that the case names, and nothing of a kind of which it names none."""
    family = {rule["id"] for rule in report["rules"] if rule["family"] == FAMILY}
    told = [finding["rule"] for finding in report["findings"] if finding["rule"] in family]
    reasons = {gap["reason"] for gap in report["gaps"] if gap["effect"] == "unread"}
    assert set(case.findings) <= set(told)
    assert set(case.gaps) <= reasons
    assert len(told) >= case.least
    assert bool(told) == bool(case.findings), told
    assert bool(reasons) == bool(case.gaps), reasons
    assert not [gap for gap in report["gaps"] if gap["traceback"]]
