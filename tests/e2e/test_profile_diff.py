"""`pkgscan profile diff` on the story's two hosts, and on built-in profiles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from command import Pkgscan

PACKAGES = Path(__file__).parents[2] / "fixtures/packages"
STAGING, PRODUCTION = PACKAGES / "profile/staging.toml", PACKAGES / "profile/profile.toml"


def rows(text: bytes) -> list[str]:
    return [" ".join(line.split()) for line in text.decode().splitlines()]


def test_the_storys_hosts(pkgscan: Pkgscan) -> None:
    """What the story says of the rehearsal: another system, less data, nothing connected, sudo, a unit renamed."""
    ran = pkgscan("profile", "diff", STAGING, PRODUCTION)
    assert ran.returncode == 0
    found = "\n".join(rows(ran.stdout))
    for words in (
        f"system operating system debian 11 debian 12 {STAGING}:7, {PRODUCTION}:7",
        "time zone time_zone UTC Europe/Berlin",
        "prompts unattended somebody answers them nobody answers them",
        "unit billing-worker.service there called billing-jobs.service",
        "unit billing-jobs.service not there there",
        "right sudo without a password no sudo",
        "database billing postgresql 13 postgresql 15",
        "table public.invoices 90,000 rows 48,000,000 rows, 533.3 times as many",
        "host sftp-old.vendor.example not known is retired",
        "disk /var 200.0 GiB free 6.0 GiB free",
    ):
        assert words in found
    assert "installed" not in found


def test_only_what_the_package_touches(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "etc/cron.d/app").write_text("0 3 * * * billing /opt/app/run\n")
    ran = pkgscan("profile", "diff", STAGING, PRODUCTION, "--package", tmp_path)
    assert [line.split(" ")[0:2] for line in rows(ran.stdout)[1:]] == [["system", "operating"], ["time", "zone"]]


def test_the_storys_package(pkgscan: Pkgscan, tmp_path: Path) -> None:
    pack = [sys.executable, PACKAGES / "pack.py", tmp_path, "--version", "7.4.0", "--keys", "none"]
    subprocess.run(pack, check=True, capture_output=True)
    ran = pkgscan("profile", "diff", STAGING, PRODUCTION, "--package", tmp_path / "billing-platform-7.4.0.zip")
    assert ran.returncode == 0
    found = rows(ran.stdout)
    assert any(line.startswith("system operating system debian 11 debian 12") for line in found)
    assert any(line.startswith("time zone") for line in found)
    assert len(found) < len(rows(pkgscan("profile", "diff", STAGING, PRODUCTION).stdout))


def test_hosts_that_are_alike(pkgscan: Pkgscan) -> None:
    ran = pkgscan("profile", "diff", PRODUCTION, PRODUCTION)
    assert rows(ran.stdout) == [f"{PRODUCTION} and {PRODUCTION} do not differ in what the profiles know"]


@pytest.mark.parametrize(
    ("name", "message"), [("debian-21", b"did you mean 'debian-12'?"), ("./x", b"cannot read ./x")]
)
def test_what_is_no_profile(pkgscan: Pkgscan, name: str, message: bytes) -> None:
    ran = pkgscan("profile", "diff", name, PRODUCTION)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert message in ran.stderr
