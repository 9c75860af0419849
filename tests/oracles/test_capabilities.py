"""What capabilities a tar or an rpm gives its files, against getcap and rpm."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from comparison import do

from command import Pkgscan

SETS = ["cap_net_raw=ep", "cap_setuid,cap_net_admin=p", "cap_dac_override=eip", "cap_checkpoint_restore=ep"]
SPEC = """\
Name: app
Version: 1
Release: 1
Summary: app
License: none
BuildArch: noarch
%description
app
%install
mkdir -p %{buildroot}/opt/app
echo x > %{buildroot}/opt/app/tool
echo x > %{buildroot}/opt/app/plain
%files
%attr(0755, root, root) %caps(cap_net_raw=ep) /opt/app/tool
/opt/app/plain
"""


def told(pkgscan: Pkgscan, package: Path, folder: Path) -> list[tuple[str, str]]:
    """(member, capabilities) of the findings of a scan."""
    done = pkgscan("scan", "-o", f"json={folder / 'report.json'}", "--fail-on", "never", package)
    assert done.returncode == 0, done.stderr.decode()
    findings = json.loads((folder / "report.json").read_text())["findings"]
    sentences = [finding["message"] for finding in findings if finding["rule"] == "file-capabilities"]
    return [tuple(sentence.split(" has the capabilities ")) for sentence in sentences]


@pytest.mark.parametrize("packer", [["tar", "--xattrs", "--xattrs-include=*"], ["bsdtar", "--xattrs"]])
@pytest.mark.parametrize("capabilities", SETS)
def test_a_tar(pkgscan: Pkgscan, tmp_path: Path, packer: list[str], capabilities: str) -> None:
    tool = tmp_path / "tool"
    tool.write_bytes(b"\x7fELF")
    if subprocess.run(["setcap", capabilities, str(tool)], check=False, capture_output=True).returncode:
        pytest.skip("this file system keeps no capabilities, or this user may not set them")
    do(*packer, "-cf", tmp_path / "app.tar", "-C", tmp_path, "tool")
    shown = subprocess.run(["getcap", str(tool)], check=True, capture_output=True, text=True).stdout
    found = told(pkgscan, tmp_path / "app.tar", tmp_path)
    assert [member for member, _ in found] == ["tool"]
    assert meant(found[0][1]) == meant(shown.split(maxsplit=1)[1])


def meant(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the flags, which getcap has in an order of its own."""
    names, _, flags = text.strip().partition("=")
    return frozenset(names.split(",")), frozenset(flags)


def test_an_rpm(pkgscan: Pkgscan, tmp_path: Path) -> None:
    spec = tmp_path / "app.spec"
    spec.write_text(SPEC)
    do("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {tmp_path / 'build'}", spec)
    (package,) = tmp_path.glob("build/RPMS/*/*.rpm")
    shown = subprocess.run(
        ["rpm", "-qp", "--qf", "[%{FILENAMES} %{FILECAPS}\\n]", str(package)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert ("/opt/app/tool", "cap_net_raw=ep") in pairwise(shown)
    assert told(pkgscan, package, tmp_path) == [("opt/app/tool", "cap_net_raw=ep")]
