"""The story package and the story's host: contradictions with both sides, and no alarm about what the host has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from command import run_pkgscan

PACKAGES = Path(__file__).parents[2] / "fixtures/packages"
# Rules whose contradiction lies in what is missing from the profile, so that no line of it can be pointed to.
NOWHERE_STATED = {"untrusted-root", "unsigned-package"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Without and with the profile."""
    folder = tmp_path_factory.mktemp("story")
    run = partial(run_pkgscan, folder)
    pack = [sys.executable, PACKAGES / "pack.py", folder, "--version", "7.4.0"]
    subprocess.run(pack, check=True, capture_output=True)
    package, profile = folder / "billing-platform-7.4.0.zip", folder / "profile/profile.toml"
    words = ("scan", package, "-f", "json")
    plain, judged = (json.loads(run(*words, *more).stdout) for more in ((), ("-t", profile)))
    return plain, judged


def of_profile(finding: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in finding["related"] if one["span"]["path"].endswith("profile.toml")]


def test_without_a_profile_at_most_two_are_high(reports: tuple[dict[str, Any], dict[str, Any]]) -> None:
    plain, _ = reports
    assert len([one for one in plain["findings"] if one["severity"] == "high"]) <= 2
    assert not [one for one in plain["findings"] if one["category"] == "contradiction"]


def test_every_contradiction_has_both_sides(reports: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The line of the package is the finding's place; the line of the profile is among the related ones."""
    _, judged = reports
    found = [one for one in judged["findings"] if one["category"] == "contradiction"]
    assert {"job-in-maintenance-window"} <= {one["rule"] for one in found}
    for one in found:
        assert one["span"]["path"].startswith("billing-platform-7.4.0.zip")
        assert of_profile(one) or one["rule"] in NOWHERE_STATED, one["message"]


def test_each_contradiction_is_one_finding(reports: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, judged = reports
    told = Counter((one["rule"], json.dumps(one["span"])) for one in judged["findings"])
    assert [key for key, count in told.items() if count > 1] == []


def test_what_the_host_has_is_nothing_high(reports: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Of assumptions that are met no finding of the same line is high."""
    plain, judged = reports
    assert [one["verdict"] for one in plain["assumptions"]] == ["not known"] * len(plain["assumptions"])
    met = {one["subject"]: one for one in judged["assumptions"] if one["verdict"] == "met"}
    assert {"billing", "invoices", "customers", "invoice_lines"} <= set(met)
    lacking = [one for one in judged["findings"] if one["severity"] == "high" and one["rule"].startswith("missing-")]
    for one in lacking:
        assert not [subject for subject in met if subject in one["message"]], one["message"]
    not_met = [one for one in judged["assumptions"] if one["verdict"] == "not met"]
    assert all(one["stated"] for one in not_met)
