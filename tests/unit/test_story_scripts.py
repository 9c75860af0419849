"""What the scripts of the story package take for granted, and what the production profile says to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pkgscan.model import MEMBER, Finding
from pkgscan.profile.reader import profile_of
from pkgscan.testing import scan
from pkgscan.tomlfile import parse_toml

STORY = Path(__file__).parents[2] / "fixtures" / "packages"
RULES = (
    "disk-fills", "overwrite-without-backup", "retired-host-contact", "sudo-assumed", "sudo-not-granted",
    "unit-not-shipped", "unknown-systemd-unit",
)  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("story")
    command = [sys.executable, str(STORY / "pack.py"), str(folder), "--keys", "none"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.severity, one.rule, _place(one.span.path, one.span.first_line)) for one in findings if one.span]


def _place(path: str, line: int) -> str:
    return f"{path.rpartition(MEMBER)[2].removeprefix('billing-platform-7.4.0/')}:{line}"


def test_without_a_profile(package: str) -> None:
    assert told(scan(package, RULES).findings) == [
        ("medium", "sudo-assumed", "install/enable-integrations.sh:26"),
        ("medium", "sudo-assumed", "install/upgrade.sh:12"),
        ("medium", "unit-not-shipped", "install/upgrade.sh:12"),
        ("medium", "unit-not-shipped", "install/upgrade.sh:13"),
        ("medium", "overwrite-without-backup", "install/upgrade.sh:21"),
    ]


def test_on_the_production_host(package: str) -> None:
    text = (STORY / "profile" / "profile.toml").read_text("utf-8")
    found = scan(package, RULES, profile_of(parse_toml("profile.toml", text))).findings
    assert told(found) == [
        ("high", "sudo-not-granted", "install/enable-integrations.sh:26"),
        ("high", "sudo-not-granted", "install/upgrade.sh:12"),
        ("high", "unknown-systemd-unit", "install/upgrade.sh:13"),
        ("medium", "overwrite-without-backup", "install/upgrade.sh:21"),
        ("medium", "disk-fills", "etc/cron.d/billing-import:6"),
        ("high", "retired-host-contact", "opt/billing/bin/import-data.sh:13"),
    ]
    unit = next(one for one in found if one.rule == "unknown-systemd-unit")
    assert unit.message == "acts on billing-worker.service, which is called billing-jobs.service on the host"
    contact = next(one for one in found if one.rule == "retired-host-contact")
    assert [(_place(place.span.path, place.span.first_line), place.message) for place in contact.related] == [
        ("opt/billing/lib/endpoints.sh:4", "SETTLEMENT_USER is set here"),
        ("opt/billing/lib/endpoints.sh:3", "SETTLEMENT_HOST is set here"),
        ("etc/cron.d/billing-import:6", "started by cron job at 03:00"),
        ("profile.toml:36", "retired here: the vendor moved settlement files to object storage"),
    ]


PASSWORD = 'profile = 1\n[host]\nuser = "deploy"\nunattended = {}\n[sudo]\nmode = "password"\n'


@pytest.mark.parametrize(("unattended", "count"), [("true", 2), ("false", 0)])
def test_a_password_that_nobody_gives(package: str, unattended: str, count: int) -> None:
    profile = profile_of(parse_toml("profile.toml", PASSWORD.format(unattended)))
    found = scan(package, ("sudo-not-granted", "sudo-assumed"), profile).findings
    assert len(found) == count
    assert all("would ask for a password with nobody there" in one.message for one in found)
