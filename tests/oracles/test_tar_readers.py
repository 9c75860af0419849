"""Tars that common readers take for different members: GNU tar, bsdtar, 7z, Python's tarfile, and the library in use.

Where two of them differ and neither says so, the audit must; where all agree, it must be silent.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hostile_cases import fixture
from pkgscan.archive.libarchive import reader as libarchive
from pkgscan.archive.member import Damage, Member
from pkgscan.archive.tar.audit import TarAudit


class Seen(NamedTuple):
    """What one reader sees: names, the targets of links where it tells them, and all contents, without zeros."""

    names: tuple[str, ...]
    targets: tuple[str, ...] | None
    content: bytes


def run(*command: object) -> bytes | None:
    """What a tool writes; nothing where it says that something is wrong."""
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def by_tar(program: str) -> Callable[[Path], Seen | None]:
    def read(path: Path) -> Seen | None:
        listed, told = run(program, "-tf", path), run(program, "-tvf", path)
        content = run(program, "-xOf", path)
        if listed is None or told is None or content is None:
            return None
        targets = re.findall(r" (?:->|link to) (.+)", told.decode("latin-1"))
        # bsdtar writes zeros to a pipe for a directory that has a size.
        return Seen(plain(listed.decode("latin-1").splitlines()), tuple(targets), content.replace(b"\0", b""))

    return read


def by_7z(path: Path) -> Seen | None:
    listed, content = run("7z", "l", "-slt", "-ttar", path), run("7z", "x", "-so", "-ttar", path)
    if listed is None or content is None:
        return None
    rows = listed.decode("latin-1").partition("----------\n")[2]
    return Seen(plain(re.findall(r"^Path = (.*)$", rows, re.MULTILINE)), None, content.replace(b"\0", b""))


def by_python(path: Path) -> Seen | None:
    names, targets, content = [], [], b""
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                names.append(member.name)
                targets += [member.linkname] if member.issym() or member.islnk() else []
                file = archive.extractfile(member) if not (member.issym() or member.islnk()) else None
                content += file.read() if file else b""
    except (tarfile.TarError, OSError, ValueError):
        return None
    return Seen(plain(names), tuple(targets), content.replace(b"\0", b""))


def by_library(path: Path) -> Seen | None:
    names, targets, content = [], [], b""
    with path.open("rb") as file:
        try:
            for member in libarchive.members(lambda: file.read(65_536), b""):
                if isinstance(member, Damage):
                    return None
                assert isinstance(member, Member)
                names.append(member.name.decode("latin-1"))
                targets += [member.link_target.decode("latin-1")] if member.link_target else []
                content += b"".join(member.content)
        except Damage:
            return None
    return Seen(plain(names), tuple(targets), content.replace(b"\0", b""))


def plain(names: list[str]) -> tuple[str, ...]:
    """Names without the slashes that some take off, and without the notes of a list."""
    return tuple(name.partition("--")[0].strip("/") for name in names)


READERS = (by_tar("tar"), by_tar("bsdtar"), by_7z, by_python, by_library)
LYING: Any = fixture("tar_readers")
BUILDERS = {name.removeprefix("build_"): build for name, build in vars(LYING).items() if name.startswith("build_")}
ALIKE = {"size_of_directory"}


def audited(path: Path) -> bool:
    with path.open("rb") as file:
        audit = TarAudit(lambda: file.read(65_536))
        while audit.pull():
            pass
    return bool(audit.differences)


@pytest.mark.parametrize("name", BUILDERS)
def test_readers_differ_where_the_audit_says_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.tar"
    BUILDERS[name](str(path))
    seen = [found for read in READERS if (found := read(path)) is not None]
    assert len(seen) > 1
    differ = (
        len({(found.names, found.content) for found in seen}) > 1
        or len({found.targets for found in seen if found.targets is not None}) > 1
    )
    assert differ == audited(path) == (name not in ALIKE)


@pytest.mark.parametrize("version", ["0.0", "0.1", "1.0"])
@pytest.mark.parametrize("name", ["a", "ünïcode", "n" * 200, "folder/" * 30 + "n" * 120, "/".join("x" * 60)])
def test_a_sparse_file_is_read_alike(version: str, name: str, tmp_path: Path) -> None:
    tree, path = tmp_path / "tree", tmp_path / "sparse.tar"
    file = tree / name
    file.parent.mkdir(parents=True)
    with file.open("wb") as holes:
        holes.truncate(3 << 20)
        holes.seek(1 << 20)
        holes.write(b"x")
    form = ["--format=posix", "--sparse", f"--sparse-version={version}"]
    subprocess.run(["tar", *form, "-cf", path, "-C", tree, "."], check=True)
    assert path.stat().st_size < 1 << 20
    assert not audited(path)


@pytest.mark.parametrize(
    "option", ["--format=gnu", "--format=posix", "--format=ustar", "--listed-incremental=SNAPSHOT"]
)
def test_what_tars_write_is_read_alike(option: str, tmp_path: Path) -> None:
    tree, path = tmp_path / "tree", tmp_path / "plain.tar"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc" / ("n" * 99)).write_text("hello\n")
    (tree / "etc" / "link").symlink_to("n" * 99)
    (tree / "etc" / "hard").hardlink_to(tree / "etc" / ("n" * 99))
    option = option.replace("SNAPSHOT", str(tmp_path / "snapshot"))
    subprocess.run(["tar", option, "-cf", path, "-C", tree, "."], check=True)
    assert not audited(path)
