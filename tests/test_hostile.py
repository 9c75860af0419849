"""Every hostile package is answered with the finding or the gap it calls for, and none ends the run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from hostile_cases import fixture
from pkgscan.archive.events import Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.walk import Walk
from pkgscan.inputs import open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Entry
from pkgscan.plan import root_of
from pkgscan.report import Report
from pkgscan.testing import scan

CASES: dict[str, Any] = fixture("cases").CASES
LIGHT = [name for name, case in CASES.items() if not case.heavy]  # the others are run once, from the command
OURS = "archive"  # the family of rules these packages are about


def scanned(name: str, folder: Path) -> Report:
    case = CASES[name]
    path = str(folder / f"{name}{case.suffix}")
    case.build(path)
    return scan(path)


@pytest.mark.parametrize("name", LIGHT)
def test_what_must_be_said_is_said(name: str, tmp_path: Path) -> None:
    report = scanned(name, tmp_path)
    assert [gap.traceback for gap in report.gaps if gap.traceback] == []
    family = {rule.id for rule in report.rules if rule.family == OURS}
    found = {finding.rule for finding in report.findings} & family
    expected = CASES[name]
    assert set(expected.findings) <= found
    unread = {gap.reason for gap in report.gaps if gap.effect == "unread"}
    assert set(expected.gaps) <= unread
    if not expected.findings:
        assert not found
    if not expected.gaps:
        assert not unread


@pytest.mark.parametrize("name", ["local-only", "two-archives", "archive-in-comment", "two-directories"])
def test_what_is_hidden_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.zip"
    CASES[name].build(str(path))
    contents = {entry.sha256 for entry in _entries(path)}
    assert _sha256(fixture("zips").EVIL.content) in contents
    assert _sha256(fixture("zips").GOOD.content) in contents


def _entries(path: Path) -> list[Entry]:
    source = open_input(str(path))
    try:
        walk = Walk(KindTable(()), Limits())
        return [event.entry for event in walk.walk(root_of(source)) if isinstance(event, Seen)]
    finally:
        source.close()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
