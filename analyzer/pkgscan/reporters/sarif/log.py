"""The whole log: one run, its tool, its invocation and its results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pkgscan.model import SEVERITIES, Finding
from pkgscan.report import Report
from pkgscan.reporters.base import merge_gaps
from pkgscan.reporters.sarif.descriptors import FAULT, NOTE, notification_descriptors, rule_descriptors
from pkgscan.reporters.sarif.places import Places, artifacts
from pkgscan.reporters.sarif.results import finding_result, gap_result
from pkgscan.safe import shown

Json = dict[str, Any]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS = 25_000  # a run; a server refuses more
COMPLETE = (0, 1)  # exit codes of a run that saw everything
_NOTICES = (NOTE, FAULT)


def build_log(report: Report, stem: str) -> Json:
    """The log as plain data, its results left empty and last; every string of it is safe to show."""
    run = {
        "tool": {"driver": _driver(report, rule_descriptors(report))},
        "automationDetails": {"id": f"pkgscan/{shown(stem)}/"},
        "invocations": [_invocation(report)],
        "artifacts": artifacts(report, stem),
        "columnKind": "unicodeCodePoints",
        "properties": _properties(report),
        "results": [],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _properties(report: Report) -> Json:
    found: Json = {"now": report.now, "sandbox": list(report.sandbox), "gate": report.gate.result}
    return found | ({"profile": shown(report.profile.path)} if report.profile else {})


def build_results(report: Report, stem: str) -> Iterator[Json]:
    """Gaps, then findings from the most severe on: where a server cuts, what was not seen must not be what is lost."""
    rules = {rule["id"]: number for number, rule in enumerate(rule_descriptors(report))}
    places = Places(report, stem)
    gaps = merge_gaps(report.gaps)
    for group in gaps[:RESULTS]:
        yield gap_result(group, rules, places)
    for finding in sorted(report.findings, key=_least_severe)[: max(0, RESULTS - len(gaps))]:
        yield finding_result(finding, rules, places)


def _driver(report: Report, rules: list[Json]) -> Json:
    return {
        "name": report.tool.name,
        "version": report.tool.version,
        "semanticVersion": report.tool.version,
        "rules": rules,
        "notifications": notification_descriptors(),
    }


def _least_severe(finding: Finding) -> int:
    return -SEVERITIES.index(finding.severity)


def _invocation(report: Report) -> Json:
    notices = [_notification(NOTE, "warning", note) for note in report.notes]
    notices += [_notification(FAULT, "error", gap.detail) for gap in report.gaps if gap.traceback]
    left_out = len(merge_gaps(report.gaps)) + len(report.findings) - RESULTS
    if left_out > 0:
        notices.append(_notification(NOTE, "warning", f"{left_out} results are left out, the JSON report has them all"))
    return {
        "executionSuccessful": report.gate.exit_code in COMPLETE,
        "exitCode": report.gate.exit_code,
        "toolExecutionNotifications": notices,
    }


def _notification(kind: str, level: str, text: str) -> Json:
    descriptor = {"id": kind, "index": _NOTICES.index(kind)}
    return {"descriptor": descriptor, "level": level, "message": {"text": shown(text) + "."}}
