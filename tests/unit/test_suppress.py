"""Suppressions and baselines: what is accepted, what comes back, what cannot be, and what a wrong file is told."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pkgscan.errors import UserError
from pkgscan.fingerprint import DIGITS
from pkgscan.model import Effect, Finding, Gap, Span
from pkgscan.suppress import Acceptance, Accepted, Applied, Baseline, apply_suppressions, matches_path
from pkgscan.suppressions import add_suppression, check_acceptances, describe, read_baseline, read_suppressions

TODAY = date(2026, 7, 15)
LATER = date(2027, 1, 31)
A, B, C = "a" * DIGITS, "b" * DIGITS, "c" * DIGITS


class Known(msgspec.Struct, frozen=True):
    id: str
    formerly: tuple[str, ...] = ()
    integrity: bool = False


RULES = (Known("unrotated-log", ("log-grows",)), Known("hidden-entry", integrity=True))


def finding(fingerprint: str = A, rule: str = "unrotated-log", path: str = "p.zip!/etc/cron.d/import") -> Finding:
    return Finding(
        rule=rule,
        category="defect",
        severity="high",
        confidence="high",
        message="m",
        span=Span(path),
        fingerprint=fingerprint,
    )


def gap(reason: str = "encrypted", effect: Effect = "unread", fingerprint: str = B) -> Gap:
    return Gap(effect=effect, stage="walk", reason=reason, detail="d", fingerprint=fingerprint)


def accept(fingerprint: str = "", expires: date = LATER, **more: str) -> Acceptance:
    return Acceptance(fingerprint=fingerprint, reason="known", owner="ops", expires=expires, **more)


def applied(
    *accepted: Acceptance,
    findings: tuple[Finding, ...] = (),
    gaps: tuple[Gap, ...] = (),
    baseline: Baseline | None = None,
) -> Applied:
    return apply_suppressions(findings, gaps, Accepted(accepted, baseline or Baseline()), TODAY, RULES)


def test_accepted_by_fingerprint() -> None:
    result = applied(accept(A), accept(B), findings=(finding(A), finding(C)), gaps=(gap(),))
    by = result.findings[0].suppressed
    assert by is not None
    assert (by.by, by.reason, by.owner, by.expires) == ("suppressions", "known", "ops", "2027-01-31")
    assert result.findings[1].suppressed is None
    assert result.gaps[0].suppressed is not None
    assert result.notes == result.unused == ()


@pytest.mark.parametrize("rule", ["unrotated-log", "log-grows"])
def test_accepted_by_rule_and_path(rule: str) -> None:
    found = (finding(A), finding(C, path="p.zip!/opt/x"))
    result = applied(accept(rule=rule, path="etc/cron.d/*"), findings=found)
    assert [one.suppressed is not None for one in result.findings] == [True, False]


@pytest.mark.parametrize(("expires", "holds"), [(TODAY, True), (date(2026, 7, 14), False)])
def test_expires_is_the_last_day_it_holds(expires: date, *, holds: bool) -> None:
    result = applied(accept(A, expires), findings=(finding(A),))
    assert (result.findings[0].suppressed is not None) == holds
    assert result.notes == (
        () if holds else (f"suppression of {A} expired on 2026-07-14, owner ops: what it accepted counts again",)
    )


def test_an_expired_suppression_is_not_covered_by_the_baseline() -> None:
    result = applied(accept(A, date(2026, 1, 1)), findings=(finding(A),), baseline=Baseline(frozenset({A})))
    assert result.findings[0].suppressed is None
    assert "expired" in result.notes[0]


def test_a_valid_suppression_beside_an_expired_one_holds() -> None:
    result = applied(accept(A, date(2026, 1, 1)), accept(rule="unrotated-log", path="**"), findings=(finding(A),))
    assert result.findings[0].suppressed is not None


def test_baseline() -> None:
    baseline = Baseline(frozenset({A}), frozenset({B}))
    result = applied(findings=(finding(A), finding(B)), gaps=(gap(), gap(fingerprint=A)), baseline=baseline)
    assert [one.suppressed and one.suppressed.by for one in result.findings] == ["baseline", None]
    assert [one.suppressed and one.suppressed.by for one in result.gaps] == ["baseline", None]


def test_unused_is_noted() -> None:
    result = applied(accept(A), accept(rule="unrotated-log", path="*"))
    assert result.notes == ()
    assert result.unused == (
        f"suppression of {A} matches nothing in this package",
        "suppression of unrotated-log at * matches nothing in this package",
    )


def test_a_rule_that_is_not_installed_is_the_users_error(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(f'{GOOD}\n[[accept]]\npath = "**"\nrule = "unrotated-lag"\n{REST}')
    with pytest.raises(
        UserError, match=r"accepted\.toml:11:8: unknown rule 'unrotated-lag'; did you mean 'unrotated-log'\?"
    ):
        check_acceptances(str(path), read_suppressions(str(path)), RULES)
    check_acceptances(str(path), (accept(A), accept(rule="log-grows", path="**")), RULES)


def test_integrity_cannot_be_accepted() -> None:
    found = (finding(A, "hidden-entry"),)
    result = applied(
        accept(A), accept(rule="hidden-entry", path="**"), findings=found, baseline=Baseline(frozenset({A}))
    )
    assert result.findings == found
    assert result.notes == (
        f"hidden-entry cannot be accepted; the suppression of {A} is ignored",
        "hidden-entry cannot be accepted; the suppression of hidden-entry at ** is ignored",
        "hidden-entry cannot be accepted; the baseline is ignored",
    )


@pytest.mark.parametrize(
    "reason", ["analyser-crash", "read-error", "internal-error", "timeout", "sandbox-unavailable", "ambiguous-archive"]
)
def test_our_own_failures_cannot_be_accepted(reason: str) -> None:
    result = applied(accept(B), gaps=(gap(reason),), baseline=Baseline(frozenset(), frozenset({B})))
    assert result.gaps[0].suppressed is None
    assert len(result.notes) == 2
    assert all("cannot be accepted" in note for note in result.notes)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("etc/cron.d/import", "etc/cron.d/import", True),
        ("etc/cron.d/*", "etc/cron.d/import", True),
        ("etc/*", "etc/cron.d/import", False),
        ("etc/**", "etc/cron.d/import", True),
        ("**/import", "etc/cron.d/import", True),
        ("**/import", "import", True),
        ("etc/**/import", "etc/import", True),
        ("**", "", True),
        ("*.tar.gz!/etc/*", "app-1.tar.gz!/etc/x", True),
        ("*", "app.tar.gz!/etc/x", False),
        ("ETC/*", "etc/x", False),
    ],
)
def test_globs(glob: str, path: str, *, fits: bool) -> None:
    assert matches_path(glob, Span(f"package.zip!/{path}")) == fits


def test_a_hostile_path_is_matched_in_steady_steps() -> None:
    assert not matches_path("/".join(["**", "a"] * 12) + "/b", Span("p!/" + "a/" * 2048))


HEAD = "# accepted here\n\n"
GOOD = f'{HEAD}[[accept]]\nfingerprint = "{A}"\nreason = "known"\nowner = "ops"\nexpires = 2027-01-31\n'
REST = 'reason = "known"\nowner = "ops"\nexpires = 2027-01-31\n'


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(f'{GOOD}\n[[accept]]\nrule = "unrotated-log"\npath = "etc/**"\n{REST}')
    assert read_suppressions(str(path)) == (accept(A), accept(rule="unrotated-log", path="etc/**"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[[accept]\n", 1, ("TOML",)),
        ("\n[[acept]]\n", 2, ("acept", "did you mean 'accept'?")),
        (GOOD.replace("owner", "ownr"), 6, ("ownr", "did you mean 'owner'?")),
        (GOOD.replace('"known"', "7"), 5, ("reason", "text", "7")),
        (GOOD.replace('"known"', '" "'), 5, ("reason is missing",)),
        (GOOD.replace('reason = "known"\n', ""), 3, ("reason is missing",)),
        (GOOD.replace('owner = "ops"\n', ""), 3, ("owner is missing",)),
        (GOOD.replace("expires = 2027-01-31\n", ""), 3, ("expires is missing",)),
        (GOOD.replace("2027-01-31", '"2027-01-31"'), 7, ("expires", "date", "without quotes")),
        (GOOD.replace("2027-01-31", "2027-01-31T00:00:00"), 7, ("expires", "date")),
        (GOOD.replace(A, "xyz"), 4, ("xyz", "hexadecimal")),
        (f"{HEAD}[[accept]]\n{REST}", 3, ("fingerprint", "rule and a path")),
        (f'{HEAD}[[accept]]\nrule = "unrotated-log"\n{REST}', 3, ("rule and a path",)),
        (GOOD + 'path = "*"\n', 3, ("both",)),
        (GOOD + GOOD, 10, ("twice",)),
        ("accept = 7\n", 1, ("accept", "list")),
        ("accept = [7]\n", 1, ("table",)),
        ("# only\nx = '''\n[[accept]]\n'''\n", 2, ("x",)),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: tuple[str, ...]) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_suppressions(str(path))
    said = str(caught.value)
    assert said.startswith(f"{path}:{line}:"), said
    assert [word for word in words if word not in said] == [], said
    assert "\n" not in said


def test_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.toml"):
        read_suppressions(str(tmp_path / "gone.toml"))


def report(tmp_path: Path, text: str) -> str:
    path = tmp_path / "before.json"
    path.write_text(text)
    return str(path)


def test_read_baseline(tmp_path: Path) -> None:
    text = """{"schema": "pkgscan-report/1", "more": 1,
        "findings": [{"rule": "r", "fingerprint": "aa", "suppressed": null},
                     {"rule": "r", "fingerprint": "bb", "suppressed": {"by": "suppressions"}},
                     {"rule": "r", "fingerprint": "cc", "suppressed": {"by": "baseline"}}],
        "gaps": [{"fingerprint": "dd", "suppressed": null}]}"""
    assert read_baseline(report(tmp_path, text)) == Baseline(frozenset({"aa", "cc"}), frozenset({"dd"}))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"runs": []}', '{"schema": "pkgscan-report/2", "findings": [], "gaps": []}', "\x00",
     '{"schema": "pkgscan-report/1", "findings": [{"fingerprint": 7}], "gaps": []}'],
)  # fmt: skip
def test_a_foreign_baseline_is_the_users_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"before\.json"):
        read_baseline(report(tmp_path, text))


def test_add_makes_the_file_and_appends(tmp_path: Path) -> None:
    path = str(tmp_path / "accepted.toml")
    add_suppression(path, accept(A), TODAY)
    add_suppression(path, accept(B), TODAY)
    assert read_suppressions(path) == (accept(A), accept(B))


def test_add_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(GOOD.rstrip())
    add_suppression(str(path), accept(B), TODAY)
    assert path.read_text().startswith(GOOD)
    assert read_suppressions(str(path)) == (accept(A), accept(B))


@pytest.mark.parametrize(
    ("acceptance", "words"),
    [
        (accept("xyz"), "xyz"),
        (accept(A.upper()), "fingerprint"),
        (accept(A, TODAY), "future"),
        (replace(accept(A), reason=" "), "--reason"),
        (replace(accept(A), owner=""), "--owner"),
        (replace(accept(A), owner="\udcff"), "UTF-8"),
    ],
)
def test_add_refuses(tmp_path: Path, acceptance: Acceptance, words: str) -> None:
    path = tmp_path / "accepted.toml"
    with pytest.raises(UserError, match=words):
        add_suppression(str(path), acceptance, TODAY)
    assert not path.exists()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (GOOD, "already, up to 2027-01-31"),
        ("[[accept]\n", "TOML"),
        ("accept = []\n", "TOML"),
        ("x = 1\n", "unknown key"),
    ],
)
def test_add_leaves_a_file_alone_that_it_cannot_extend(tmp_path: Path, before: str, words: str) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(before)
    with pytest.raises(UserError, match=words):
        add_suppression(str(path), accept(A), TODAY)
    assert path.read_text() == before


NAMED = {
    "findings": [
        {"fingerprint": A, "rule": "unrotated-log", "message": "grows \x1b[2J\nfor ever", "span": {"path": "p!/etc/x"}}
    ],
    "gaps": [{"fingerprint": B, "reason": "encrypted", "detail": "needs a password", "span": None}],
}


def test_a_report_says_what_is_accepted(tmp_path: Path) -> None:
    path, made = str(tmp_path / "accepted.toml"), report(tmp_path, json.dumps({"schema": "pkgscan-report/1", **NAMED}))
    for mark in (A, B):
        add_suppression(path, accept(mark), TODAY, describe(made, mark))
    text = Path(path).read_text()
    assert "# unrotated-log at etc/x: grows \\x1b[2J\\x0afor ever\n[[accept]]\n" in text
    assert "# encrypted: needs a password\n[[accept]]\n" in text
    assert read_suppressions(path) == (accept(A), accept(B))
    with pytest.raises(UserError, match=f"names no finding or gap {C}"):
        describe(made, C)


utf8 = st.text(st.characters(codec="utf-8"))


@given(utf8, utf8)
def test_any_reason_and_owner_survive_the_file(reason: str, owner: str) -> None:
    acceptance = replace(accept(A), reason=f"r{reason}", owner=f"o{owner}")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/accepted.toml"
        add_suppression(path, acceptance, TODAY)
        assert read_suppressions(path) == (acceptance,)


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    path = tmp_path / "accepted.toml"
    path.write_text(page.split("```toml\n")[2].split("```")[0])
    by_mark, by_rule = read_suppressions(str(path))
    assert (by_mark.fingerprint, by_rule.rule) == ("0123456789abcdef0123", "unrotated-log")
    place = re.findall(r"`(\S+!/etc/cron\.d/\S+)`", page)[0]
    assert matches_path(by_rule.path, Span(f"billing-platform.zip!/{place}"))
