"""What rules say of themselves, and the commands that print it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pkgscan.cli.explain import command as explain_command
from pkgscan.cli.rules import command as rules_command
from pkgscan.cli.suppress import command as suppress_command
from pkgscan.errors import UserError
from pkgscan.fingerprint import DIGITS
from pkgscan.registry import load
from pkgscan.report import RuleInfo
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, MEDIUM
from pkgscan.rulebook import (
    TABLE_BEGIN,
    TABLE_END,
    example,
    explain,
    find_rule,
    index,
    page,
    pages,
    severity_table,
    with_table,
)
from pkgscan.suppressions import read_suppressions

SAMPLE_DOC = """A thing is
shipped.

It should not be.

Nor that."""


def sample(*, integrity: bool = False) -> RuleInfo:
    return RuleInfo(
        id="some-thing",
        title="Ships a thing",
        summary="A thing is shipped.",
        doc=SAMPLE_DOC,
        remedy="Leave it out.",
        category=ASSUMPTION,
        severity=MEDIUM,
        grades=((ASSUMPTION, MEDIUM), (CONTRADICTION, HIGH)),
        family="unit",
        stage="preview",
        since="0.1",
        integrity=integrity,
        formerly=("old-thing",),
    )


def test_found_by_any_of_its_ids() -> None:
    rule = sample()
    assert find_rule([rule], "some-thing") is rule
    assert find_rule([rule], "old-thing") is rule
    with pytest.raises(UserError, match="did you mean 'some-thing'"):
        find_rule([rule], "som-thing")


def test_explain_says_it_all() -> None:
    assert explain(sample(integrity=True)) == (
        "some-thing: Ships a thing\n"
        "medium assumption, high contradiction; preview, since 0.1\n"
        "formerly old-thing\n"
        "\nA thing is shipped.\n"
        "\nIt should not be.\n"
        "\nNor that.\n"
        "\nIn preview: it is shown, and the gate counts it only with `--preview`.\n"
        "\nIt guards the scan itself: its findings can be neither accepted nor lowered.\n"
        "\nWhat to do:\nLeave it out.\n"
    )


def test_page() -> None:
    text = page(sample(), "medium  some-thing  x\n")
    assert text.startswith("# some-thing\n\n**Ships a thing.** A thing is shipped.\n\nIt should not be.\n\nNor that.\n")
    assert "| Grades | medium assumption, high contradiction |\n" in text
    assert "| Formerly | `old-thing` |\n" in text
    assert text.endswith("## What to do\n\nLeave it out.\n\n## Example\n\n```text\nmedium  some-thing  x\n```\n")


def test_index_and_table_link_every_rule() -> None:
    assert "[some-thing](some-thing.md)" in index([sample()])
    rows = severity_table([sample()]).splitlines()[2:]
    assert rows == [
        "| [some-thing](rules/some-thing.md) | assumption | medium | usually |",
        "| [some-thing](rules/some-thing.md) | contradiction | high | where evidence moves it |",
    ]


def test_the_table_replaces_what_is_between_its_marks() -> None:
    text = f"before\n{TABLE_BEGIN}\nold\n{TABLE_END}\nafter\n"
    assert with_table(text, "new") == f"before\n{TABLE_BEGIN}\nnew\n{TABLE_END}\nafter\n"
    with pytest.raises(ValueError, match="lacks"):
        with_table("no marks", "new")


def test_the_example_is_a_bad_case_of_the_usual_severity(tmp_path: Path) -> None:
    for name, text in (("good-a", "medium a"), ("bad-b", "low b"), ("bad-c", "medium c"), ("bad-d", "medium d")):
        (tmp_path / "some-thing" / name).mkdir(parents=True)
        (tmp_path / "some-thing" / name / "expected.txt").write_text(text)
    folder = str(tmp_path / "some-thing")
    assert (example(folder, "medium"), example(folder, "high")) == ("medium c", "low b")
    assert example(str(tmp_path / "gone"), "high") == ""
    assert "```text\nmedium c\n```" in dict(pages([sample()], str(tmp_path)))["some-thing.md"]


def test_the_commands_print_what_the_rules_say() -> None:
    rule = load().infos[0]
    assert CliRunner().invoke(explain_command, [rule.id]).output == explain(rule)
    assert isinstance(CliRunner().invoke(explain_command, ["no-rule"]).exception, UserError)
    listed = CliRunner().invoke(rules_command).output.splitlines()
    assert [line.split()[0] for line in listed] == [rule.id for rule in load().infos]
    rows = json.loads(CliRunner().invoke(rules_command, ["--format", "json"]).output)
    assert [row["id"] for row in rows] == [rule.id for rule in load().infos]


def test_suppress_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pkgscan.toml").write_text('suppressions = "accepted.toml"\n')
    monkeypatch.chdir(tmp_path)
    words = ["add", "a" * DIGITS, "--reason", "known", "--owner", "ops", "--expires", str(date.today() + timedelta(30))]  # noqa: DTZ011
    done = CliRunner().invoke(suppress_command, words)
    assert done.exit_code == 0, done.output
    assert re.search(r"accepted\.toml accepts a+ up to ", done.output)
    assert [one.owner for one in read_suppressions(str(tmp_path / "accepted.toml"))] == ["ops"]
    again = CliRunner().invoke(suppress_command, words)
    assert isinstance(again.exception, UserError)
    for missing in ("--reason", "--owner", "--expires"):
        at = words.index(missing)
        assert CliRunner().invoke(suppress_command, words[:at] + words[at + 2 :]).exit_code == 2
