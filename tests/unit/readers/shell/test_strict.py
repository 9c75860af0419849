"""What the strict reader makes of scripts; what is valid shell and what is not, dash and bash say."""

from __future__ import annotations

import pytest

from pkgscan.facts.shell import Assignment, Command, Frame, FunctionDefinition, ShellScript
from pkgscan.model import Entry, Fact, Gap
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.shell import ShellReader
from pkgscan.values import Join, Literal, Unknown, VariableRef, shown


def read(text: str, kind: str = "shell") -> list[Reading]:
    return list(ShellReader().read(Source(Entry(path="p!/x"), kind, text.encode())))


def facts(text: str) -> list[Fact]:
    found = read(text)
    script = found[0]
    assert isinstance(script, ShellScript)
    assert (script.reader, script.whole) == ("strict", True)
    return [fact for fact in found if isinstance(fact, Fact)]


def commands(text: str) -> list[Command]:
    return [fact for fact in facts(text) if isinstance(fact, Command)]


def words(text: str) -> list[list[str]]:
    return [[shown(word) for word in command.words] for command in commands(text)]


def frames(text: str, name: str = "a") -> list[Frame]:
    (command,) = (command for command in commands(text) if command.words[0] == Literal(name))
    return list(command.context)


def at(text: str, frame: Frame) -> list[str]:
    return [text[area.first_column - 1 : area.last_column] for area in frame.areas]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d $e\" f\\ g $'h\\ti'", [["a", "b c", "d $e", "f g", "h\ti"]]),
        ("a\\\nb c\\\n d", [["ab", "c", "d"]]),
        ('a $(b "$(c)") `d`', [["a", "<output of a command>", "<output of a command>"], ["b", "<output of a command>"],
                                ["c"], ["d"]]),
        (r'x="`a \"b c\" \`d\``"', [["a", "b c", "<output of a command>"], ["d"]]),
        ("a $((1 + (2))) $[3 + 4] ${#b} ${c%d} ${e[@]}", [["a", "<computed at run time>", "<computed at run time>",
            "<computed at run time>", "<made of $c>", "$e"]]),
        ("case $x in a) b;; (c|d) e ;& *) f; esac", [["b"], ["e"], ["f"]]),
        ("for i in 1 2; do a $i; done; for i do b; done; for i; do c; done", [["a", "$i"], ["b"], ["c"]]),
        ("for ((i = 0; i < 3; i++)) { a; }", [["a"]]),
        ("select i in x; do a; done; while a; do b; done; until c; do d; done", [["a"], ["a"], ["b"], ["c"], ["d"]]),
        ("f() { a; }; function g { b; }; function h() ( c )", [["a"], ["b"], ["c"]]),
        ("[[ -x /a && $b =~ ^(c|d)$ ]] && a", [["[[", "-x", "/a", "&&", "$b", "=~", "^(c|d)$", "]]"], ["a"]]),
        ("((x > 1)) || a", [["((", "x > 1"], ["a"]]),
        ("((a); b)", [["a"], ["b"]]),
        ("cat <(a) >(b)", [["cat", "<a pipe to commands>", "<a pipe to commands>"], ["a"], ["b"]]),
        ("! { a; }; ! b", [["a"], ["b"]]),
        ("time a; time { b; }; time -p { c; }", [["time", "a"], ["b"], ["c"]]),
        ("coproc a; coproc N { b; }", [["a"], ["b"]]),
        ("cat <<E; sudo b\nx\nE\nc", [["cat"], ["sudo", "b"], ["c"]]),
        ("<<E sudo x\nE\na", [["sudo", "x"], ["a"]]),
        ("exec {fd}<>x 3<>y; a", [["exec"], ["a"]]),
        ("cat <<-E\n\n\t\tx $(a)\n\t\tE\nb", [["cat"], ["a"], ["b"]]),
        ("cat <<'E'\n$(no)\nE\nb", [["cat"], ["b"]]),
        ("a <<<'b c'; d", [["a"], ["d"]]),
        ("a @(b|c) ?(d) K[0-9][0-9]x \\(", [["a", "@(b|c)", "?(d)", "K[0-9][0-9]x", "("]]),
        ("if !(a); then b; fi", [["a"], ["b"]]),
        ('k="${k%%[\\"\\\']\\]*}"; a "${x:-\\}}"', [["a", "$x"]]),
        ("#!/bin/sh\n'''exec' /usr/bin/python3 \"$0\"\n'''\nimport re\nf(x\n", [["exec", "/usr/bin/python3", "$0"]]),
        ("a # b\n# c\nd#e", [["a"], ["d#e"]]),
        ("a\r\nif b; then\r\nc\r\nfi\r\n", [["a"], ["b"], ["c"]]),
        ("a; exit 0\n\x7fELF)(((\n", [["a"], ["exit", "0"]]),
    ],
)  # fmt: skip
def test_commands(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if a; then b; fi", ["test"]),
        ("if x; then a; fi", ["if"]),
        ("if x; then y; elif a; then z; fi", ["else", "test"]),
        ("if x; then y; elif z; then a; fi", ["else", "elif"]),
        ("if x; then y; else a; fi", ["else"]),
        ("a && x", ["and-left"]),
        ("x || a", ["or"]),
        ("a && x || y", ["or-left", "and-left"]),
        ("x && a || y", ["or-left", "and"]),
        ("x | a | y", ["pipe"]),
        ("! x | a", ["not", "pipe"]),
        ("x && a &", ["background", "and"]),
        ("( a )", ["subshell"]),
        ("{ a; } > /l", ["group"]),
        ("{ a; }", []),
        ("x $(a)", ["substitution"]),
        ("x=`a`", ["substitution"]),
        ("f() { a; }", ["function"]),
        ("f() { if x; then y | a; fi; }", ["function", "if", "pipe"]),
        ("for i in 1; do a; done", ["for"]),
        ("while a; do x; done", ["test"]),
        ("until x; do a; done", ["until"]),
        ("case x in y) a;; esac", ["case"]),
        ("coproc a", ["background"]),
        ("cat <<E\n$(a)\nE\n", ["substitution"]),
    ],
)
def test_where_a_command_stands(text: str, expected: list[str]) -> None:
    assert [frame.kind for frame in frames(text)] == expected


@pytest.mark.parametrize(
    ("text", "which", "expected", "negated"),
    [
        ("if x y; then a; fi", 0, ["x y"], False),
        ("if ! x y; then a; fi", 0, ["x y"], True),
        ("if x; y && z; then a; fi", 0, ["x; y && z"], False),
        ("if x; then y; elif z; then a; fi", 0, ["x"], False),
        ("if x; then y; elif z; then w; else a; fi", 0, ["x", "z"], False),
        ("x 1 && y 2 || a", 0, ["x 1 && y 2"], False),
        ("! x || a", 0, ["x"], True),
        ("a || x y", 0, ["x y"], False),
        ("a && x || y z", 0, ["y z"], False),
        ("while ! x; do a; done", 0, ["x"], True),
        ("x | y z | a >b", 0, ["x | y z | a >b"], False),
        ("x y $(a) z", 0, ["x y $(a) z"], False),
    ],
)
def test_where_what_decides_stands(text: str, which: int, expected: list[str], negated: bool) -> None:  # noqa: FBT001
    frame = frames(text)[which]
    assert (at(text, frame), frame.negated) == (expected, negated)


def test_what_frames_say_besides() -> None:
    (loop,) = frames("for i in x $y; do a; done")
    assert (loop.name, loop.words) == ("i", (Literal("x"), VariableRef("y", splits=True)))
    (arm,) = frames('case "$1" in x|y*) a;; esac')
    assert arm.words == (VariableRef("1"), Literal("x"), Literal("y*"))
    (pipe,) = frames("x | a | y")
    assert (pipe.position, pipe.count) == (1, 3)
    assert frames("f() { a; }")[0].name == "f"


def test_redirects_and_here_docs() -> None:
    text = "a >> /l 2>&1 <<E\nb\nE\n{ c; } > /g\n"
    first, second = commands(text)
    assert [(one.operator, shown(one.target)) for one in first.redirects] == [(">>", "/l"), ("2>&", "1"), ("<<", "E")]
    assert first.redirects[2].body is not None
    assert (first.redirects[2].body.first_line, first.redirects[2].expands) == (2, True)
    assert [(one.operator, shown(one.target)) for one in second.redirects] == [(">", "/g")]
    assert commands("a <<'E'\nb\nE\n")[0].redirects[0].expands is False


def test_assignments() -> None:
    found = [fact for fact in facts(
        'X=1\nY="$X/b" c\nexport Z=d W\nlocal -r v\nA=(e "f")\nA[1]+=g\nfor i in h; do :; done\nread -r j\n: ${k:=l}\n'
    ) if isinstance(fact, Assignment)]  # fmt: skip
    told = [(one.name, [shown(value) for value in one.values], one.by) for one in found]
    assert told == [
        ("X", ["1"], ""), ("Z", ["d"], "export"), ("W", [], "export"), ("v", [], "local"), ("A", ["e", "f"], ""),
        ("A", ["g"], ""), ("i", ["h"], "for"), ("j", [], "read"), ("k", ["l"], ":="),
    ]  # fmt: skip
    assert [(one.is_array, one.appends, one.key) for one in found[4:6]] == [(True, False, ""), (False, True, "1")]
    (command,) = (one for one in commands('Y="$X/b" c'))
    assert command.environment == (("Y", Join((VariableRef("X"), Literal("/b")))),)


def test_functions() -> None:
    text = "a\nf () { b; } >/l\n"
    (function,) = (fact for fact in facts(text) if isinstance(fact, FunctionDefinition))
    assert (function.name, function.span.first_column, function.span.last_column) == ("f", 1, 1)
    assert (function.body.first_column, function.body.last_column) == (6, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$X", VariableRef("X", splits=True)),
        ('"${X}"', VariableRef("X")),
        ('"${X:-b}"', VariableRef("X", "-", Literal("b"), empty_too=True)),
        ("${X+b}", VariableRef("X", "+", Literal("b"), splits=True)),
        ('"${X:-$Y/c}"', VariableRef("X", "-", Join((VariableRef("Y"), Literal("/c"))), empty_too=True)),
        ('"${X?gone}"', VariableRef("X", "?", Literal("gone"))),
        ('"$1"', VariableRef("1")),
        ('"${10}"', VariableRef("10")),
        ('"$@"', VariableRef("@")),
        ("$?", Unknown("set at run time")),
        ("~/x", Join((Unknown("home directory"), Literal("/x")))),
        ("'$X'", Literal("$X")),
        ('"a\\$b\\c"', Literal("a$b\\c")),
        ('""', Literal("")),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert commands(f"a {text}")[0].words[1] == expected


@pytest.mark.parametrize(
    ("text", "interpreter", "dialect", "options"),
    [
        ("#!/bin/sh -e\n", "sh", "sh", ("e",)),
        ("#!/usr/bin/env bash\n", "bash", "bash", ()),
        ("#!/bin/bash -euo pipefail\n", "bash", "bash", ("e", "u", "pipefail")),
        ("#!/usr/bin/ksh93\n", "ksh93", "ksh", ()),
        ("a\n", "", "sh", ()),
    ],
)
def test_the_first_line(text: str, interpreter: str, dialect: str, options: tuple[str, ...]) -> None:
    (script, *_) = facts(text + "a\n")
    assert isinstance(script, ShellScript)
    assert (script.interpreter, script.dialect, script.options) == (interpreter, dialect, options)


@pytest.mark.parametrize(
    "text",
    ["if a; then", "a )", "a 'b", 'a "b', "a | | b", "a &&", "fi", "case x in y", "f( {", "for i in (; do", "a `b",
     "echo $(a", "{ a", "&& a", "a ;; b", "${x", "[[ a", "( a", "a=(b"],
)  # fmt: skip
def test_what_is_no_shell_is_said_with_its_line(text: str) -> None:
    script, *rest = read(f"before\n{text}\n")
    assert isinstance(script, ShellScript)
    assert not script.whole
    gaps = [reading for reading in rest if isinstance(reading, Gap)]
    assert {(gap.effect, gap.reason) for gap in gaps} == {("partial", "shell-syntax")}
    assert all(gap.span and gap.span.first_line in (2, 3) for gap in gaps)
    (first, *_) = (reading for reading in rest if isinstance(reading, Command))
    assert (first.text, first.reader, first.certainty) == ("before", "strict", "must")


@pytest.mark.parametrize(
    ("text", "is_read"),
    [("set -e\ncd /opt\n./run\n", True), ("This is a text\nfor people\n", False), ("start )(\n", False)],
)
def test_a_text_that_only_may_be_executed_is_read_if_it_looks_like_shell(text: str, is_read: bool) -> None:  # noqa: FBT001
    found = read(text, "shell-guess")
    assert bool(found) == is_read
    assert {reading.certainty for reading in found if isinstance(reading, Command)} <= {"may"}


def test_bytes_that_are_no_utf_8_are_latin_1() -> None:
    source = Source(Entry(path="p!/x"), "shell", b"a '\xe4' b\nc\n")
    found = [fact for fact in ShellReader().read(source) if isinstance(fact, Command)]
    assert [(one.words[0], one.span.first_line) for one in found] == [(Literal("a"), 1), (Literal("c"), 2)]
    assert found[0].words[1] == Literal("ä")
