"""`pkgscan profile check`: what a profile tells and what it lacks."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

from command import Pkgscan

STORY = Path(__file__).parents[2] / "fixtures/packages/profile/profile.toml"


def test_what_the_storys_profile_tells(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text(STORY.read_text())
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust/vendor-root-2016.pem").write_text("made where the story is packed")
    ran = pkgscan("profile", "check", tmp_path / "profile.toml")
    lines = [line.split() for line in ran.stdout.decode().splitlines()[1:]]
    stated = set(tomllib.loads(STORY.read_text())) - {"profile"}
    assert ran.returncode == 0
    assert {words[1] for words in lines if words[0] == "stated"} == stated
    assert {words[1] for words in lines if words[0] == "missing"} == {"imports", "jobs"}
    assert not any(words[0] == "not" for words in lines)


def test_which_rules_will_not_judge(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('profile = 1\n[host]\nname = "a"\n')
    ran = pkgscan("profile", "check", tmp_path / "p.toml")
    assert ran.returncode == 0
    assert b"not judged: job-in-maintenance-window, which needs the table window" in ran.stdout
    assert b"stated   host" in ran.stdout


def test_what_a_table_lacks_that_is_there(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "sudo").write_text("User deploy may run the following commands on a:\n    (root) /bin/ls\n")
    (tmp_path / "p.toml").write_text('profile = 1\n[host]\nname = "a"\n[imports]\nsudoers = "sudo"\n')
    said = pkgscan("profile", "check", tmp_path / "p.toml").stdout
    assert b"base     none: host.os and host.version name no release; known: debian-11, debian-12" in said
    for key in (b"host.time_zone", b"host.user", b"host.os"):
        assert b"for lack of " + key in said
    (tmp_path / "p.toml").write_text('profile = 1\n[host]\nos = "debain"\nversion = "12"\n')
    said = pkgscan("profile", "check", tmp_path / "p.toml").stdout
    assert b"base     none: nothing is built in of debain-12; known: debian-11, debian-12" in said


def test_a_file_that_it_names_and_that_is_not_there(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """Told as a scan would, with the advice once."""
    (tmp_path / "p.toml").write_text('profile = 1\n[imports]\nunit_files = "none"\n')
    ran = pkgscan("profile", "check", tmp_path / "p.toml")
    assert (ran.returncode, ran.stderr.count(b"name a file that exists")) == (2, 1)
    (tmp_path / "p.toml").write_text('profile = 1\n[[signatures.trust]]\nvendor = "A"\nroots = ["no.pem"]\n')
    ran = pkgscan("profile", "check", tmp_path / "p.toml")
    assert (ran.returncode, ran.stderr.count(b"check the path")) == (2, 1)
    assert f"{tmp_path}/p.toml:4:10: {tmp_path}/no.pem: no such file".encode() in ran.stderr


def test_a_mistake_is_told_with_its_place(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("profile = 1\n[hots]\n")
    ran = pkgscan("profile", "check", tmp_path / "p.toml")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert f"{tmp_path}/p.toml:2:1: unknown key 'hots'; did you mean 'host'?".encode() in ran.stderr
    assert pkgscan("profile", "check", tmp_path / "none.toml").returncode == 2


def test_a_capture_is_imported_and_checked(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "df").write_text("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 9 1 8 11% /\n")
    ran = pkgscan("profile", "import", tmp_path / "df", "-o", tmp_path / "new")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert f"wrote {tmp_path}/new/profile.toml: mounts".encode() in ran.stdout
    assert b"stated   mounts" in pkgscan("profile", "check", tmp_path / "new/profile.toml").stdout


def test_the_script_is_one_that_a_shell_takes(pkgscan: Pkgscan, tmp_path: Path) -> None:
    (tmp_path / "capture.sh").write_bytes(pkgscan("profile", "script").stdout)
    assert subprocess.run(["sh", "-n", tmp_path / "capture.sh"], check=False).returncode == 0
