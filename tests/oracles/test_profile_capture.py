"""A profile of this very machine, made by the script for hosts without pkgscan, beside what its own tools say."""

from __future__ import annotations

import ctypes
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from comparison import do

from command import Pkgscan
from pkgscan.captures.ansible import ansible
from pkgscan.captures.profile import load_profile
from pkgscan.captures.source import Captured, read_capture
from pkgscan.captures.sudoers import sudoers
from pkgscan.captures.units import unit_files
from pkgscan.errors import UserError
from pkgscan.model import Span
from pkgscan.profile.globs import matches, matches_path
from pkgscan.profile.model import Host, Profile, Stated
from pkgscan.profile.release import release
from pkgscan.profile.target import Target

SUDOERS = """\
User_Alias OPS = deploy, %adm
Cmnd_Alias RESTART = /usr/bin/systemctl restart billing-*
root ALL=(ALL:ALL) ALL
OPS ALL=(root) NOPASSWD: RESTART, PASSWD: /usr/bin/apt
deploy ALL=(billing) !/usr/bin/psql
"""


@pytest.fixture(scope="module")
def folder(pkgscan_shared: Pkgscan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("capture")
    script = pkgscan_shared("profile", "script").stdout
    captured = subprocess.run(["sh", "-s"], input=script, capture_output=True, check=True)
    (base / "host.tar").write_bytes(captured.stdout)
    ran = pkgscan_shared("profile", "import", base / "host.tar", "-o", base / "profile")
    assert (ran.returncode, ran.stderr) == (0, b"")
    return base / "profile"


@pytest.fixture(scope="module")
def profile(folder: Path) -> Profile:
    return load_profile(str(folder / "profile.toml"))


def test_it_can_be_checked(pkgscan: Pkgscan, folder: Path) -> None:
    """Nothing is wrong with it, and what was captured is stated."""
    ran = pkgscan("profile", "check", folder / "profile.toml")
    assert ran.returncode == 0
    for table in ("host", "imports", "systemd", "mounts"):
        assert f"stated   {table}".encode() in ran.stdout


def test_units_are_those_of_systemctl(profile: Profile) -> None:
    """As JSON in the capture, and as text and without a legend here."""
    said = do("systemctl", "list-unit-files", "--no-pager", "--no-legend").decode().splitlines()
    assert {item.value for item in profile.systemd.units.items} == {line.split()[0] for line in said}
    masked = {line.split()[0] for line in said if line.split()[1].startswith("masked")}
    assert {item.value for item in profile.systemd.masked.items} == masked
    assert profile.systemd.units.complete


@pytest.mark.parametrize("options", [(), ("--no-legend",)], ids=["with a legend", "without"])
def test_units_as_text_are_those_as_json(profile: Profile, options: tuple[str, ...]) -> None:
    """What systemctl prints for people, in three columns; and in two, as older ones do, by leaving out the third."""
    text = do("systemctl", "list-unit-files", "--no-pager", *options).decode()
    two = "".join(f"{' '.join(line.split()[:2])}\n" for line in text.splitlines() if "listed." not in line)
    for output in (text, two):
        found = unit_files(Captured("printed", output)).systemd
        for ours, theirs in ((found.units, profile.systemd.units), (found.masked, profile.systemd.masked)):
            assert {item.value for item in ours.items} == {item.value for item in theirs.items}


def test_crontabs(profile: Profile) -> None:
    """As many jobs as python-crontab counts, else a note would say so; and none of a file that cron passes over."""
    files = [path for path in Path("/etc/cron.d").iterdir() if re.fullmatch(r"[A-Za-z0-9_-]+", path.name)]
    files += [path for path in (Path("/etc/crontab"),) if path.exists()]
    assert {Path(job.span.path).name for job in profile.jobs} <= {path.name for path in files}
    assert not [note for note in profile.notes if "python-crontab" in note]
    lines = [line for path in files for line in path.read_text().splitlines() if re.match(r"\s*[\d*@]", line)]
    assert len([job for job in profile.jobs if "/spool/" not in job.span.path]) == len(lines)


def test_system(profile: Profile) -> None:
    """Distribution and root file system."""
    assert profile.host.os is not None
    assert f"ID={profile.host.os.value}" in Path("/etc/os-release").read_text().splitlines()
    assert {"/"} <= {mount.path.value for mount in profile.mounts}
    room = os.statvfs("/")
    free = next(mount.free for mount in profile.mounts if mount.path.value == "/")
    assert free is not None
    assert abs(free.value - room.f_bavail * room.f_frsize) < 1 << 30  # others write meanwhile


def test_sudoers_with_aliases(tmp_path: Path) -> None:
    """Without -e cvtsudoers keeps the aliases: the complaint says what to do."""
    (tmp_path / "sudoers").write_text(SUDOERS)
    (tmp_path / "json").write_bytes(do("cvtsudoers", "-f", "json", tmp_path / "sudoers"))
    with pytest.raises(UserError, match="with -e"):
        sudoers(read_capture(str(tmp_path / "json")))


def test_sudoers(tmp_path: Path) -> None:
    """As cvtsudoers prints them."""
    (tmp_path / "sudoers").write_text(SUDOERS)
    (tmp_path / "json").write_bytes(do("cvtsudoers", "-e", "-f", "json", tmp_path / "sudoers"))
    grants = sudoers(read_capture(str(tmp_path / "json"))).sudo.grants
    assert [(grant.user, grant.command, grant.runas, grant.asks, grant.negated) for grant in grants] == [
        ("root", "ALL", ("ALL",), True, False),
        ("deploy", "/usr/bin/systemctl restart billing-*", ("root",), False, False),
        ("%adm", "/usr/bin/systemctl restart billing-*", ("root",), False, False),
        ("deploy", "/usr/bin/apt", ("root",), True, False),
        ("%adm", "/usr/bin/apt", ("root",), True, False),
        ("deploy", "/usr/bin/psql", ("billing",), True, True),
    ]


SORTS = {"automount", "mount", "path", "service", "slice", "socket", "target", "timer"}
RIGHTS = """\
games ALL=(root) NOPASSWD: /usr/bin/apt install [a-z]*, /usr/bin/id ""
games ALL=(root) /usr/bin/systemctl restart billing-*, /usr/bin/systemctl stop billing-*, /usr/bin/cat /var/log/*
games ALL=(daemon) /usr/bin/whoami
games ALL=(root) /usr/bin/*sum, !/usr/bin/md5sum, /usr/lib/apt/, /usr/bin/tail -[!f] *, /bin/echo a\\,b
games web1=(root) /usr/bin/uptime
%daemon ALL=(root) /usr/bin/uname
Defaults:news !authenticate
news ALL=(root) /usr/bin/id, PASSWD: /usr/bin/env
"""
ASKED = (
    "apt install foo", "apt install Foo", "apt install foo bar", "apt remove foo", "/usr/bin/apt install x",
    "/usr/bin/id", "id", "id -u", "systemctl restart billing-api", "systemctl restart billing-api nginx",
    "systemctl restart nginx", "/bin/systemctl stop billing-x", "cat /var/log/syslog", "cat /var/log/../../etc/shadow",
    "cat /etc/shadow", "whoami", "sha1sum", "sha256sum /etc/passwd", "md5sum", "/usr/lib/apt/apt-helper",
    "/usr/lib/apt/methods/http", "tail -n 5", "tail -f x", "echo a,b", "echo a", "uptime", "env",
)  # fmt: skip


def with_sudoers(path: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command where a file lies over /etc/sudoers, in a namespace that ends with it."""
    mounted = 'mount --bind "$1" /etc/sudoers && shift && exec "$@"'
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted, "sh", path, *command], check=False, capture_output=True
    )


@pytest.fixture(scope="module")
def rights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rights") / "sudoers"
    path.write_text(RIGHTS)
    path.chmod(0o440)
    do("visudo", "-cf", path)
    if with_sudoers(path, "true").returncode:
        pytest.skip("nothing may be mounted here, so sudo cannot be asked with rights of our own")
    return path


def test_sudo_rights_are_what_sudo_says(rights: Path) -> None:
    """As cvtsudoers prints them, and as `sudo -l` does into a file, which wraps its lines: each command is asked."""
    listed = rights.with_name("listed")
    listed.write_bytes(with_sudoers(rights, "sh", "-c", f"sudo -l -U games >{listed}.raw; cat {listed}.raw").stdout)
    converted = rights.with_name("json")
    converted.write_bytes(do("cvtsudoers", "-e", "-f", "json", rights))
    for path in (listed, converted):
        profile = sudoers(read_capture(str(path)))
        target = Target(msgspec.structs.replace(profile, host=Host(name=Stated("vm", Span("p")))))
        for command in ASKED:
            said = with_sudoers(rights, "sudo", "-l", "-U", "games", *command.split()).returncode == 0
            answer = target.sudo(command.split(), user="games")
            assert answer.holds is said, (path.name, command, answer)


def test_globs_are_those_of_the_system() -> None:
    """Of fnmatch(3), with and without FNM_PATHNAME; slashes in brackets POSIX and glibc take otherwise."""
    c = ctypes.CDLL(None)
    generator = random.Random(4)
    for _ in range(20_000):
        pattern = "".join(generator.choices("ab/*?[]!-c", k=generator.randrange(9)))
        text = "".join(generator.choices("ab/c]-", k=generator.randrange(7)))
        if "/" in pattern and "[" in pattern:
            continue
        for flags, ours in ((0, matches), (1, matches_path)):
            theirs = c.fnmatch(pattern.encode(), text.encode(), flags) == 0
            assert ours(pattern, text) == theirs, (pattern, text, flags)


def test_what_ansible_gathers(tmp_path: Path) -> None:
    """Its facts of this machine, and its packages as dpkg lists them; nothing that it knows beside."""
    home = {**os.environ, "HOME": str(tmp_path), "ANSIBLE_LOCALHOST_WARNING": "0", "PKGSCAN_CANARY": "c4n4ry"}
    for module in ("setup", "package_facts", "service_facts"):
        command = [shutil.which("ansible") or "ansible", "localhost", "-c", "local", "-m", module, "--tree", module]
        subprocess.run(command, cwd=tmp_path, env=home, check=True, capture_output=True)
    host = ansible(read_capture(str(tmp_path / "setup" / "localhost")))
    assert host.host.os is not None
    assert host.host.os.value in Path("/etc/os-release").read_text()
    assert host.host.cpus is not None
    assert host.host.cpus.value == os.cpu_count()
    assert "c4n4ry" in (tmp_path / "setup" / "localhost").read_text()
    assert "c4n4ry" not in repr(host)
    packages = ansible(read_capture(str(tmp_path / "package_facts" / "localhost"))).installed
    listed = do("dpkg-query", "-f", "${db:Status-Status} ${Package} ${Version}\\n", "-W").decode().splitlines()
    expected = {tuple(line.split()[1:]) for line in listed if line.startswith("installed ")}
    assert {item.value for item in packages} == expected
    said = json.loads((tmp_path / "service_facts" / "localhost").read_text())["ansible_facts"]["services"]
    units = ansible(read_capture(str(tmp_path / "service_facts" / "localhost"))).systemd.units
    there = {name for name, one in said.items() if name.endswith(".service") and one.get("status") != "not-found"}
    assert {item.value for item in units.items} == there
    assert not units.complete


def test_what_is_written_of_ansibles_facts(tmp_path: Path, pkgscan_shared: Pkgscan) -> None:
    """Of this machine's own: neither a variable of the environment, nor an address, nor its id."""
    home = {**os.environ, "HOME": str(tmp_path), "ANSIBLE_LOCALHOST_WARNING": "0", "PKGSCAN_CANARY": "c4n4ry"}
    command = [shutil.which("ansible") or "ansible", "localhost", "-c", "local", "-m", "setup", "--tree", "setup"]
    subprocess.run(command, cwd=tmp_path, env=home, check=True, capture_output=True)
    raw = tmp_path / "setup" / "localhost"
    facts = json.loads(raw.read_text())["ansible_facts"]
    secrets = {"c4n4ry", facts.get("ansible_machine_id"), *facts.get("ansible_all_ipv4_addresses", [])} - {None, ""}
    assert len(secrets) > 1
    ran = pkgscan_shared("profile", "import", raw, "-o", tmp_path / "profile")
    assert ran.returncode == 0
    written = "".join(path.read_text() for path in (tmp_path / "profile").rglob("*") if path.is_file())
    assert "ansible_distribution" in written
    assert not [secret for secret in secrets if secret in written]


def test_units_and_commands_of_the_release_are_those_of_dpkg() -> None:
    """Of every unit and command of this machine's packages of Debian 12 the built-in profile knows the package."""
    known = release("debian", "12")
    if known is None or 'VERSION_ID="12"' not in Path("/etc/os-release").read_text():
        pytest.skip("this machine is no Debian 12")
    names = do("dpkg-query", "-f", "${binary:Package} ${Maintainer}\\n", "-W").decode().splitlines()
    packages = [line.split()[0] for line in names if "debian.org" in line]
    missing = []
    for package in packages:
        for path in do("dpkg", "-L", package).decode().splitlines():
            folder, _, name = path.rpartition("/")
            if folder in {"/lib/systemd/system", "/usr/lib/systemd/system"} and name.rpartition(".")[2] in SORTS:
                missing += [] if known.unit(name) else [path]
            elif folder in {"/bin", "/sbin", "/usr/bin", "/usr/sbin"}:
                missing += [] if known.command(path) else [path]
    assert len(packages) > 100
    assert missing == []
