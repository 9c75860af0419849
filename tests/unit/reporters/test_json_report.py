"""The JSON report and the facts file: their contract, their schema, their bytes."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from report_samples import CRON, JOBS, MANY, NONE, ONE, OPTIONS, PACKAGE, PARTS, RETIRED, THREE, SampleJob, sample

from pkgscan import registry
from pkgscan.model import Entry, Span
from pkgscan.report import PackageInfo, Report, Tool
from pkgscan.reporters.facts import render_facts
from pkgscan.reporters.json import render
from pkgscan.reporters.json.schema import schema, schema_text

ROOT = Path(__file__).parents[3]

# What a report of /1 has always had. Lines may be added; a line that must go is a new major version.
KEY_PATHS = frozenset(Path(__file__).with_name("report_keys.txt").read_text().split())


def key_paths(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {path, *(found for key, one in value.items() for found in key_paths(one, f"{path}.{key}".lstrip(".")))}
    if isinstance(value, list):
        return {f"{path}[]", *(found for one in value for found in key_paths(one, f"{path}[]"))}
    return {path}


def test_no_key_is_ever_lost() -> None:
    assert sorted(KEY_PATHS - key_paths(json.loads(render(THREE, OPTIONS)))) == []


@pytest.mark.parametrize("report", [NONE, ONE, THREE, MANY], ids=["none", "one", "three", "many"])
def test_reports_fit_their_schema(report: Report) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema(PARTS))
    assert [str(error) for error in validator.iter_errors(json.loads(render(report, OPTIONS)))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tree: tree.pop("gate"),
        lambda tree: tree.update(schema="pkgscan-report/2"),
        lambda tree: tree["gate"].update(result="maybe"),
        lambda tree: tree["findings"][0].update(severity="critical"),
        lambda tree: tree["findings"][0]["span"].update(first_line="3"),
        lambda tree: tree["schedule"][0].pop("when"),
        lambda tree: tree["schedule"][0]["span"].pop("path"),
    ],
)
def test_the_schema_refuses_what_is_no_report(spoil: Any) -> None:
    tree = json.loads(render(THREE, OPTIONS))
    spoil(tree)
    assert not jsonschema_rs.Draft202012Validator(schema(PARTS)).is_valid(tree)


def test_the_committed_schema_is_current() -> None:
    own = (one for one in registry.load().conclusions if one.conclude.__module__.startswith("pkgscan."))
    parts = tuple(one.part for one in own if one.part)
    assert (ROOT / "docs" / "report.schema.json").read_text() == schema_text(parts), "run `make docs`"


def test_unknown_numbers_are_null_and_known_ones_stay() -> None:
    tree = json.loads(
        render(sample(RETIRED, msgspec.structs.replace(RETIRED, span=Span("p", first_byte=0, last_byte=9))), OPTIONS)
    )
    lines, data = (finding["span"] for finding in tree["findings"])
    assert (lines["first_line"], lines["last_column"], lines["first_byte"]) == (12, 38, None)
    assert (data["first_line"], data["first_byte"], data["last_byte"]) == (None, 0, 9)
    assert tree["schedule"][0]["span"]["first_byte"] is None


def test_the_report_is_ascii_and_keeps_the_truth_of_control_characters() -> None:
    message = "a\x1b[31m\x7f\u202e\u65e5\U0001f600\x9b"
    text = render(sample(msgspec.structs.replace(RETIRED, message=message)), OPTIONS)
    assert text.endswith("}\n")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == message


def test_an_unpaired_surrogate_does_not_break_the_report() -> None:
    text = render(sample(msgspec.structs.replace(RETIRED, message="caf\udce9")), OPTIONS)
    assert json.loads(text)["findings"][0]["message"] == "caf\\udce9"


def test_equal_reports_are_equal_bytes() -> None:
    turned = msgspec.structs.replace(THREE, parts={"b": [], "schedule": JOBS, "a": []})
    again = msgspec.structs.replace(THREE, parts={"a": [], "b": [], "schedule": JOBS})
    assert render(turned, OPTIONS) == render(again, OPTIONS)


def test_the_facts_file_gives_back_entries_and_facts() -> None:
    entries = [
        Entry(path=PACKAGE),
        Entry(path=CRON, number=1, name=b"caf\xe9", kind="crontab", mode=0o644, sha256="ab" * 32),
    ]
    facts = [SampleJob(span=Span(CRON, 3, 3), text="x\x1b", when="w", user="u", starts="s")]
    pieces = list(render_facts(entries, facts, Tool("pkgscan", "0.1.0"), PackageInfo("p", "", 1, 2, 3)))
    text = b"".join(pieces).decode("ascii")
    tree = json.loads(text)
    assert tree["schema"] == "pkgscan-facts/1"
    rows = [{**row, "name": b64decode(row["name"])} for row in tree["entries"]]
    assert [Entry(**row) for row in rows] == entries
    assert msgspec.convert(tree["facts"], list[SampleJob]) == facts
    assert tree["facts"][0]["type"] == "SampleJob"
    assert text.endswith("}\n")
    assert len(text.splitlines()) == 1 + 2 + 3 + 2


def test_a_facts_file_of_nothing_is_json_too() -> None:
    tree = json.loads(b"".join(render_facts([], [], Tool("pkgscan", "0"), PackageInfo("p", "", 0, 0, 0))))
    assert (tree["entries"], tree["facts"]) == ([], [])
