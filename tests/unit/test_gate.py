"""The gate: what counts, what is incomplete, and which exit code wins."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from pkgscan.gate import FAIL_ON, Policy, exit_code, judge_gate, regrade
from pkgscan.model import CONFIDENCES, SEVERITIES, Confidence, Effect, Finding, Gap, Severity, Suppressed

ACCEPTED = Suppressed("suppressions", "known", "ops", "2027-01-01")
STAGES = {"stable-rule": "stable", "preview-rule": "preview", "deprecated-rule": "deprecated"}


def finding(severity: Severity = "high", confidence: Confidence = "high", rule: str = "stable-rule") -> Finding:
    return Finding(
        rule=rule, category="defect", severity=severity, confidence=confidence, message="m", span=None, evidence=()
    )


def gap(effect: Effect = "unread", reason: str = "encrypted") -> Gap:
    return Gap(effect=effect, stage="walk", reason=reason, detail="d")


@pytest.mark.parametrize(("severity", "fail_on"), [*itertools.product(SEVERITIES, FAIL_ON)])
def test_severity(severity: Severity, fail_on: str) -> None:
    order = ["info", "low", "medium", "high", "never"]
    gate = judge_gate([finding(severity)], [], Policy(fail_on=fail_on), STAGES)  # type: ignore[arg-type]
    fails = order.index(severity) >= order.index(fail_on)
    assert (gate.result, gate.exit_code, gate.counted) == (("fail", 1, 1) if fails else ("pass", 0, 0))


@pytest.mark.parametrize(("confidence", "least"), [*itertools.product(CONFIDENCES, CONFIDENCES)])
def test_confidence(confidence: Confidence, least: Confidence) -> None:
    gate = judge_gate([finding(confidence=confidence)], [], Policy(fail_confidence=least), STAGES)
    assert gate.counted == (CONFIDENCES.index(confidence) >= CONFIDENCES.index(least))


def test_doubtful_findings_do_not_count_by_default() -> None:
    found = [finding(confidence=confidence) for confidence in CONFIDENCES]
    assert judge_gate(found, [], Policy(), STAGES).counted == 2


@pytest.mark.parametrize(
    ("rule", "preview", "counted"),
    [
        ("stable-rule", False, 1),
        ("preview-rule", False, 0),
        ("preview-rule", True, 1),
        ("deprecated-rule", True, 0),
        ("rule-nobody-knows", False, 1),
    ],
)
def test_stage(rule: str, *, preview: bool, counted: int) -> None:
    assert judge_gate([finding(rule=rule)], [], Policy(preview=preview), STAGES).counted == counted


@pytest.mark.parametrize(
    ("effect", "reason", "incomplete"),
    [
        ("unread", "encrypted", {"strict", "fail"}),
        ("unread", "analyser-crash", {"strict", "fail", "warn"}),
        ("unread", "sandbox-unavailable", {"strict", "fail", "warn"}),
        ("partial", "construct", {"strict"}),
        ("not-judged", "no-profile", set()),
    ],
)
def test_incomplete(effect: Effect, reason: str, incomplete: set[str]) -> None:
    for mode in ("strict", "fail", "warn"):
        gate = judge_gate([], [gap(effect, reason)], Policy(incomplete=mode), STAGES)  # type: ignore[arg-type]
        expected = ("incomplete", 3, 1) if mode in incomplete else ("pass", 0, 0)
        assert (gate.result, gate.exit_code, gate.incomplete) == expected


def test_what_is_accepted_does_not_count() -> None:
    accepted = [replace(finding(), suppressed=ACCEPTED)]
    gate = judge_gate(accepted, [replace(gap(), suppressed=ACCEPTED)], Policy(incomplete="strict"), STAGES)
    assert (gate.result, gate.counted, gate.incomplete) == ("pass", 0, 0)


def test_findings_win_over_gaps_and_our_own_failure_over_both() -> None:
    gate = judge_gate([finding()], [gap()], Policy(), STAGES)
    assert (gate.result, gate.exit_code, gate.counted, gate.incomplete) == ("fail", 1, 1, 1)
    gate = judge_gate([finding()], [gap(), gap(reason="internal-error")], Policy(), STAGES)
    assert (gate.result, gate.exit_code) == ("error", 4)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((), 0), ((0,), 0), ((3,), 3), ((1, 3), 1), ((1, 3, 4), 4), ((4, 3, 2, 1), 2), ((0, 3), 3)],
)
def test_the_order_of_exit_codes(codes: tuple[int, ...], expected: int) -> None:
    assert exit_code(codes) == expected


def test_regrade() -> None:
    found = regrade([finding(), finding(rule="preview-rule")], {"stable-rule": "low"})
    assert [one.severity for one in found] == ["low", "high"]
