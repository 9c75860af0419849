"""Which files the real cron daemon heeds, seen by the marks of their @reboot jobs, and what cron-file-ignored says."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pkgscan.testing import scan

SECONDS = "5"  # the daemon starts its @reboot jobs within two
# The daemon sees a cron.d, a spool and a /run of its own, and nothing outside sees them.
RUN = """
mount --make-rprivate / && mount -t tmpfs none /run && mkdir -p /var/spool/cron && mount -t tmpfs none /var/spool/cron
mkdir -p /var/spool/cron/crontabs /etc/cron.d && mount --bind "$1" /etc/cron.d && timeout "$2" cron -f
"""


class File(msgspec.Struct, frozen=True):
    """A file of cron.d, and whether cron heeds it. `{job}` stands for a command that leaves a mark."""

    name: str
    text: str = "@reboot root {job}\n"
    mode: int = 0o644
    owner: int = 0
    link: str = ""  # the file it is a second name of


FILES = (
    File("plain"),
    File("With_Capitals-2"),
    File("0digits"),
    File("billing.cron"),
    File("billing~"),
    File("bill+ing"),
    File("bill ing"),
    File("group-writable", mode=0o664),
    File("other-writable", mode=0o646),
    File("secret", mode=0o600),
    File("executable", mode=0o755),
    File("owned", owner=1),
    File("twin"),
    File("twin2", link="twin"),
    File("no-newline", "@reboot root {job}"),
    File("comment-without-newline", "@reboot root {job}\n# end"),
    File("blank-without-newline", "@reboot root {job}\n  "),
    File("no-user", "@reboot {job}\n"),
    File("no-user-below", "@reboot root {job}\n0 3 * * * /opt/x/run --all\n"),
    File("bad-field-below", "@reboot root {job}\n0 24 * * * root x\n"),
    File("empty-mailto", "MAILTO=\n@reboot root {job}\n"),
    File("quoted-mailto", 'MAILTO=""\n@reboot root {job}\n'),
    File("windows", "# x\r\n@reboot root {job} \r\n"),
    File("windows-blank", "@reboot root {job}\n\r\n"),
    File("mark", "\ufeff# x\n@reboot root {job}\n"),
    File("dash", "@reboot root {job}\n-0 3 * * * root x\n"),
    File("group", "@reboot root:root {job}\n"),
    File("nowhere-to-go", "@reboot root {job}\n0 22-2 31 2 * root x\n"),
    File("percent", "@reboot root {job} \\%x%y\n"),
    File("no-command", "@reboot root {job}\n0 3 * * * root\n"),
    File("no-command-but-blank", "@reboot root {job}\n0 3 * * * root \n"),
    File("long-command", "@reboot root {job}\n0 3 * * * root " + "x" * 999 + "\n"),
    File("long-enough-command", "@reboot root {job}\n0 3 * * * root " + "x" * 998 + "\n"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cron.d")
    for file in FILES:
        path = folder / file.name
        if file.link:
            path.hardlink_to(folder / file.link)
            continue
        path.write_bytes(file.text.replace("{job}", f"touch '{marks(folder)}/{file.name}'").encode())
        path.chmod(file.mode)
        os.chown(path, file.owner, file.owner)
    marks(folder).mkdir()
    return folder


def marks(folder: Path) -> Path:
    return folder.parent / "marks"


@pytest.fixture(scope="module")
def heeded(folder: Path) -> set[str]:
    for tool in ("cron", "unshare", "mount"):
        assert shutil.which(tool), f"{tool} is not installed; run tests/oracles/install.sh"
    done = subprocess.run(["unshare", "--mount", "sh", "-ec", RUN, "sh", str(folder), SECONDS], check=False)
    assert done.returncode == 124, "the daemon did not run until it was stopped"
    return {path.name for path in marks(folder).iterdir()}


@pytest.fixture(scope="module")
def ignored(folder: Path) -> set[str]:
    """The files that the rule speaks of, in a package that records modes, owners and second names: a deb's data.tar."""
    package = folder.parent / "package_1_all.deb"
    data = folder.parent / "data.tar"
    with tarfile.open(data, "w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, f"./etc/cron.d/{path.name}")
    package.write_bytes(
        b"!<arch>\n" + b"".join(ar_members(("debian-binary", b"2.0\n"), ("data.tar", data.read_bytes())))
    )
    found = scan(str(package), ("cron-file-ignored",)).findings
    return {finding.span.path.rpartition("/")[2] for finding in found if finding.span}


def ar_members(*members: tuple[str, bytes]) -> Iterator[bytes]:
    for name, data in members:
        yield f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)


SPECIAL = {"twin", "twin2", "billing~"}


@pytest.mark.parametrize("name", sorted({file.name for file in FILES} - SPECIAL))
def test_cron_heeds_what_the_rule_is_silent_about(name: str, heeded: set[str], ignored: set[str]) -> None:
    assert (name in ignored) is (name not in heeded)


def test_cron_heeds_neither_name_of_a_file_that_has_two(heeded: set[str], ignored: set[str]) -> None:
    assert not {"twin", "twin2"} & heeded
    assert {"twin", "twin2"} & ignored


def test_a_file_set_aside_on_purpose_is_no_finding(heeded: set[str], ignored: set[str]) -> None:
    assert "billing~" not in heeded | ignored
