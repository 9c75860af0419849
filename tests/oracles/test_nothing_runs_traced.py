"""What the kernel saw of a scan: no program started, no network, nothing written but the declared outputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from command import PROGRAM
from hostile_cases import built, fixture
from planted import plant, started, tempting_zip

EXEC = ("execve", "execveat")
OPEN = ("open", "openat", "openat2", "creat")
# socketpair is how the processes of one scan talk; these are how one talks to others.
NETWORK = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendto")
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|\bcreat\(")
# What failed wrote nothing (the sandbox refuses byte code); an unnamed file is the spool, gone with its process.
ALLOWED = re.compile(r"= -1 E[A-Z]+ \(|\bO_TMPFILE\b")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ENDED = {0, 1, 3}
PATIENCE = 300
HOSTILE = fixture("cases").CASES


@pytest.fixture(scope="module")
def may_trace() -> None:
    done = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine does not let strace trace: {done.stderr.strip()}")


def traced(arguments: list[str], folder: Path, path: str) -> list[str]:
    """The system calls of a scan that start, open or connect, one a line; those of a process tree as they come."""
    log = folder / "trace"
    calls = ",".join((*EXEC, *OPEN, *NETWORK))
    command = ["strace", "-f", "-qq", "-s", "4096", "-e", f"trace={calls}", "-o", str(log), PROGRAM, *arguments]
    # With HOME unset the C library asks the name service for it, which is a socket of its own.
    env = {"PATH": path, "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode in ENDED, done.stderr.decode()
    return [line.partition(" ")[2].strip() for line in log.read_text(errors="replace").splitlines()]


def named(lines: list[str], calls: tuple[str, ...]) -> list[str]:
    return [line for line in lines if line.startswith(tuple(f"{call}(" for call in calls))]


@pytest.mark.usefixtures("may_trace")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_scan_starts_nothing_connects_nowhere_and_writes_only_its_outputs(tmp_path: Path, jobs: str) -> None:
    path, log = plant(tmp_path)
    package, outputs = tmp_path / "package.zip", tmp_path / "outputs"
    package.write_bytes(tempting_zip(tmp_path / "marker"))
    outputs.mkdir()
    written = [word for form in ("json", "sarif", "facts") for word in ("-o", f"{form}={outputs / form}")]
    arguments = ["scan", "--preview", "--jobs", jobs, *written, str(package)]
    traced(arguments, tmp_path, path)  # the first run may write the interpreter's byte code
    lines = traced(arguments, tmp_path, path)

    assert len(named(lines, EXEC)) == 1, named(lines, EXEC)  # strace starting the command itself
    assert named(lines, NETWORK) == []
    writes = [line for line in named(lines, OPEN) if WRITES.search(line) and not ALLOWED.search(line)]
    places = {QUOTED.search(line)[1] for line in writes}  # type: ignore[index]  # these calls name a path
    assert {place for place in places if os.path.dirname(place) != str(outputs)} <= {"/dev/null"}, writes
    assert places & {place for place in places if place.startswith(str(outputs))}
    assert started(log) == []
    assert not (tmp_path / "marker").exists()


@pytest.mark.usefixtures("may_trace")
def test_small_hostile_packages_start_nothing_and_write_nothing(tmp_path: Path) -> None:
    """All in one folder, so that one run reads them all."""
    path, log = plant(tmp_path)
    packages = tmp_path / "packages"
    packages.mkdir()
    for name, case in HOSTILE.items():
        if not case.heavy:
            built(case, name, packages)
    harmless(traced(["scan", "--no-config", "-o", f"json={tmp_path / 'report'}", "packages"], tmp_path, path), tmp_path)
    assert started(log) == []
    assert len(json.loads((tmp_path / "report").read_text())["findings"]) > len(HOSTILE)  # it did read them


@pytest.mark.usefixtures("may_trace")
@pytest.mark.parametrize("name", [name for name, case in HOSTILE.items() if case.heavy])
def test_a_heavy_hostile_package_starts_nothing_and_writes_nothing(tmp_path: Path, name: str) -> None:
    path, log = plant(tmp_path)
    package = built(HOSTILE[name], name, tmp_path)
    harmless(traced(["scan", "--no-config", "-q", str(package)], tmp_path, path), tmp_path)
    assert started(log) == []


def harmless(lines: list[str], folder: Path) -> None:
    """One start, which is that of the command; no network; nothing opened for writing but the report's own file."""
    assert len(named(lines, EXEC)) == 1, named(lines, EXEC)
    assert named(lines, NETWORK) == []
    writes = [line for line in named(lines, OPEN) if WRITES.search(line) and not ALLOWED.search(line)]
    places = {QUOTED.search(line)[1] for line in writes}  # type: ignore[index]  # these calls name a path
    own = {place for place in places if os.path.dirname(place) == str(folder) and "report" in os.path.basename(place)}
    assert places - own <= {"/dev/null"}, writes
