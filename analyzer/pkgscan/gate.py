"""Decides whether a package may pass, from what was found and what was not seen; formats never change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec

from pkgscan.errors import EXIT_ERROR, EXIT_FAIL, EXIT_INCOMPLETE, EXIT_PASS, EXIT_USAGE
from pkgscan.model import CONFIDENCES, SEVERITIES, Confidence, Finding, Gap, Severity
from pkgscan.report import Gate, GateResult
from pkgscan.suppress import may_accept_gap

FailOn = Severity | Literal["never"]
IncompleteMode = Literal["strict", "fail", "warn"]

FAIL_ON: tuple[FailOn, ...] = (*SEVERITIES, "never")
INCOMPLETE_MODES: tuple[IncompleteMode, ...] = get_args(IncompleteMode)

EXIT_ORDER = (EXIT_USAGE, EXIT_ERROR, EXIT_FAIL, EXIT_INCOMPLETE)  # which one shows when several hold
INTERNAL_ERROR = (
    "internal-error"  # reason of a gap that says the scan itself broke: nothing in the report is to be trusted
)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate counts: `--fail-on`, `--fail-confidence`, `--preview` and `--incomplete`."""

    fail_on: FailOn = "high"
    fail_confidence: Confidence = "medium"
    preview: bool = False
    incomplete: IncompleteMode = "fail"


def judge_gate(findings: Iterable[Finding], gaps: Iterable[Gap], policy: Policy, stages: Mapping[str, str]) -> Gate:
    """The gate's answer. `stages` gives each rule's stage by id; a rule it does not name counts as stable."""
    gaps = tuple(gaps)
    counted = sum(_counts(finding, policy, stages.get(finding.rule, "stable")) for finding in findings)
    incomplete = sum(is_incomplete(gap, policy.incomplete) for gap in gaps)
    broken = any(gap.reason == INTERNAL_ERROR for gap in gaps)
    holding = ((EXIT_ERROR, broken), (EXIT_FAIL, counted > 0), (EXIT_INCOMPLETE, incomplete > 0))
    code = exit_code(code for code, holds in holding if holds)
    return Gate(_result(code), policy.fail_on, counted, incomplete, code, policy.preview)


def exit_code(codes: Iterable[int]) -> int:
    """The exit code of a run in which all of these hold: 2 before 4 before 1 before 3, else 0."""
    holding = set(codes)
    return next((code for code in EXIT_ORDER if code in holding), EXIT_PASS)


def regrade(findings: Iterable[Finding], severities: Mapping[str, Severity]) -> tuple[Finding, ...]:
    """The findings with the severities that the user's configuration gives their rules."""
    return tuple(
        msgspec.structs.replace(finding, severity=severities[finding.rule]) if finding.rule in severities else finding
        for finding in findings
    )


def _result(code: int) -> GateResult:
    results: dict[int, GateResult] = {EXIT_FAIL: "fail", EXIT_INCOMPLETE: "incomplete", EXIT_ERROR: "error"}
    return results.get(code, "pass")


def _counts(finding: Finding, policy: Policy, stage: str) -> bool:
    if finding.suppressed is not None or policy.fail_on == "never":
        return False
    if stage != "stable" and not (policy.preview and stage == "preview"):
        return False
    severe = SEVERITIES.index(finding.severity) >= SEVERITIES.index(policy.fail_on)
    sure = CONFIDENCES.index(finding.confidence) >= CONFIDENCES.index(policy.fail_confidence)
    return severe and sure


def is_incomplete(gap: Gap, mode: IncompleteMode) -> bool:
    """Whether a gap keeps the run from being complete."""
    if gap.suppressed is not None or gap.effect == "not-judged":
        return False
    if gap.effect == "partial":
        return mode == "strict"
    # A crash, a broken sandbox or an ambiguous archive is never a matter of taste.
    return mode != "warn" or not may_accept_gap(gap)
