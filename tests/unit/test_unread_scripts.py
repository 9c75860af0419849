"""Scripts whose commands nobody reads are said, so that what was not seen is not taken for clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.facts.package import MaintainerScript
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Embedded, Reading, Source
from pkgscan.readers.maintainer import MaintainerReader
from pkgscan.testing import scan_tree

SCRIPTS = {
    "bin/report": ("#!/usr/bin/env ruby\n", "this ruby script"),
    "setup.ps1": ("Write-Host hello\r\n", "this PowerShell script"),
    "setup.bat": ("@echo off\r\n", "this batch script"),
    "examples/postinst": ("#!/usr/bin/tclsh\n", "this script"),
}
OTHERS = {
    "README": "# a text\n",
    "lib/module.py": "x = 1\n",
    "etc/postinst": "a text of that name\n",
    "install.sh": "#!/bin/bash\nexec true\n",
    "examples/prerm": "#!/bin/sh\nexec true\n",
}


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
@pytest.mark.parametrize("program", [b"\x7fELF", b"#!/usr/bin/lua\n"])
def test_a_maintainer_script_in_no_language_of_ours_is_said_to_run_and_to_be_unread(
    path: str, tool: str, whose: str, program: bytes
) -> None:
    script, gap = _read(path, program + b"\0")
    assert isinstance(script, MaintainerScript)
    assert script.tool == tool
    assert isinstance(gap, Gap)
    assert (gap.effect, gap.detail) == ("partial", f"the commands of {whose} are not read")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("#!/bin/sh\n", "shell"),
        ("#!/bin/bash -e\n", "shell"),
        ("echo done\n", "shell"),  # what rpm hands to the shell has no first line
        ("#!/usr/bin/perl -w\n", "perl-script"),
        ("#! /usr/bin/env python3\n", "python-script"),
    ],
)
def test_a_maintainer_script_is_handed_to_the_reader_of_its_language(head: str, kind: str) -> None:
    script, text = _read("a.rpm!/%post", head.encode())
    assert isinstance(script, MaintainerScript)
    assert text == Embedded(kind, head, ())


def _read(path: str, content: bytes) -> list[Reading]:
    archive, _, _ = path.rpartition("!/")
    return list(MaintainerReader().read(Source(Entry(path, archive=archive), "maintainer-script", content)))
