"""The host a package is meant for, from the command line to every report."""

from __future__ import annotations

import json
from pathlib import Path

from command import Pkgscan

PROFILE = """\
profile = 1
[host]
name = "prod-1"
os = "debian"
version = "12"
time_zone = "Europe/Berlin"
[window]
start = "02:00"
end = "03:30"
"""


def package(folder: Path) -> Path:
    (folder / "package/etc/cron.d").mkdir(parents=True)
    (folder / "package/etc/cron.d/app").write_text("0 3 * * * root /opt/app/run\n")
    return folder / "package"


def test_the_host_is_told_and_judged_by(pkgscan: Pkgscan, tmp_path: Path) -> None:
    tree, profile = package(tmp_path), tmp_path / "prod.toml"
    profile.write_text(PROFILE)
    ran = pkgscan("scan", tree, "-t", profile, "-o", f"json={tmp_path}/r.json", "-o", f"sarif={tmp_path}/r.sarif")
    report = json.loads((tmp_path / "r.json").read_bytes())
    said = {"path": str(profile), "name": "prod-1", "os": "debian", "version": "12", "time_zone": "Europe/Berlin"}
    assert report["profile"] == said
    (finding,) = (row for row in report["findings"] if row["rule"] == "job-in-maintenance-window")
    place = finding["related"][0]["span"]
    assert (place["path"], place["first_line"]) == (str(profile), 7)
    assert report["schedule"][0]["next_runs"][0].endswith(("+01:00", "+02:00"))
    assert f"for prod-1, debian 12, by {profile}".encode() in b" ".join(ran.stdout.split())
    (run,) = json.loads((tmp_path / "r.sarif").read_bytes())["runs"]
    assert run["properties"]["profile"] == str(profile)


def test_a_mistake_in_it_is_the_users_error(pkgscan: Pkgscan, tmp_path: Path) -> None:
    profile = tmp_path / "prod.toml"
    profile.write_text(PROFILE.replace("start", "strat"))
    ran = pkgscan("scan", package(tmp_path), "--target", profile)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert f"{profile}:8:1: unknown key 'strat'; did you mean 'start'?".encode() in ran.stderr


def test_it_does_not_come_from_the_package(pkgscan: Pkgscan, tmp_path: Path) -> None:
    tree = package(tmp_path)
    (tree / "prod.toml").write_text(PROFILE)
    ran = pkgscan("scan", tree, "-t", tree / "prod.toml")
    assert ran.returncode == 2
    assert b"is part of what is scanned" in ran.stderr


def test_settings_name_it_by_a_path_of_their_own(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings/pkgscan.toml").write_text('target = "prod.toml"\n')
    (tmp_path / "settings/prod.toml").write_text(PROFILE)
    ran = pkgscan("scan", package(tmp_path), "--config", tmp_path / "settings/pkgscan.toml", "-f", "json")
    assert json.loads(ran.stdout)["profile"]["name"] == "prod-1"


def test_a_folder_that_an_import_made_and_a_built_in_name(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host/profile.toml").write_text(PROFILE)
    tree = package(tmp_path)
    ran = pkgscan("scan", tree, "-t", tmp_path / "host", "-f", "json")
    assert json.loads(ran.stdout)["profile"]["name"] == "prod-1"
    ran = pkgscan("scan", tree, "-t", "debian-12", "-f", "json")
    report = json.loads(ran.stdout)
    assert (report["profile"]["os"], report["profile"]["version"]) == ("debian", "12")
    ran = pkgscan("scan", tree, "-t", "debian-21")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"did you mean 'debian-12'?" in ran.stderr


def test_a_folder_in_the_package_is_refused_too(pkgscan: Pkgscan, tmp_path: Path) -> None:
    tree = package(tmp_path)
    (tree / "host").mkdir()
    (tree / "host/profile.toml").write_text(PROFILE)
    assert b"is part of what is scanned" in pkgscan("scan", tree, "-t", tree / "host").stderr


def test_an_empty_name_is_no_scan_without_a_host(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """As of a variable that a pipeline forgot to set."""
    ran = pkgscan("scan", package(tmp_path), "-t", "")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"--target is empty" in ran.stderr


def test_a_built_in_profile_takes_no_finding_away(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """A unit that the package does not bring is told with the release as without it, and then with the nearest name."""
    (tmp_path / "install.sh").write_text("#!/bin/sh\nsystemctl restart postgresq1.service\n")
    plain = json.loads(pkgscan("scan", tmp_path / "install.sh", "-f", "json").stdout)
    judged = json.loads(pkgscan("scan", tmp_path / "install.sh", "-t", "debian-12", "-f", "json").stdout)
    units = {"unit-not-shipped", "unknown-systemd-unit"}
    (one,), (other,) = ([row for row in report["findings"] if row["rule"] in units] for report in (plain, judged))
    assert (one["rule"], other["rule"]) == ("unit-not-shipped", "unknown-systemd-unit")
    assert (one["severity"], other["severity"]) == ("medium", "medium")
    assert "is a unit of no package of debian 12; the nearest name is postgresql.service" in other["message"]
    (tmp_path / "careful.sh").write_text("#!/bin/sh\nsystemctl restart postgresq1.service || true\n")
    found = json.loads(pkgscan("scan", tmp_path / "careful.sh", "-t", "debian-12", "-f", "json").stdout)["findings"]
    assert [row["severity"] for row in found if row["rule"] in units] == ["low"]
    (row,) = (row for row in judged["assumptions"] if row["kind"] == "unit")
    assert (row["verdict"], row["phrase"]) == ("not known", other["message"].partition(", which ")[2])
