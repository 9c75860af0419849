"""The same package gives the same bytes at any number of workers, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import Pkgscan
from packing import deb_of, tar_of, zip_of

NOW = "2026-07-15T12:00:00Z"
FORMATS = ("text", "json", "sarif", "facts")
JOBS = ("1", "2", "4")
ENDED = {b"0", b"1", b"3"}  # a verdict, whichever


def outputs(pkgscan: Pkgscan, package: Path, jobs: str) -> dict[str, bytes]:
    """Everything a scan writes, by where it goes."""
    target = package.parent / f"out-{jobs}"
    target.mkdir()
    written = [word for name in FORMATS for word in ("-o", f"{name}={target / name}")]
    done = pkgscan("scan", "--preview", "--jobs", jobs, "--now", NOW, "--no-progress", *written, package)
    assert all((target / name).exists() for name in FORMATS), done.stderr.decode()
    files = {name: (target / name).read_bytes() for name in FORMATS}
    return {"exit": str(done.returncode).encode(), "stdout": done.stdout, "stderr": done.stderr, **files}


def nested() -> bytes:
    """Archives in archives with jobs, scripts and damage at several depths; names that only order can tell apart."""
    jobs = {
        f"etc/cron.d/job{n}": f"{n} 3 * * * root /opt/app/run{n}.sh >>/var/log/a{n}.log\n".encode() for n in range(40)
    }
    scripts = {f"opt/app/run{n}.sh": f"#!/bin/sh\necho {n}\n".encode() for n in range(0, 40, 2)}
    inner = tar_of(jobs | scripts, "w:gz")
    deb = deb_of({"./etc/cron.daily/tidy": b"#!/bin/sh\nrm -rf /tmp/app\n"}, {"./postinst": b"#!/bin/sh\ntrue\n"})
    twice = zip_of({"inner.tar.gz": inner, "copy/inner.tar.gz": inner, "app_1.0_all.deb": deb})
    cut = tar_of({"etc/cron.d/late": b"*/61 * * * * root true\n" * 200}, "w:gz")[:-40]
    files = {f"data/{n:03}.txt": b"x" * (n * 997 % 5000) for n in range(300)}
    return zip_of({**files, "twice.zip": twice, "cut.tgz": cut, "z.tar.xz": tar_of({"more.tar": inner}, "w:xz")})


@pytest.fixture(params=["story", "nested"])
def package(request: pytest.FixtureRequest, story_zip: Path, tmp_path: Path) -> Path:
    target = tmp_path / "package.zip"
    target.write_bytes(story_zip.read_bytes() if request.param == "story" else nested())
    return target


def test_output_is_the_same_at_any_number_of_workers(pkgscan: Pkgscan, package: Path) -> None:
    first, *others = (outputs(pkgscan, package, jobs) for jobs in JOBS)
    assert first["exit"] in ENDED
    assert json.loads(first["facts"])["entries"]
    for other in others:
        assert [name for name, content in other.items() if content != first[name]] == []


def test_standard_input_reads_the_same(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    """The name differs, and so do the paths; what is seen and how the gate decides does not."""
    named = pkgscan("scan", "-o", f"facts={tmp_path / 'named'}", package)
    with package.open("rb") as file:
        piped = pkgscan("scan", "-o", f"facts={tmp_path / 'piped'}", "-", stdin=file)
    assert piped.returncode == named.returncode
    assert digests(tmp_path / "piped") == digests(tmp_path / "named") != []


def digests(facts: Path) -> list[str]:
    """The content of every entry, in the order of the file."""
    return sorted(entry["sha256"] for entry in json.loads(facts.read_bytes())["entries"])
