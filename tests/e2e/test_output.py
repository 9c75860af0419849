"""Where reports go, and that none destroys what it is pointed at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from command import Pkgscan
from packing import zip_of

PASSED, FAILED, USAGE, INCOMPLETE = 0, 1, 2, 3


@pytest.fixture
def package(tmp_path: Path) -> Path:
    target = tmp_path / "package.zip"
    target.write_bytes(zip_of({"etc/cron.d/job": b"0 3 * * * root /bin/true\n"}))
    return target


def test_the_package_is_never_overwritten(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    before = package.read_bytes()
    (tmp_path / "link").symlink_to(package)
    for place in (package, tmp_path / "link"):
        done = pkgscan("scan", "-q", "-o", f"json={place}", package)
        assert (done.returncode, package.read_bytes()) == (USAGE, before)
        assert b"overwrite" in done.stderr


def test_a_baseline_is_never_overwritten(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "before.json"
    assert pkgscan("scan", "-q", "-o", f"json={baseline}", package).returncode == PASSED
    assert pkgscan("scan", "-q", "--baseline", baseline, "-o", f"json={baseline}", package).returncode == USAGE


def test_two_reports_need_two_places(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    done = pkgscan("scan", "-q", "-o", f"json={tmp_path / 'a'}", "-o", f"sarif={tmp_path / 'a'}", package)
    assert done.returncode == USAGE
    assert not (tmp_path / "a").exists()


def test_a_dash_is_no_file(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    assert pkgscan("scan", "-q", "-o", "json=-", package).returncode == USAGE
    assert not (tmp_path / "cwd" / "-").exists()


def test_a_link_is_followed(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert pkgscan("scan", "-q", "-o", f"json={tmp_path / 'link.json'}", package).returncode == PASSED
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["schema"] == "pkgscan-report/1"


def test_a_pipe_is_written_through(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    reader.start()
    assert pkgscan("scan", "-q", "-o", f"json={pipe}", package).returncode == PASSED
    reader.join()
    assert json.loads(found[0])["schema"] == "pkgscan-report/1"
    assert pipe.is_fifo()


def test_standard_output_by_its_name(pkgscan: Pkgscan, package: Path) -> None:
    done = pkgscan("scan", "-q", "-o", "json=/dev/stdout", package)
    assert json.loads(done.stdout)["gate"]["exit_code"] == PASSED


def test_nobody_reading_on_leaves_the_verdict(pkgscan: Pkgscan, package: Path) -> None:
    for arguments, code in ((("scan", "--fail-on", "info"), FAILED), (("scan",), PASSED), (("tree",), PASSED)):
        read, write = os.pipe()
        os.close(read)
        done = pkgscan(*arguments, package, stdout=write)
        os.close(write)
        assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_disk_is_said(pkgscan: Pkgscan, package: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = pkgscan("scan", package, stdout=full)
    assert done.returncode == USAGE
    assert b"No space left" in done.stderr


@pytest.mark.parametrize(
    "content", [b"<html>404</html>\n", os.urandom(999), b"0 3 * * * root true\n", b"#!/usr/bin/ruby\n"]
)
def test_what_is_no_package_does_not_pass(pkgscan: Pkgscan, tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "upgrade.zip"
    target.write_bytes(content)
    done = pkgscan("scan", "-f", "json", target)
    assert done.returncode == INCOMPLETE
    assert "no-package" in [gap["reason"] for gap in json.loads(done.stdout)["gaps"]]


def test_an_empty_folder_does_not_pass(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "delivery").mkdir()
    assert pkgscan("scan", tmp_path / "delivery").returncode == INCOMPLETE


@pytest.mark.parametrize("rule", ["hidden-archive-entry", "ambiguous-archive-entry"])
def test_what_guards_the_scan_cannot_be_left_out(pkgscan: Pkgscan, package: Path, rule: str) -> None:
    done = pkgscan("scan", "--ignore", rule, package)
    assert done.returncode == USAGE
    assert rule.encode() in done.stderr


def test_what_was_left_out_is_told(pkgscan: Pkgscan, package: Path) -> None:
    told = pkgscan("scan", "--select", "unrotated-log", package).stdout.decode()
    assert "1 of " in told
    assert " installed rules ran" in told


def test_help_where_nothing_is_named(pkgscan: Pkgscan) -> None:
    for arguments in ((), ("suppress",)):
        done = pkgscan(*arguments)
        assert (done.returncode, done.stderr) == (USAGE, b"")
        assert done.stdout.startswith(b"Usage: ")


def test_a_mistyped_command(pkgscan: Pkgscan, package: Path) -> None:
    done = pkgscan("scna", package)
    assert done.returncode == USAGE
    assert b"did you mean scan" in done.stderr


def test_settings_are_shown_without_a_package(pkgscan: Pkgscan) -> None:
    assert b"fail-on" in pkgscan("scan", "--show-config").stdout


def test_totals_agree(pkgscan: Pkgscan, package: Path) -> None:
    report = json.loads(pkgscan("scan", "-f", "json", package).stdout)
    counted = pkgscan("tree", "-q", package).stdout.decode().split()
    inside = report["package"]
    assert (counted[0], counted[2]) == (str(inside["entries"]), str(inside["bytes"]))
    assert report["coverage"]["entries"] == inside["entries"]


def test_it_runs_as_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "pkgscan", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "pkgscan")
