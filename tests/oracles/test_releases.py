"""Two releases of a real package: what did not change keeps its fingerprint, whatever moved around it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from suites import fetch_of

from command import Pkgscan
from downloads import DownloadError, cache_folder

# Each ships jobs for cron or timers, in both releases, in versions that differ.
NAMES = ("sysstat", "munin", "logrotate")
RELEASES = ("bookworm", "trixie")
NOW = "2026-07-15T12:00:00Z"
SAW_ALL = {0, 1}

Unchanged = tuple[str, str, str]  # rule, path below the package, message: what a person would call the same finding


def findings(pkgscan: Pkgscan, package: Path) -> list[dict[str, Any]]:
    done = pkgscan("scan", "--preview", "-f", "json", "--now", NOW, package)
    assert done.returncode in SAW_ALL, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def identity(finding: dict[str, Any]) -> Unchanged:
    return finding["rule"], finding["span"]["path"].partition("!/")[2], finding["message"]


def release(name: str, suite: str) -> Path:
    try:
        return fetch_of(suite, name, cache_folder("oracles"))
    except DownloadError as error:
        pytest.fail(f"package not fetched: {error}", pytrace=False)


@pytest.mark.parametrize("name", NAMES)
def test_unchanged_findings_keep_their_fingerprints(pkgscan: Pkgscan, name: str) -> None:
    old, new = (release(name, suite) for suite in RELEASES)
    assert old.name != new.name
    before, after = findings(pkgscan, old), findings(pkgscan, new)
    both = Counter(map(identity, before)) & Counter(map(identity, after))
    assert both, f"{name} has no finding in common in {old.name} and {new.name}"
    for same in both:
        marks = [{f["fingerprint"] for f in found if identity(f) == same} for found in (before, after)]
        assert marks[0] & marks[1], f"{same}: {marks}"
        if Counter(map(identity, before))[same] == Counter(map(identity, after))[same]:
            assert marks[0] == marks[1], f"{same}: {marks}"


@pytest.mark.parametrize("name", NAMES)
def test_fingerprints_tell_findings_apart(pkgscan: Pkgscan, name: str) -> None:
    found = findings(pkgscan, release(name, RELEASES[1]))
    assert len({finding["fingerprint"] for finding in found}) == len(found) > 0
