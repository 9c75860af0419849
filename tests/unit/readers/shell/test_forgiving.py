"""What the forgiving reader makes of scripts, and what is said where the strict one refuses."""

from __future__ import annotations

import pytest

from pkgscan.facts.shell import Command, ShellScript
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.shell import ShellReader
from pkgscan.readers.shell.forgiving import parse_forgivingly
from pkgscan.readers.shell.statements import Statements
from pkgscan.values import shown

FRAMED = (
    "if x; then a; fi",
    "if x; then y; elif ! z; then a; else b; fi",
    "x && a",
    "x | a | y",
    "f() { a; }",
    "for i in x y; do a; done",
    "while x; do a; done",
    "case x in y|z) a;; esac",
    "( a )",
    "b $(a)",
    "{ a; } > /l",
)


def forgiven(text: str) -> list[Command]:
    source = Source(Entry(path="p!/x"), "shell", text.encode())
    return [fact for fact, _ in Statements(source, text, parse_forgivingly(text)).facts() if isinstance(fact, Command)]


def read(text: str) -> list[Reading]:
    return list(ShellReader().read(Source(Entry(path="p!/x"), "shell", text.encode())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if ! { sudo a; }; then b; fi", [["sudo", "a"], ["b"]]),
        ("coproc a b", [["a", "b"]]),
        ("X=1 a 'b c' \"$d\"", [["a", "b c", "$d"]]),
        ("export A=b C", [["export", "A=b", "C"]]),
        ("[ -x /a ] && b", [["[", "-x", "/a", "]"], ["b"]]),
        ("ä 'ö' && b", [["ä", "ö"], ["b"]]),
        ("cat <<E | sh\n$(a)\nE\n", [["cat"], ["sh"], ["a"]]),
    ],
)
def test_commands(text: str, expected: list[list[str]]) -> None:
    found = forgiven(text)
    assert [[shown(word) for word in command.words] for command in found] == expected
    assert all(text[one.span.first_column - 1 :].startswith(one.text) for one in found if one.span.first_line == 1)


@pytest.mark.parametrize("text", FRAMED)
def test_its_frames_are_those_of_the_strict_reader(text: str) -> None:
    strict = next(fact for fact in read(text) if isinstance(fact, Command) and fact.text == "a")
    (forgiving,) = (fact for fact in forgiven(text) if fact.text == "a")
    assert forgiving.context == strict.context
    assert forgiving.redirects == strict.redirects


def test_what_stands_before_and_in_what_is_no_shell_is_read_all_the_same() -> None:
    found = read("set -e\nif true; then\n  sudo a\n  b ) c\n  systemctl stop d\nfi\nsudo e\n")
    script = found[0]
    assert isinstance(script, ShellScript)
    assert (script.reader, script.whole) == ("tree-sitter", False)
    (gap,) = (reading for reading in found if isinstance(reading, Gap))
    assert (gap.effect, gap.reason, gap.span and gap.span.first_line) == ("partial", "shell-syntax", 4)
    told = {fact.text: (fact.span.first_line, fact.reader) for fact in found if isinstance(fact, Command)}
    assert told["set -e"] == (1, "strict")
    assert {text: told[text] for text in ("sudo a", "systemctl stop d", "sudo e")} == {
        "sudo a": (3, "tree-sitter"),
        "systemctl stop d": (5, "tree-sitter"),
        "sudo e": (7, "tree-sitter"),
    }


def test_what_only_one_reader_saw_is_less_certain() -> None:
    text = "if ! x; then\ncat <<EOF;\nsudo a\nEOF\nsudo b\n)\nfi\n"  # `<<EOF;` hides the rest from tree-sitter
    told = [
        (fact.text, fact.span.first_line, fact.certainty, fact.reader)
        for fact in read(text)
        if isinstance(fact, Command) and fact.text.startswith("sudo")
    ]
    assert told == [("sudo b", 5, "may", "strict")]


@pytest.mark.parametrize(
    "text", ['[ "$answer" = y ] |\n', "a &&\n", "for in\n", "x <<E;\n$(", "f() {\n", "case x in\n"]
)
def test_what_tree_sitter_puts_in_where_it_misses_something_is_no_word(text: str) -> None:
    for fact in read(text):
        if isinstance(fact, Command):
            assert fact.span.first_column <= fact.span.last_column or fact.span.first_line < fact.span.last_line
