"""Our SARIF holds what its consumers need; each check is proved by a log that breaks it."""

import copy
import gzip
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from report_samples import ADDED, GAPS, INNER, MANY, NONE, ONE, OPTIONS, PACKAGE, RETIRED, THREE, sample
from sarif_conformance import PACKED_BYTES, RESULTS, problems

from pkgscan.model import Related, Span
from pkgscan.report import ArtifactInfo, Report
from pkgscan.reporters.sarif import render

HOSTILE_NAMES = (
    "caf\\xE9.sql", "a b/c%20d", "x#y?z", "../../etc/passwd", "//abs", "./.", "c:/win", "\x1b[31m", "\u202etxt.sh",
    "日本/é", "jar:file:x!/y", "[a](http://h)", "100%", "\udce9", "{0}",
)  # fmt: skip


def log_of(report: Report) -> dict[str, Any]:
    return json.loads(render(report, OPTIONS))


def hostile() -> Report:
    paths = [f"{INNER}!/{name}" for name in HOSTILE_NAMES]
    findings = [
        msgspec.structs.replace(
            RETIRED,
            span=Span(path),
            message=f"see {path} [x](http://h)",
            related=(Related(Span(path, 2), f"[{path}](1)"),),
        )
        for path in paths
    ]
    places = [
        ArtifactInfo(path, INNER, 1, "", name.encode("utf-8", "surrogateescape"))
        for path, name in zip(paths, HOSTILE_NAMES, strict=True)
    ]
    return sample(*findings, gaps=GAPS, artifacts=(*sample().artifacts, *places))


@pytest.mark.parametrize("report", [NONE, ONE, THREE, MANY, hostile()], ids=["none", "one", "three", "many", "hostile"])
def test_our_logs_have_no_problems(report: Report) -> None:
    assert list(problems(log_of(report))) == []


def _related(log: dict[str, Any]) -> dict[str, Any]:
    return next(result for result in log["runs"][0]["results"] if "relatedLocations" in result)


def _first(log: dict[str, Any]) -> dict[str, Any]:
    return log["runs"][0]["results"][0]


def _place(log: dict[str, Any]) -> dict[str, Any]:
    return _first(log)["locations"][0]["physicalLocation"]


def _uri(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda log: _place(log)["artifactLocation"].update(uri=text)


def _driver(log: dict[str, Any]) -> dict[str, Any]:
    return log["runs"][0]["tool"]["driver"]


# One row a defect: what is done to a good log, and the problem that must be found.
BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "no startLine": ("no-region", lambda log: _place(log)["region"].pop("startLine")),
    "no endColumn": ("no-region", lambda log: _place(log)["region"].pop("endColumn")),
    "byte offset only": ("no-region", lambda log: _place(log).update(region={"byteOffset": 3, "byteLength": 1})),
    "logical location only": ("no-physical-location", lambda log: _first(log)["locations"][0].pop("physicalLocation")),
    "no location": ("no-location", lambda log: _first(log).update(locations=[])),
    "index only": ("no-uri", lambda log: _place(log).update(artifactLocation={"index": 0})),
    "index beside the path": ("index-in-location", lambda log: _place(log)["artifactLocation"].update(index=0)),
    "no fingerprint": ("no-fingerprint", lambda log: _first(log).pop("partialFingerprints")),
    "25 tags": (
        "too-many-tags",
        lambda log: _driver(log)["rules"][0]["properties"].update(tags=[str(n) for n in range(25)]),
    ),
    "parent cycle": ("parent", lambda log: log["runs"][0]["artifacts"][0].update(parentIndex=1)),
    "parent past the end": ("parent", lambda log: log["runs"][0]["artifacts"][0].update(parentIndex=99)),
    "unknown role": ("unknown-role", lambda log: log["runs"][0]["artifacts"][0].update(roles=["scannedFile"])),
    "contents": ("contents", lambda log: log["runs"][0]["artifacts"][0].update(contents={"text": "x"})),
    "URI not UTF-8": ("uri-not-utf8", _uri("p!/caf%E9.sql")),
    "raw space": ("uri-character", _uri("p!/a b")),
    "fragment": ("uri-fragment", _uri("p.zip#/etc/x")),
    "leading slash": ("uri-absolute", _uri("/etc/x")),
    "scheme": ("uri-scheme", _uri("jar:file:p.zip!/etc/x")),
    "dot segments": ("uri-dots", _uri("p!/../x")),
    "encoded dot segments": ("uri-dots", _uri("p!/%2E%2E/x")),
    "message by id": ("message-without-text", lambda log: _first(log).update(message={"id": "default"})),
    "bare notification": ("no-description", lambda log: _driver(log)["notifications"][0].pop("help")),
    "rule without text": ("no-description", lambda log: _driver(log)["rules"][0].pop("fullDescription")),
    "long description": (
        "long-description",
        lambda log: _driver(log)["rules"][0].update(fullDescription={"text": "x" * 1025}),
    ),
    "long name": ("bad-name", lambda log: _driver(log)["rules"][0].update(name="x" * 256)),
    "ruleIndex past the end": ("rule-index", lambda log: _first(log).update(ruleIndex=99)),
    "ruleIndex of another": (
        "rule-index",
        lambda log: _first(log).update(ruleIndex=(_first(log)["ruleIndex"] + 1) % 4),
    ),
    "end before start": ("region-backwards", lambda log: _place(log)["region"].update(startLine=9, endLine=3)),
    "line 0": ("region-below-one", lambda log: _place(log)["region"].update(startLine=0)),
    "no version": ("no-tool-version", lambda log: _driver(log).pop("version")),
    "no score": ("no-score", lambda log: _driver(log)["rules"][0]["properties"].pop("security-severity")),
    "score in words": (
        "no-score",
        lambda log: _driver(log)["rules"][0]["properties"].update({"security-severity": "high"}),
    ),
    "no level": ("no-level", lambda log: _driver(log)["rules"][0].pop("defaultConfiguration")),
    "kind of a gap": ("kind", lambda log: _first(log).update(kind="open")),
    "related place without link": ("link", lambda log: _related(log).update(message={"text": "no link"})),
    "link out": ("link", lambda log: _first(log).update(message={"text": "[x](http://h)"})),
    "1001 places": ("too-many-locations", lambda log: _first(log).update(locations=_first(log)["locations"] * 1001)),
    "no path for people": ("no-path-for-people", lambda log: _place(log)["artifactLocation"].pop("description")),
    "no logical location": ("no-logical-location", lambda log: _first(log)["locations"][0].pop("logicalLocations")),
    "25,001 results": ("too-many-results", lambda log: log["runs"][0].update(results=[_first(log)] * 25_001)),
    "25,001 rules": ("too-many-rules", lambda log: _driver(log).update(rules=_driver(log)["rules"] * 7_000)),
    "rule twice": ("descriptor-twice", lambda log: _driver(log)["rules"].append(_driver(log)["rules"][0])),
    "no invocation": ("no-invocation", lambda log: log["runs"][0].update(invocations=[])),
    "unknown notification": (
        "notification-index",
        lambda log: log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["descriptor"].update(index=9),
    ),
    "columns in UTF-16": ("column-kind", lambda log: log["runs"][0].update(columnKind="utf16CodeUnits")),
    "no category": ("no-category", lambda log: log["runs"][0].pop("automationDetails")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_checker_sees(name: str) -> None:
    code, spoil = BROKEN[name]
    log = log_of(THREE)
    good = copy.deepcopy(log)
    spoil(log)
    assert log != good
    assert code in {found for found, _ in problems(log)}


def test_more_results_than_a_server_takes_are_cut_and_said() -> None:
    findings = tuple(msgspec.structs.replace(ADDED, fingerprint=f"{n:020x}") for n in range(RESULTS + 3))
    text = render(sample(RETIRED, *findings), OPTIONS)
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == RESULTS
    assert run["results"][0]["ruleId"] == "retired-host-contact"
    notices = run["invocations"][0]["toolExecutionNotifications"]
    assert [notice["message"]["text"] for notice in notices] == [
        "4 results are left out, the JSON report has them all."
    ]
    assert len(gzip.compress(text.encode())) < PACKED_BYTES


def test_the_tree_of_archives_names_each_parent() -> None:
    artifacts = log_of(ONE)["runs"][0]["artifacts"]
    named = [(one["location"]["uri"], one.get("parentIndex")) for one in artifacts]
    assert named == [
        ("vendor-upgrade.zip", None),
        ("payload.tar.gz", 0),
        ("opt/app/import.sh", 1),
        ("etc/cron.d/import", 1),
    ]
    assert artifacts[0]["location"]["description"]["text"] == PACKAGE
