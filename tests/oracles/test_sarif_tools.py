"""Our SARIF as others' tools see it: the schema that the SARIF SDK ships, and its validator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from pkgscan.reporters.sarif import render

sys.path.append(str(Path(__file__).parents[1] / "unit" / "reporters"))
from report_samples import MANY, NONE, ONE, OPTIONS, THREE
from test_sarif_conformance import hostile

# Older ones need libraries that current systems no longer have.
MULTITOOL = ("npm", "@microsoft/sarif-multitool-linux", "5.7.0")
KINDS = "Sarif;Gh;Ghas"
REPORTS = {"none": NONE, "one": ONE, "three": THREE, "hostile": hostile()}
# The tool's home page goes in when there is one.
EXPECTED = {"SARIF2005"}

Fetch = Callable[..., Path]


@pytest.fixture(scope="session")
def multitool(package: Fetch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the unpacked multitool; npm leaves its program without the right to run."""
    folder = tmp_path_factory.mktemp("multitool")
    with tarfile.open(package(*MULTITOOL)) as archive:
        archive.extractall(folder, filter="data")
    (folder / "package" / "Sarif.Multitool").chmod(0o755)
    return folder / "package"


@pytest.fixture(scope="session")
def schema(multitool: Path) -> jsonschema_rs.Draft202012Validator:
    text = (multitool / "sarif-2.1.0.json").read_text("utf-8-sig")
    return jsonschema_rs.Draft202012Validator(json.loads(text), validate_formats=True)


def found_by(multitool: Path, log: dict[str, Any], folder: Path) -> dict[str, set[str]]:
    """Rule ids by level, from the validator's output file: its exit code is 0 whatever it found."""
    (folder / "in.sarif").write_text(json.dumps(log))
    levels = "Error;Warning;Note"
    command = [str(multitool / "Sarif.Multitool"), "validate", "in.sarif", "--output", "out.sarif"]
    subprocess.run(
        [*command, "--log", "ForceOverwrite", "--rule-kind", KINDS, "--level", levels],
        cwd=folder,
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        check=True,
    )
    found: dict[str, set[str]] = {"error": set(), "warning": set(), "note": set()}
    for result in json.loads((folder / "out.sarif").read_text("utf-8-sig"))["runs"][0]["results"]:
        found[result.get("level", "warning")].add(result["ruleId"])
    return found


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_takes_our_logs(schema: jsonschema_rs.Draft202012Validator, name: str) -> None:
    log = json.loads(render(REPORTS[name], OPTIONS))
    assert [str(error) for error in schema.iter_errors(log)] == []


def test_the_schema_refuses_a_bad_log(schema: jsonschema_rs.Draft202012Validator) -> None:
    log = json.loads(render(ONE, OPTIONS))
    log["runs"][0]["artifacts"][0]["roles"] = ["scannedFile"]
    assert not schema.is_valid(log)


@pytest.mark.parametrize("name", REPORTS)
def test_the_validator_has_no_errors_or_warnings(multitool: Path, tmp_path: Path, name: str) -> None:
    found = found_by(multitool, json.loads(render(REPORTS[name], OPTIONS)), tmp_path)
    assert found["error"] == set()
    assert found["warning"] == EXPECTED


def test_the_validator_sees_a_bad_log(multitool: Path, tmp_path: Path) -> None:
    """The canary: a validator that stays silent here says nothing about ours."""
    log = json.loads(render(ONE, OPTIONS))
    run = log["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    place["artifactLocation"]["uri"] = "p.zip#/etc/x y"
    place["region"] |= {"startLine": 9, "endLine": 3}
    run["results"][0]["ruleIndex"] = 99
    run["tool"]["driver"]["notifications"][0].pop("help")
    found = found_by(multitool, log, tmp_path)
    assert found["error"] >= {"SARIF1002", "SARIF1007", "SARIF1009", "GH2012"}


def test_the_validator_takes_a_large_log(multitool: Path, tmp_path: Path) -> None:
    assert found_by(multitool, json.loads(render(MANY, OPTIONS)), tmp_path)["error"] == set()
