"""Rules and readers of third parties, each in a distribution of its own, work once pip has installed them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import Pkgscan
from packing import zip_of

PLUGINS = Path(__file__).parents[1] / "plugins"
FILES = {
    "etc/billing.conf": b"user = billing\n",
    "etc/billing.conf~": b"password = old\n",
    "opt/app/jobs.beat": b"every 3600s /opt/app/report\nevery 5s /opt/app/poll\nnow and then\n",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed both distributions, without a network."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    plugins = [str(PLUGINS / name) for name in ("acme-rules", "acme-beat")]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(target), *plugins], check=True)
    return target


@pytest.fixture
def environment(installed: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(installed)}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(zip_of(FILES))
    return path


def found(report: dict[str, list[dict[str, object]]]) -> list[tuple[object, object, object]]:
    findings: list[dict[str, object]] = [one for one in report["findings"] if str(one["rule"]).startswith("acme/")]
    return [(one["rule"], one["message"], one["span"]["first_line"]) for one in findings]  # type: ignore[index]


def test_their_findings_are_in_the_report(pkgscan: Pkgscan, package: Path, environment: dict[str, str]) -> None:
    done = pkgscan("scan", "-f", "json", package, env=environment)
    report = json.loads(done.stdout)
    assert found(report) == [
        ("acme/backup-file-shipped", "etc/billing.conf~ is an editor's backup beside the file itself", None),
        ("acme/beat-too-fast", "/opt/app/poll runs every 5 seconds", 2),
    ]
    assert done.returncode == 1, done.stderr
    gaps = [(gap["reason"], gap["span"]["first_line"]) for gap in report["gaps"] if gap["span"]]
    assert ("acme-beat-line", 3) in gaps


def test_they_can_be_selected_and_accepted(
    pkgscan: Pkgscan, package: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    accepted = (
        '[[accept]]\nrule = "acme/beat-too-fast"\npath = "opt/**"\nreason = "r"\nowner = "o"\nexpires = 2999-01-01\n'
    )
    (tmp_path / "cwd" / "accepted.toml").write_text(accepted)
    options = ("-f", "json", "--select", "acme/beat-too-fast", "--suppressions", "accepted.toml")
    done = pkgscan("scan", *options, package, env=environment)
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["suppressed"]["by"] == "suppressions"
    assert done.returncode == 0, done.stderr


def test_they_are_listed_and_explained(pkgscan: Pkgscan, environment: dict[str, str]) -> None:
    listed = pkgscan("rules", env=environment).stdout.decode()
    assert "acme/beat-too-fast" in listed
    assert "acme/backup-file-shipped" in listed
    explained = pkgscan("explain", "acme/beat-too-fast", env=environment).stdout.decode()
    assert "more often than once a minute" in explained


def test_without_them_nothing_of_theirs_is_left(pkgscan: Pkgscan, package: Path) -> None:
    assert found(json.loads(pkgscan("scan", "-f", "json", package).stdout)) == []


def test_their_rule_cases_run_with_our_helpers(installed: Path) -> None:
    program = (
        "import sys; from pkgscan.testing import check_case, rule_cases\n"
        "cases = rule_cases(sys.argv[1])\n"
        "assert [str(case) for case in cases] == "
        "['acme/backup-file-shipped/bad-editor', 'acme/backup-file-shipped/good-plain']\n"
        "for case in cases: check_case(case)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(PLUGINS / "acme-rules" / "cases")],
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
