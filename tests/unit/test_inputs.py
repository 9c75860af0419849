"""What the user may name: names in any bytes, folders with parts nobody may read, systems without nameless files."""

from __future__ import annotations

import errno
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pkgscan.archive.member import Damage, Member
from pkgscan.archive.nameless import disk_file, memory_file
from pkgscan.cli.settings import default_jobs
from pkgscan.inputs import open_input, tree_members
from pkgscan.scanning import Options, scan_here

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [(b"caf\xe9.zip", "caf\\xe9.zip"), ("café.zip".encode(), "café.zip"), (b"a\n\x1b[31m.zip", "a\n\x1b[31m.zip")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_name_is_text_whatever_its_bytes(tmp_path: Path, name: bytes, text: str, kind: str) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    if kind == "directory":
        os.mkdir(path)
    else:
        Path(os.fsdecode(path)).write_bytes(b"content")
    source = open_input(os.fsdecode(path))
    source.close()
    assert source.name == text
    assert os.fsencode(source.path) == path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "open").mkdir(parents=True)
    (root / "shut").mkdir()
    for name in ("a", "open/b", "secret", "shut/c", "z"):
        (root / name).write_bytes(b"content")
    return root


def refuse(monkeypatch: pytest.MonkeyPatch, *paths: bytes) -> None:
    """Opening these below a directory fails, as it does for who has no right to."""
    real = os.open

    def open_others(path: str | bytes, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path in paths:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", open_others)


def test_what_cannot_be_read_costs_itself_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, b"secret", b"shut")
    report = scan_here(str(tree), Options(now=NOW))
    said = {(gap.span.path, gap.reason, gap.detail) for gap in report.gaps if gap.span}
    assert said == {
        ("tree!/secret", "unreadable", "secret cannot be read: Permission denied"),
        ("tree", "unreadable", "shut cannot be read: Permission denied"),
    }
    assert report.package.entries == len(("a", "open", "open/b", "secret", "shut", "z"))
    assert report.gate.result == "incomplete"


def test_what_vanishes_is_said(tree: Path) -> None:
    source = open_input(str(tree))
    members = tree_members(source)
    first = next(members)
    (tree / "secret").unlink()
    (tree / "shut" / "c").unlink()
    (tree / "shut").rmdir()
    rest = list(members)
    assert isinstance(first, Member)
    assert [member.name for member in rest if isinstance(member, Member)] == [b"open", b"z", b"open/b"]
    gone = "cannot be read: No such file or directory"
    assert [damage.detail for damage in rest if isinstance(damage, Damage)] == [f"secret {gone}", f"shut {gone}"]
    source.close()


def test_an_input_that_cannot_be_listed_is_said(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_input(str(tree))
    refuse(monkeypatch, b".")
    assert [type(member) for member in tree_members(source)] == [Damage]
    source.close()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has neither files in memory nor files without a name."""
    for name in ("memfd_create", "O_TMPFILE"):
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(tempfile, "_O_TMPFILE_WORKS", False, raising=False)  # what it found out when it was loaded


@pytest.mark.usefixtures("bare")
def test_systems_without_nameless_files() -> None:
    for fd in (memory_file("test"), disk_file()):
        assert os.write(fd, b"content") == len(b"content")
        assert os.pread(fd, 99, 0) == b"content"
        assert os.fstat(fd).st_nlink == 0
        os.close(fd)


def test_a_file_system_without_nameless_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    fd = disk_file()
    assert os.fstat(fd).st_nlink == 0
    os.close(fd)


@pytest.mark.usefixtures("bare")
def test_standard_input_on_systems_without_nameless_files(tmp_path: Path) -> None:
    (tmp_path / "package").write_bytes(b"content")
    saved = os.dup(0)
    with open(tmp_path / "package", "rb") as file:
        os.dup2(file.fileno(), 0)
    try:
        source = open_input("-")
    finally:
        os.dup2(saved, 0)
        os.close(saved)
    assert b"".join(source.window().blocks()) == b"content"
    source.close()


def test_jobs_where_the_system_tells_no_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert default_jobs() == 2
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert default_jobs() == 1
