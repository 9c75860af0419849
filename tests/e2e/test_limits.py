"""Every limit that a package can reach is said in every form of the report, with the flag that raises it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from built_archives import builder
from command import Pkgscan
from hostile_cases import fixture
from packing import zip_of
from pkgscan.archive.limits import Limits

INCOMPLETE = 3
MIB = 1 << 20


def zeros_gz() -> bytes:
    """Twelve gibibytes of zeros: more than any processor unpacks and hashes in two seconds. Its end is left out."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + block * 12_288


ENDLESS = ("ratio=1m", "entry=1t", "unpacked=1t")  # so that time alone ends it
PLAIN = zip_of({f"file{number}": b"text\n" * 100 for number in range(5)})
NESTED = zip_of({"inner.zip": zip_of({"innermost.zip": PLAIN})})

# A job of a line of 900 characters costs the reader of command lines 50 ms or so: 300 of them are not read in a second.
SLOW_CRONTAB = b"0 3 * * * root %s\n" % (b"a;" * 450) * 300

# The limit, the settings that bring it within reach, and a package that meets it. Not here: ratio_floor and
# spool_memory, which are no limits but say from when on one holds, and gaps, which has a test of its own.
CASES: dict[str, tuple[tuple[str, ...], Callable[[], bytes]]] = {
    "entries": (("entries=3",), lambda: PLAIN),
    "archive_entries": (("archive_entries=3",), lambda: PLAIN),
    "unpacked": (("unpacked=1k",), lambda: PLAIN),
    "entry": (("entry=100",), lambda: PLAIN),
    "depth": (("depth=1",), lambda: NESTED),
    "ratio": (("ratio=2", "ratio_floor=1k"), lambda: PLAIN),
    "metadata": (("metadata=100",), lambda: builder("xar").build([])),
    "name": (("name=8",), lambda: zip_of({"a-longer-name": b"text\n"})),
    "buffer": (("buffer=40",), lambda: zip_of({"etc/cron.d/app": b"0 3 * * * root /opt/app/run.sh\n" * 2})),
    "payload": (("payload=1k",), lambda: zip_of({"setup.sh": b"#!/bin/sh\n" + b"# text\n" * 20_000 + bytes(99)})),
    "spool": (("spool=100",), lambda: NESTED),
    "paths": (("paths=20",), lambda: PLAIN),
    # Its header asks for a dictionary of 384 MiB.
    "memory": (("memory=64m",), lambda: fixture("streams").xz_with_dictionary(b"text\n", 33)),
    "commands": (("commands=200",), lambda: zip_of({"etc/cron.d/app": b"0 3 * * * root /opt/app/run.sh\n" * 5})),
    "entry_cpu": (("entry_cpu=1", "commands=1m"), lambda: zip_of({"etc/cron.d/app": SLOW_CRONTAB})),
    "archive_cpu": (("archive_cpu=1", *ENDLESS), zeros_gz),
    "cpu": (("cpu=1", *ENDLESS), zeros_gz),
    "findings": (("findings=1",), lambda: zip_of({"/a": b"", "/b": b""})),
}


@pytest.mark.parametrize("key", CASES)
def test_a_limit_is_said_everywhere(key: str, pkgscan: Pkgscan, tmp_path: Path) -> None:
    settings, content = CASES[key]
    package = tmp_path / "package"
    package.write_bytes(content())
    flags = [f"--limit={setting}" for setting in settings]
    done = pkgscan("scan", *flags, "-o", "json=report.json", "-o", "sarif=report.sarif", package)
    assert done.returncode == INCOMPLETE, done.stderr.decode()
    reason = f"limit-{key.replace('_', '-')}"
    assert reason in done.stderr.decode()
    for said in (in_text(done.stdout.decode()), in_json(tmp_path / "cwd"), in_sarif(tmp_path / "cwd")):
        told = [detail for found, detail in said if found == reason]
        assert told, said
        assert all(f"--limit {key}=N" in detail for detail in told)


def test_gaps_that_are_not_told_are_counted_everywhere(pkgscan: Pkgscan, tmp_path: Path) -> None:
    fixture("extremes").build_many_encrypted(str(tmp_path / "package"), count=5)
    done = pkgscan("scan", "--limit=gaps=2", "-o", "json=report.json", "-o", "sarif=report.sarif", tmp_path / "package")
    assert done.returncode == INCOMPLETE, done.stderr.decode()
    more = "and 3 more like it, not told one by one; raise it with --limit gaps=N"
    assert more in " ".join(done.stdout.decode().split())
    assert more in [detail for _, detail in in_json(tmp_path / "cwd")]
    assert any(more in message for _, message in in_sarif(tmp_path / "cwd"))


def test_no_limit_is_forgotten() -> None:
    others = {"ratio_floor", "spool_memory", "gaps"}
    assert set(CASES) | others == set(Limits.__struct_fields__)


def in_text(page: str) -> list[tuple[str, str]]:
    """(reason, all that follows) of the gaps on a page, its lines made one."""
    _, _, gaps = page.partition("Not seen or not understood")
    pieces = " ".join(gaps.split()).split("unread ")[1:]
    return [(piece.partition(" ")[0], piece) for piece in pieces]


def in_json(folder: Path) -> list[tuple[str, str]]:
    """(reason, detail) of the gaps."""
    report = json.loads((folder / "report.json").read_text())
    assert report["gate"]["result"] == "incomplete"
    assert report["package"]["path"] == "package"
    return [(gap["reason"], gap["detail"]) for gap in report["gaps"] if gap["effect"] == "unread"]


def in_sarif(folder: Path) -> list[tuple[str, str]]:
    """(reason, message) of the results that are gaps."""
    results: list[dict[str, Any]] = json.loads((folder / "report.sarif").read_text())["runs"][0]["results"]
    return [
        (result["properties"]["reason"], result["message"]["text"])
        for result in results
        if result["ruleId"] == "gap/unread"
    ]
