"""Says where a SARIF log breaks a consumer: what validators let pass, and servers and viewers then refuse.

Each check yields (code, place). Sources: SARIF 2.1.0, the documentation of GitHub code scanning, and the parsers named
beside each check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

Problem = tuple[str, str]

# GitHub code scanning, "SARIF support": what it refuses or cuts.
RESULTS, RULES, LOCATIONS, TAGS, NAME, DESCRIPTION = 25_000, 25_000, 1_000, 20, 255, 1_024
PACKED_BYTES = 10 * 1024 * 1024
ROLES = {"analysisTarget", "resultFile", "attachment", "standardStream"}
_URI = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+")


def problems(log: dict[str, Any]) -> Iterator[Problem]:
    """Everything wrong with a log."""
    for number, run in enumerate(log["runs"]):
        where = f"runs[{number}]"
        yield from _tool(run, where)
        yield from _artifacts(run.get("artifacts", []), where)
        yield from _invocations(run, where)
        if len(run["results"]) > RESULTS:
            yield "too-many-results", where
        for at, result in enumerate(run["results"]):
            yield from _result(result, run, f"{where}.results[{at}]")


def _tool(run: dict[str, Any], where: str) -> Iterator[Problem]:
    driver = run["tool"]["driver"]
    if not driver.get("name") or not driver.get("version"):  # SonarQube ignores the report
        yield "no-tool-version", where
    if len(driver.get("rules", [])) > RULES:
        yield "too-many-rules", where
    for kind in ("rules", "notifications"):
        identities = [descriptor["id"] for descriptor in driver.get(kind, [])]
        if len(identities) != len(set(identities)):
            yield "descriptor-twice", f"{where}.{kind}"
        for at, descriptor in enumerate(driver.get(kind, [])):
            yield from _descriptor(descriptor, f"{where}.{kind}[{at}]")
    for at, rule in enumerate(driver.get("rules", [])):
        yield from _rule(rule, f"{where}.rules[{at}]")


def _descriptor(descriptor: dict[str, Any], where: str) -> Iterator[Problem]:
    for key in ("shortDescription", "fullDescription", "help"):  # GH2012 asks it of notifications too
        if not descriptor.get(key, {}).get("text"):
            yield "no-description", f"{where}.{key}"
    for key in ("shortDescription", "fullDescription"):
        if len(descriptor.get(key, {}).get("text", "")) > DESCRIPTION:
            yield "long-description", f"{where}.{key}"
    if len(descriptor.get("name", "")) > NAME or descriptor.get("name") == descriptor["id"]:
        yield "bad-name", where


def _rule(rule: dict[str, Any], where: str) -> Iterator[Problem]:
    properties = rule.get("properties", {})
    if len(properties.get("tags", [])) > TAGS:
        yield "too-many-tags", where
    try:
        score = float(properties["security-severity"])
    except (KeyError, ValueError):
        score = -1
    if not 0 < score <= 10 or not isinstance(properties.get("security-severity"), str):
        yield "no-score", where
    if rule.get("defaultConfiguration", {}).get("level") not in {"error", "warning", "note"}:  # SonarQube reads it here
        yield "no-level", where


def _result(result: dict[str, Any], run: dict[str, Any], where: str) -> Iterator[Problem]:
    rules = run["tool"]["driver"]["rules"]
    if result["ruleId"] not in [rule["id"] for rule in rules[result.get("ruleIndex", -1) :][:1]]:
        yield "rule-index", where
    if not result["message"].get("text"):  # GH1015
        yield "message-without-text", where
    if result.get("kind", "fail") != "fail":  # DefectDojo drops it, VS Code lets it override the level
        yield "kind", where
    if ":" not in result.get("partialFingerprints", {}).get("primaryLocationLineHash", ""):
        yield "no-fingerprint", where
    if not result.get("locations"):
        yield "no-location", where
    yield from _links(result, where)
    yield from _locations(result, where)


def _locations(result: dict[str, Any], where: str) -> Iterator[Problem]:
    if len(result.get("locations", [])) + len(result.get("relatedLocations", [])) > LOCATIONS:
        yield "too-many-locations", where
    for key in ("locations", "relatedLocations"):
        for at, location in enumerate(result.get(key, [])):
            yield from _location(location, f"{where}.{key}[{at}]")


def _links(result: dict[str, Any], where: str) -> Iterator[Problem]:
    # Viewers show related places only through links, and follow a link that is none of ours.
    linked = re.findall(r"\]\(([^)]*)\)", result["message"].get("text", ""))
    known = {str(related["id"]) for related in result.get("relatedLocations", [])}
    if set(linked) != known:
        yield "link", where


def _location(location: dict[str, Any], where: str) -> Iterator[Problem]:
    physical = location.get("physicalLocation")
    if physical is None:  # GitHub refuses the file: "expected a physical location"
        yield "no-physical-location", where
        return
    artifact = physical.get("artifactLocation", {})
    if "index" in artifact or "uriBaseId" in artifact:
        yield "index-in-location", where
    if "uri" not in artifact:  # DefectDojo: KeyError
        yield "no-uri", where
    else:
        yield from _uri(artifact["uri"], where)
    if not artifact.get("description", {}).get("text"):
        yield "no-path-for-people", where
    if not any(logical.get("fullyQualifiedName") for logical in location.get("logicalLocations", [])):
        yield "no-logical-location", where
    yield from _region(physical.get("region", {}), where)


def _region(region: dict[str, Any], where: str) -> Iterator[Problem]:
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    if any(key not in region for key in keys):  # GitHub requires all four; DefectDojo: KeyError
        yield "no-region", where
        return
    if any(region[key] < 1 for key in keys):
        yield "region-below-one", where
    start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
    if end < start:
        yield "region-backwards", where


def _uri(uri: str, where: str) -> Iterator[Problem]:
    if "#" in uri:  # SARIF1002
        yield "uri-fragment", where
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri):  # GitHub: scheme mismatch
        yield "uri-scheme", where
    elif not _URI.fullmatch(uri):  # GitHub: "invalid character"
        yield "uri-character", where
    if uri.startswith("/"):
        yield "uri-absolute", where
    if any(piece in {"", ".", ".."} for piece in unquote_to_bytes(uri).decode("latin-1").lstrip("/").split("/")):
        yield "uri-dots", where
    try:  # codeql-action: decodeURIComponent throws
        unquote_to_bytes(uri).decode()
    except UnicodeDecodeError:
        yield "uri-not-utf8", where


def _artifacts(artifacts: list[dict[str, Any]], where: str) -> Iterator[Problem]:
    for at, artifact in enumerate(artifacts):
        here = f"{where}.artifacts[{at}]"
        yield from _uri(artifact["location"]["uri"], here)
        if "contents" in artifact:  # VS Code cannot open it, and then opens nothing else
            yield "contents", here
        if set(artifact.get("roles", [])) - ROLES:  # an unknown word silences a whole validator
            yield "unknown-role", here
        if not _ends(artifacts, at):
            yield "parent", here


def _ends(artifacts: list[dict[str, Any]], at: int) -> bool:
    for _ in artifacts:
        parent = artifacts[at].get("parentIndex", -1)
        if parent == -1:
            return True
        if not 0 <= parent < len(artifacts):
            return False
        at = parent
    return False


def _invocations(run: dict[str, Any], where: str) -> Iterator[Problem]:
    invocations = run.get("invocations", [])
    if not invocations or any("executionSuccessful" not in one or "exitCode" not in one for one in invocations):
        yield "no-invocation", where
    known = [descriptor["id"] for descriptor in run["tool"]["driver"].get("notifications", [])]
    for invocation in invocations:
        for notice in invocation.get("toolExecutionNotifications", []):
            descriptor = notice["descriptor"]
            if not 0 <= descriptor["index"] < len(known) or known[descriptor["index"]] != descriptor["id"]:
                yield "notification-index", where
    if run.get("columnKind") != "unicodeCodePoints":
        yield "column-kind", where
    if not run.get("automationDetails", {}).get("id", "").endswith("/"):
        yield "no-category", where
