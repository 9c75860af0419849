"""The story package and the story's host: contradictions with both sides, and no alarm about what the host has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from command import run_pkgscan

PACKAGES = Path(__file__).parents[2] / "fixtures/packages"

Report = dict[str, Any]
COMPLETE = "complete = true\nreachable = ["
QUEUE = '[[databases.tables]]\nname = "public.import_queue"\nrows = 10\nbytes = "8 KiB"\n'
# What is changed in the story's profile so that its host has all that the package takes for granted.
OBLIGING = (
    ('"/usr/bin/sftp"]', '"/usr/bin/sftp", "/usr/bin/sudo"]'),
    ('"cron.service"]', '"cron.service", "billing-worker.service"]'),
    ('renamed = { "billing-worker.service" = "billing-jobs.service" }', ""),
    ('mode = "none"', 'mode = "nopasswd"'),
    ('"rates.vendor.example:443"]', '"rates.vendor.example:443", "sftp-old.vendor.example"]'),
    ('start = "02:00"\nend = "03:30"', 'start = "12:00"\nend = "14:30"'),
    ('[[databases.tables]]\nname = "public.invoices"', QUEUE + '[[databases.tables]]\nname = "public.invoices"'),
    ('rows = 48_000_000\nbytes = "31 GiB"', 'rows = 48\nbytes = "31 KiB"'),
    ('rows = 310_000_000\nbytes = "88 GiB"', 'rows = 310\nbytes = "88 KiB"'),
    ('rows = 2_100_000\nbytes = "1 GiB"', 'rows = 21\nbytes = "1 KiB"'),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story package and its profile, packed."""
    folder = tmp_path_factory.mktemp("story")
    pack = [sys.executable, PACKAGES / "pack.py", folder, "--version", "7.4.0"]
    subprocess.run(pack, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def reports(folder: Path) -> tuple[Report, Report]:
    """Without and with the profile."""
    return scanned(folder), scanned(folder, "-t", folder / "profile/profile.toml")


def scanned(folder: Path, *options: str | Path) -> Report:
    ran = run_pkgscan(folder, "scan", folder / "billing-platform-7.4.0.zip", "-f", "json", *options)
    report: Report = json.loads(ran.stdout)
    return report


def scanned_for(folder: Path, text: str) -> Report:
    """The report for a host that a text describes, in a profile beside the story's."""
    profile = folder / "profile/other-profile.toml"
    profile.write_text(text)
    return scanned(folder, "-t", profile)


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def standing_on(row: Report, report: Report) -> list[Report]:
    """The high findings of a report that stand on a row of its assumptions: that name it, or point to its line.

    Not those that are high because a table which is there is large, and say how large; nor defects of the package
    itself, nor those that stand on another row, since they point to the line that says it is not met.
    """
    others = [one for one in report["assumptions"] if one["verdict"] == "not met" and one != row]

    def stands(finding: Report) -> bool:
        spans = [near["span"] for near in of_profile(finding)]
        is_of_another = any(is_at(span, other) for span in spans for other in others)
        return any(is_at(span, row) for span in spans) or (row["subject"] in finding["evidence"] and not is_of_another)

    def is_of_size(finding: Report) -> bool:
        return any(near["message"].startswith(f"{row['subject']} has ") for near in of_profile(finding))

    grave = (one for one in report["findings"] if one["severity"] == "high" and one["category"] != "defect")
    return [one for one in grave if stands(one) and not is_of_size(one)]


def is_at(span: Report, row: Report) -> bool:
    return bool(row["stated"]) and (span["path"], span["first_line"]) == (
        row["stated"]["path"], row["stated"]["first_line"],
    )  # fmt: skip


def of_profile(finding: Report) -> list[Report]:
    return [one for one in finding["related"] if one["span"]["path"].endswith("profile.toml")]


def test_without_a_profile_at_most_two_are_high(reports: tuple[Report, Report]) -> None:
    plain, _ = reports
    assert len([one for one in plain["findings"] if one["severity"] == "high"]) <= 2
    assert not [one for one in plain["findings"] if one["category"] == "contradiction"]


def test_every_contradiction_has_both_sides(reports: tuple[Report, Report]) -> None:
    """The line of the package is the finding's place; the line of the profile is among the related ones."""
    _, judged = reports
    found = [one for one in judged["findings"] if one["category"] == "contradiction"]
    assert {"job-in-maintenance-window"} <= {one["rule"] for one in found}
    for one in found:
        assert one["span"]["path"].startswith("billing-platform-7.4.0.zip")
        assert of_profile(one), one["message"]


def test_each_contradiction_is_one_finding(reports: tuple[Report, Report]) -> None:
    _, judged = reports
    told = Counter((one["rule"], json.dumps(one["span"])) for one in judged["findings"])
    assert [key for key, count in told.items() if count > 1] == []


def test_what_the_host_has_is_nothing_high(reports: tuple[Report, Report]) -> None:
    plain, judged = reports
    assert [one["verdict"] for one in plain["assumptions"]] == ["not known"] * len(plain["assumptions"])
    met = [one for one in judged["assumptions"] if one["verdict"] == "met"]
    assert {"billing", "billing-api.service", "invoices", "psql"} <= {one["subject"] for one in met}
    assert {one["kind"] for one in met} >= {"system", "unit", "database", "table", "user", "command", "disk"}
    for row in met:
        assert [one["message"] for one in standing_on(row, judged)] == [], row["subject"]
    not_met = [one for one in judged["assumptions"] if one["verdict"] == "not met"]
    assert all(one["stated"] for one in not_met)


def test_a_host_that_has_all_makes_nothing_high(folder: Path, reports: tuple[Report, Report]) -> None:
    """What remains high is what is high without any profile: defects of the package itself."""
    text = (folder / "profile/profile.toml").read_text()
    endpoints, _, rest = text.partition("[[endpoints.retired]]")
    _, mounts, rest = rest.partition("[[mounts]]")
    report = scanned_for(folder, changed(endpoints + mounts + rest.partition("[signatures]")[0], *OBLIGING))
    assert {one["subject"]: one["verdict"] for one in report["assumptions"] if one["verdict"] != "met"} == {}
    assert high(report) == high(reports[0])
    assert [one["message"] for one in report["findings"] if one["category"] == "contradiction"] == []


def high(report: Report) -> list[tuple[str, list[str]]]:
    return [(one["rule"], one["evidence"]) for one in report["findings"] if one["severity"] == "high"]


@pytest.mark.parametrize(
    ("kind", "subject", "changes"),
    [
        ("unit", "billing-api.service", [('"billing-api.service", ', "")]),
        ("user", "billing", [('"postgres", "billing"]', '"postgres"]\ncomplete = true')]),
        ("command", "curl", [('"/usr/bin/curl", ', ""), ("users = [", "complete = true\nusers = [")]),
        ("host", "sftp-old.vendor.example", [('host = "sftp-old', 'host = "sftp-older'), ("reachable = [", COMPLETE)]),
    ],
)
def test_what_the_host_lacks_is_high(folder: Path, kind: str, subject: str, changes: list[tuple[str, str]]) -> None:
    """The test of what is met would see it."""
    report = scanned_for(folder, changed((folder / "profile/profile.toml").read_text(), *changes))
    (row,) = (one for one in report["assumptions"] if (one["kind"], one["subject"]) == (kind, subject))
    assert row["verdict"] == "not met"
    assert standing_on(row, report)
