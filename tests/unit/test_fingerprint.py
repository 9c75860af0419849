"""Fingerprints stay when lines, messages and versions move, and change when what they name changes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pkgscan.fingerprint import fingerprint_findings, fingerprint_gaps, inner_path, is_fingerprint
from pkgscan.model import Finding, Gap, Span

words = st.text(st.characters(exclude_characters="/!\0"), min_size=1, max_size=12)
numbers = st.integers(0, 9999)


def finding(path: str = "p.zip!/etc/cron.d/import", line: int = 3, rule: str = "some-rule", **more: object) -> Finding:
    return Finding(
        rule=rule,
        category="defect",
        severity="high",
        confidence="high",
        span=Span(path, line, line),
        **{"message": "m", "evidence": ("sftp-old",), **more},  # type: ignore[arg-type]  # a test's shorthand
    )


def mark(one: Finding) -> str:
    return fingerprint_findings([one])[0].fingerprint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("billing-7.3.2.zip!/opt/app/run.sh", "billing-7.4.0.zip!/opt/app/run.sh"),
        ("p.zip!/billing-7.3.2/run.sh", "p.zip!/billing-7.4/run.sh"),
        ("p.zip!/app_1.6.5+dfsg-1+deb12u4_amd64.deb!/x", "p.zip!/app_1.6.6+dfsg-2_amd64.deb!/x"),
        ("p.zip!/cron_3.0pl1-162_all.deb!/x", "p.zip!/cron_3.0pl1-197_all.deb!/x"),
        ("p.zip!/tool-1.2-3.el9.x86_64.rpm!/x", "p.zip!/tool-1.10-1.el9.x86_64.rpm!/x"),
        ("p.zip!/lib/libssl.so.1.1.1", "p.zip!/lib/libssl.so.3.0.2"),
        ("p.zip!/backup-2026-03-01.tar.gz!/x", "p.zip!/backup-2026-07-15.tar.gz!/x"),
        ("p.zip!/20260301120000_add.sql", "p.zip!/20260715093000_add.sql"),
        ("p.zip!/lib/python3.11/site.py", "p.zip!/lib/python3.13/site.py"),
        ("p.zip!/app-1.0-SNAPSHOT.jar!/x", "p.zip!/app-2.0.0-rc.1.jar!/x"),
    ],
)
def test_a_new_release_keeps_it(before: str, after: str) -> None:
    assert mark(finding(before)) == mark(finding(after))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("p.zip!/migrations/007.sql", "p.zip!/migrations/008.sql"),
        ("p.zip!/step-1.sh", "p.zip!/step-2.sh"),
        ("p.zip!/lib/x", "p.zip!/lib64/x"),
        ("p.zip!/sha256.c", "p.zip!/sha512.c"),
        ("p.zip!/app-1.0-linux.zip!/x", "p.zip!/app-1.0-windows.zip!/x"),
        ("p.zip!/a/b", "p.zip!/a!/b"),
    ],
)
def test_a_number_that_is_no_version_tells_files_apart(one: str, other: str) -> None:
    assert mark(finding(one)) != mark(finding(other))


@given(st.lists(st.integers(1, 500), min_size=1, max_size=8, unique=True), numbers, st.randoms())
def test_lines_messages_and_order_change_nothing(lines: list[int], shift: int, chance: random.Random) -> None:
    first = fingerprint_findings([finding(line=line) for line in sorted(lines)])
    moved = [finding(line=line + shift, message=f"now {line}") for line in sorted(lines)]
    shuffled = moved[:]
    chance.shuffle(shuffled)
    again = {one.span: one.fingerprint for one in fingerprint_findings(shuffled)}
    assert [again[one.span] for one in moved] == [one.fingerprint for one in first]


@given(words, st.lists(numbers, min_size=2, max_size=4), st.lists(numbers, min_size=2, max_size=4))
def test_any_version_bump_keeps_it(stem: str, old: list[int], new: list[int]) -> None:
    stem = stem.rstrip("0123456789.vV-_+~") or "app"
    paths = [f"p.zip!/{stem}-{'.'.join(map(str, version))}/run.sh" for version in (old, new)]
    assert mark(finding(paths[0])) == mark(finding(paths[1]))


@given(st.lists(words, max_size=4), st.lists(words, max_size=4))
def test_other_evidence_is_another_finding(one: list[str], other: list[str]) -> None:
    marks = {mark(finding(evidence=tuple(evidence))) for evidence in (one, other)}
    assert len(marks) == (1 if one == other else 2)


def test_evidence_is_not_merely_joined() -> None:
    assert mark(finding(evidence=("ab", "c"))) != mark(finding(evidence=("a", "bc")))


def test_findings_alike_are_numbered_by_place() -> None:
    marks = [one.fingerprint for one in fingerprint_findings([finding(line=9), finding(line=2), finding(line=5)])]
    assert len(set(marks)) == 3
    assert marks[1] == mark(finding(line=77))
    assert all(is_fingerprint(one) for one in marks)


def test_without_a_place() -> None:
    assert mark(replace(finding(), span=None)) == mark(finding("package.zip"))


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_a_fingerprint(text: str) -> None:
    assert is_fingerprint(mark(finding(f"p!/{text}", evidence=(text,))))


def gap(path: str = "p.zip!/a/b.zip", sha256: str = "aa", reason: str = "encrypted", detail: str = "x") -> Gap:
    return Gap(effect="unread", stage="walk", reason=reason, detail=detail, span=Span(path), sha256=sha256)


def test_gaps_are_named_by_content_reason_and_path() -> None:
    (base,) = fingerprint_gaps([gap()])
    (reworded,) = fingerprint_gaps([gap(detail="y")])
    assert base.fingerprint == reworded.fingerprint
    others = [gap(sha256="bb"), gap(reason="truncated"), gap(path="p.zip!/a/c.zip")]
    assert base.fingerprint not in [fingerprint_gaps([other])[0].fingerprint for other in others]


def test_gaps_alike_differ() -> None:
    one, two = fingerprint_gaps([gap(detail="x"), gap(detail="y")])
    assert one.fingerprint != two.fingerprint


@pytest.mark.parametrize("run", ["1", "1.", "v1", "1.1-", "1.1rc", "2024", "20240101", "1.1+deb"])
def test_hostile_names_cost_no_more_than_they_are_long(run: str) -> None:
    """A pattern that starts over at every character would keep this test busy for hours."""
    assert len(inner_path(Span(f"p!/{run * 1_000_000}"))) <= len(run) * 1_000_000
