"""What a broken rule or conclusion costs, and that the outcome depends on no order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from report_samples import rule_info

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.engine import Engine
from pkgscan.facts.text import TextLine
from pkgscan.graph import Graph
from pkgscan.model import Entry, Fact, Gap, Related, Span
from pkgscan.outcome import Judging, Outcome
from pkgscan.profile.reader import profile_of
from pkgscan.registry import Registry
from pkgscan.rule import CONTRADICTION, DEFECT, HIGH, LOW, MEDIUM, Grade, Problem, Rule, Scan
from pkgscan.tomlfile import parse_toml

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Count(Fact, frozen=True):
    """A conclusion's value."""

    lines: int


def conclude(graph: Graph, _: Circumstances) -> Iterator[Count]:
    yield Count(span=Span("p"), lines=len(graph.facts(TextLine)))


def make_rule(check: object, looks_at: type, name: str = "sample", *grades: Grade) -> Rule[object]:
    info = replace(rule_info(name), remedy="do it", grades=grades or ((DEFECT, LOW),))
    return Rule(check, looks_at, info)  # type: ignore[arg-type]


def line_rule(line: TextLine, _scan: Scan) -> Iterator[Problem]:
    yield Problem(line.span, f"line {line.text}", evidence=(line.text,), related=(Related(Span("p"), "here"),))


def engine(*rules: Rule[object], conclusions: tuple[Conclusion, ...] = (), **judging: object) -> Engine:
    registry = Registry()
    registry.rules, registry.readers, registry.conclusions = rules, (), conclusions
    wishes = {"circumstances": Circumstances(NOW)} | judging
    return Engine(registry, Judging(**wishes))  # type: ignore[arg-type]


def filled(under_test: Engine, order: random.Random | None = None) -> Engine:
    entries = [Entry("p.zip"), *(Entry(f"p.zip!/{n}", n, size=5, archive="p.zip", kind="text") for n in range(9))]
    facts = [TextLine(span=Span(f"p.zip!/{n}", m, m), text=f"{n}.{m}") for n in range(9) for m in range(1, 4)]
    gaps = [
        Gap(effect="partial", stage="read", reason="odd", detail=f"{n}", span=Span(f"p.zip!/{n}")) for n in range(3)
    ]
    for items in (entries, facts, gaps):
        if order is not None:
            order.shuffle(items)  # type: ignore[arg-type]
    for entry in entries:
        under_test.add_entry(entry)
    for fact in facts:
        under_test.add_fact(fact)
    for gap in gaps:
        under_test.add_gap(gap)
    return under_test


def judged(*rules: Rule[object], **more: object) -> Outcome:
    return filled(engine(*rules, **more)).judge()  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_the_outcome_depends_on_no_order(seed: int) -> None:
    rule = make_rule(line_rule, TextLine)
    assert filled(engine(rule), random.Random(seed)).judge() == judged(rule)


def test_findings_carry_what_the_rule_declares() -> None:
    finding = judged(make_rule(line_rule, TextLine)).findings[0]
    assert (finding.rule, finding.category, finding.severity, finding.remedy) == ("sample", DEFECT, LOW, "do it")
    assert finding.fingerprint


def test_a_rule_that_raises_is_a_gap_and_the_others_go_on() -> None:
    def broken(_line: TextLine, _scan: Scan) -> Iterator[Problem]:
        raise KeyError("oh")
        yield

    outcome = judged(make_rule(broken, TextLine, "broken"), make_rule(line_rule, TextLine))
    assert len(outcome.findings) == 27
    gap = next(gap for gap in outcome.gaps if gap.stage == "judge")
    assert (gap.effect, gap.reason) == ("unread", "judge-error")
    assert "broken" in gap.detail
    assert "KeyError" in gap.traceback


def test_a_grade_that_was_not_declared_is_our_fault() -> None:
    def wrong(line: TextLine, _scan: Scan) -> Iterator[Problem]:
        yield Problem(line.span, "x", grade=(CONTRADICTION, HIGH))

    assert [gap.reason for gap in judged(make_rule(wrong, TextLine)).gaps if gap.stage == "judge"] == ["judge-error"]


def test_a_grade_that_was_declared_is_taken() -> None:
    def graver(line: TextLine, _scan: Scan) -> Iterator[Problem]:
        yield Problem(line.span, "x", grade=(CONTRADICTION, HIGH))

    outcome = judged(make_rule(graver, TextLine, "graver", (DEFECT, MEDIUM), (CONTRADICTION, HIGH)))
    assert {finding.severity for finding in outcome.findings} == {HIGH}


def test_conclusions_feed_rules_and_the_report() -> None:
    def many(count: Count, _scan: Scan) -> Iterator[Problem]:
        yield Problem(count.span, f"{count.lines} lines")

    part = Part(key="counts", title="Counts", row=Count, line=lambda row: (str(row),))
    conclusion = Conclusion(name="count", concludes=(Count,), conclude=conclude, part=part)
    outcome = judged(make_rule(many, Count), conclusions=(conclusion,))
    assert [finding.message for finding in outcome.findings] == ["27 lines"]
    assert outcome.parts["counts"][0]["lines"] == 27


def test_a_conclusion_that_raises_is_a_gap() -> None:
    def broken(_graph: Graph, _: Circumstances) -> Iterator[Count]:
        raise ValueError("no")
        yield

    outcome = judged(conclusions=(Conclusion(name="broken", concludes=(Count,), conclude=broken),))
    assert [gap.reason for gap in outcome.gaps if gap.effect == "unread"] == ["conclude-error"]


def test_too_many_findings_are_said() -> None:
    outcome = judged(make_rule(line_rule, TextLine), findings_limit=10)
    assert len(outcome.findings) == 10
    assert "limit-findings" in {gap.reason for gap in outcome.gaps}


def test_rules_may_be_chosen() -> None:
    rules = (make_rule(line_rule, TextLine, "one"), make_rule(line_rule, TextLine, "two"))
    assert {finding.rule for finding in judged(*rules, rules=("two",)).findings} == {"two"}


def test_coverage_counts_what_was_seen() -> None:
    coverage = judged().coverage
    assert (coverage.entries, coverage.partial, coverage.unread, coverage.bytes) == (9, 3, 0, 45)


def test_members_of_one_name_keep_one_order() -> None:
    """Two members share a path; what they state at one place differs in nothing that places are ordered by."""

    def say(count: Count, _scan: Scan) -> Iterator[Problem]:
        yield Problem(count.span, f"{count.lines}")

    facts = [Count(span=Span("p.zip!/a", 1, 1), text="same", lines=n) for n in range(20)]
    told = []
    for seed in range(4):
        under_test = engine(make_rule(say, Count))
        for fact in random.Random(seed).sample(facts, len(facts)):
            under_test.add_fact(fact)
        told.append([finding.message for finding in under_test.judge().findings])
    assert told[0] == told[1] == told[2] == told[3]


def test_the_previous_package_is_not_judged() -> None:
    under_test = filled(engine(make_rule(line_rule, TextLine)))
    under_test.add_entry(Entry("previous:old.zip", role="previous"))
    under_test.add_entry(Entry("previous:old.zip!/x", role="previous", archive="previous:old.zip"))
    under_test.add_fact(TextLine(span=Span("previous:old.zip!/x", 1, 1), text="old"))
    assert under_test.judge() == judged(make_rule(line_rule, TextLine))


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (Entry("p.zip", kind="text"), True),
        (Entry("p.zip", kind="zip", format="zip"), True),
        (Entry("d", kind="directory", type="directory"), True),
        (None, False),
    ],
)
def test_a_package_nobody_read_is_a_gap(root: Entry | None, *, said: bool) -> None:
    under_test = engine()
    if root is None:
        filled(under_test)
    else:
        under_test.add_entry(root)
    assert ("no-package" in {gap.reason for gap in under_test.judge().gaps}) == said


def test_a_flood_hides_no_graver_finding() -> None:
    def grave(count: TextLine, _scan: Scan) -> Iterator[Problem]:
        if count.text == "8.3":
            yield Problem(count.span, "grave")

    rules = (make_rule(line_rule, TextLine, "a-flood"), make_rule(grave, TextLine, "grave", (DEFECT, HIGH)))
    outcome = judged(*rules, findings_limit=10)
    assert len(outcome.findings) == 10
    assert "grave" in {finding.rule for finding in outcome.findings}


@pytest.mark.parametrize(
    ("text", "judged"), [(None, False), ("", False), ('[window]\nstart = "02:00"\nend = "03:00"\n', True)]
)
def test_a_rule_without_what_it_asks_of_the_profile_is_told_once(text: str | None, judged: bool) -> None:  # noqa: FBT001
    profile = None if text is None else profile_of(parse_toml("p.toml", f"profile = 1\n{text}"))
    asking = make_rule(line_rule, TextLine)
    asking = replace(asking, info=replace(asking.info, asks="window"))
    under_test = engine(asking, circumstances=Circumstances(NOW, profile))
    outcome = filled(under_test).judge()
    assert bool(outcome.findings) is judged
    told = [gap.detail for gap in outcome.gaps if gap.effect == "not-judged"]
    needs = "sample needs a target profile with the table window; name one with --target"
    assert told == ([] if judged else [needs])
