"""Accepting what was found: by the command, by a baseline, by settings; and what no one may accept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command import Pkgscan
from packing import zip_of

PASSED, FAILED, USAGE = 0, 1, 2
GATE = ("--now", "2026-07-15T12:00:00Z", "--fail-on", "low", "--fail-confidence", "low", "--preview")
NEVER = b"0 0 31 2 * root /bin/true\n"  # there is no such day


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package-1.0.zip"
    path.write_bytes(zip_of({"app-1.0/etc/cron.d/never": NEVER}))
    return path


def report(pkgscan: Pkgscan, package: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = pkgscan("scan", "-f", "json", *GATE, *options, package)
    return done.returncode, json.loads(done.stdout)


def open_findings(found: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in found["findings"] if one["suppressed"] is None and one["severity"] != "info"]


def test_a_finding_accepted_by_the_command_passes(pkgscan: Pkgscan, package: Path) -> None:
    code, first = report(pkgscan, package)
    assert (code, open_findings(first)) == (FAILED, ["unsigned-package", "suspicious-cron-schedule"])
    for mark in [one["fingerprint"] for one in first["findings"] if one["severity"] != "info"]:
        done = pkgscan("suppress", "add", mark, "--reason", "known", "--owner", "ops", "--expires", "2999-12-31")
        assert done.returncode == PASSED, done.stderr
    code, second = report(pkgscan, package, "--suppressions", "pkgscan-suppressions.toml")
    assert (code, open_findings(second), second["notes"]) == (PASSED, [], [])


def test_the_command_notes_what_it_accepts_and_quotes_the_file_it_names(
    pkgscan: Pkgscan, package: Path, tmp_path: Path
) -> None:
    made = tmp_path / "report.json"
    pkgscan("scan", "-q", *GATE, "-o", f"json={made}", package)
    found = json.loads(made.read_bytes())["findings"]
    (mark,) = [one["fingerprint"] for one in found if one["rule"] == "suspicious-cron-schedule"]
    words = (
        "suppress",
        "add",
        mark,
        "--reason",
        "known",
        "--owner",
        "ops",
        "--report",
        made,
        "--file",
        "our file.toml",
    )
    wrong = pkgscan(*words, "--expires", "2027-02-31")
    assert wrong.returncode == USAGE
    assert b"'2027-02-31' is no day of the calendar; write it like 2027-01-31" in wrong.stderr
    done = pkgscan(*words, "--expires", "2999-12-31")
    assert done.returncode == PASSED, done.stderr
    assert done.stdout.endswith(b"scan with --suppressions 'our file.toml'\n")
    text = (tmp_path / "cwd" / "our file.toml").read_text()
    assert "# suspicious-cron-schedule at app-1.0/etc/cron.d/never: " in text


def test_a_misspelled_rule_in_the_suppressions_is_a_usage_error(
    pkgscan: Pkgscan, package: Path, tmp_path: Path
) -> None:
    text = '[[accept]]\nrule = "unrotated-lag"\npath = "**"\nreason = "r"\nowner = "o"\nexpires = 2999-12-31\n'
    (tmp_path / "cwd" / "accepted.toml").write_text(text)
    done = pkgscan("scan", "--suppressions", "accepted.toml", package)
    assert done.returncode == USAGE
    assert b"accepted.toml:2:8: unknown rule 'unrotated-lag'; did you mean 'unrotated-log'?" in done.stderr


def test_a_baseline_lets_only_new_findings_fail_in_the_next_release(
    pkgscan: Pkgscan, package: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before.json"
    assert pkgscan("scan", "-q", *GATE, "-o", f"json={before}", package).returncode == FAILED
    code, again = report(pkgscan, package, "--baseline", str(before))
    assert (code, open_findings(again)) == (PASSED, [])
    newer = tmp_path / "package-1.1.zip"
    files = {
        "app-1.1/etc/cron.d/never": b"# moved\n\n" + NEVER,
        "app-1.1/etc/cron.d/odd": b"*/61 * * * * root /bin/true\n",
    }
    newer.write_bytes(zip_of(files))
    code, found = report(pkgscan, newer, "--baseline", str(before))
    assert code == FAILED
    counted = [one for one in found["findings"] if one["suppressed"] is None and one["severity"] != "info"]
    assert {one["span"]["path"] for one in counted} == {"package-1.1.zip!/app-1.1/etc/cron.d/odd"}


def test_settings_come_from_where_the_user_works(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    settings = tmp_path / "cwd" / "pkgscan.toml"
    ignored = 'ignore = ["suspicious-cron-schedule", "unsigned-package"]'
    settings.write_text(f"{ignored}\n")
    assert pkgscan("scan", *GATE, package).returncode == PASSED
    assert pkgscan("scan", *GATE, "--no-config", package).returncode == FAILED
    shown = pkgscan("scan", "--show-config", package).stdout.decode()
    assert ignored in shown
    assert str(settings) in shown


def test_a_rule_may_be_regraded(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    rules = ("suspicious-cron-schedule", "unsigned-package")
    text = "".join(f'[rules.{rule}]\nseverity = "info"\n' for rule in rules)
    (tmp_path / "cwd" / "pkgscan.toml").write_text(text)
    code, found = report(pkgscan, package)
    assert (code, open_findings(found)) == (PASSED, [])


def test_an_unused_acceptance_is_noted_only_when_every_rule_ran(
    pkgscan: Pkgscan, package: Path, tmp_path: Path
) -> None:
    text = '[[accept]]\nrule = "unrotated-log"\npath = "**"\nreason = "r"\nowner = "o"\nexpires = 2999-12-31\n'
    (tmp_path / "cwd" / "accepted.toml").write_text(text)
    _, found = report(pkgscan, package, "--suppressions", "accepted.toml")
    assert found["notes"] == ["suppression of unrotated-log at ** matches nothing in this package"]
    options = ("--suppressions", "accepted.toml", "--select", "suspicious-cron-schedule")
    assert [note for note in report(pkgscan, package, *options)[1]["notes"] if "matches nothing" in note] == []


def test_what_guards_the_scan_itself_cannot_be_accepted(pkgscan: Pkgscan, tmp_path: Path) -> None:
    listed = json.loads(pkgscan("rules", "--format", "json").stdout)
    guards = {one["id"] for one in listed if one["integrity"]}
    name = b"good.txt"
    raw = zip_of({"good.txt": b"x" * 40})
    hidden = tmp_path / "hidden.zip"
    hidden.write_bytes(raw.replace(name, b"evil.txt", 1))  # the local header alone: unpackers disagree about the name
    before = tmp_path / "before.json"
    assert pkgscan("scan", "-q", "-o", f"json={before}", hidden).returncode == FAILED
    code, found = report(pkgscan, hidden, "--baseline", str(before))
    left = [one["rule"] for one in found["findings"] if one["suppressed"] is None]
    assert code == FAILED
    assert guards.intersection(left)
    assert any("cannot be accepted" in note for note in found["notes"])
