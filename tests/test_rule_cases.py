"""Every rule speaks in its bad cases and is silent in its good ones, in each archive format."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.registry import load
from pkgscan.testing import PROFILE, Case, check_case, rule_cases

FOLDER = Path(__file__).parents[1] / "fixtures" / "rules"
CASES = rule_cases(str(FOLDER))
OURS = [rule.id for rule in load().rules if rule.check.__module__.startswith("pkgscan_rules.")]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    check_case(case)


@pytest.mark.parametrize("rule", OURS)
def test_a_rule_has_a_bad_and_a_good_case(rule: str) -> None:
    kinds = {case.is_bad for case in CASES if case.rule == rule}
    assert kinds == {True, False}, f"{rule} needs a bad-* and a good-* folder in {FOLDER / rule}"


def test_every_case_belongs_to_a_rule() -> None:
    assert sorted({case.rule for case in CASES} - set(OURS)) == []


def test_nothing_else_lies_among_the_cases() -> None:
    known = {Path(case.folder) for case in CASES}
    known |= {folder.parent / PROFILE for folder in known}
    stray = [
        path for rule in FOLDER.iterdir() for path in rule.iterdir() if path not in known and path.name[0] not in "_."
    ]
    assert stray == []


def test_good_cases_expect_nothing() -> None:
    assert [str(case) for case in CASES if not case.is_bad and case.expected] == []
