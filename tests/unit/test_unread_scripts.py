"""Scripts whose commands nobody reads are said, so that what was not seen is not taken for clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.facts.package import MaintainerScript
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.maintainer import MaintainerReader
from pkgscan.testing import scan_tree

SCRIPTS = {
    "install.sh": ("#!/bin/bash\nexec true\n", "this bash script"),
    "bin/report": ("#!/usr/bin/env python3\n", "this python3 script"),
    "setup.ps1": ("Write-Host hello\r\n", "this PowerShell script"),
    "examples/postinst": ("#!/bin/sh\n", "this script"),
}
OTHERS = {"README": "# a text\n", "lib/module.py": "x = 1\n", "etc/postinst": "a text of that name\n"}


def test_each_script_without_a_reader_is_a_gap_that_fails_no_gate(tmp_path: Path) -> None:
    for name, text in {**{name: text for name, (text, _) in SCRIPTS.items()}, **OTHERS}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    report = scan_tree(str(tmp_path))
    gaps = [gap for gap in report.gaps if gap.span]
    told = {gap.span.path.partition("!/")[2]: gap.detail for gap in gaps if gap.span}
    assert told == {name: f"the commands of {whose} are not read" for name, (_, whose) in SCRIPTS.items()}
    assert {(gap.effect, gap.stage, gap.reason) for gap in gaps} == {("partial", "read", "no-reader")}
    assert all(gap.sha256 and gap.fingerprint for gap in gaps)  # by which it may be accepted
    assert report.coverage.partial == len(SCRIPTS)
    assert (report.gate.result, report.gate.exit_code) == ("pass", 0)


@pytest.mark.parametrize(
    ("path", "tool", "whose"),
    [
        ("a.deb!/control.tar.xz!/postinst", "dpkg", "dpkg's postinst"),
        ("a.rpm!/%post", "rpm", "rpm's %post"),
    ],
)
def test_a_maintainer_script_is_said_to_run_and_to_be_unread(path: str, tool: str, whose: str) -> None:
    archive, _, _ = path.rpartition("!/")
    script, gap = _read(path, archive)
    assert isinstance(script, MaintainerScript)
    assert script.tool == tool
    assert isinstance(gap, Gap)
    assert (gap.effect, gap.detail) == ("partial", f"the commands of {whose} are not read")


def _read(path: str, archive: str) -> list[Reading]:

    return list(MaintainerReader().read(Source(Entry(path, archive=archive), "maintainer-script", b"\x7fELF")))
