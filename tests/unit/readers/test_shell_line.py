from __future__ import annotations

import pytest

from pkgscan.facts.shell import Area, Command
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Embedded, Reading, Source
from pkgscan.readers.shell_line import LINE_LIMIT, NESTING_LIMIT, ShellLineReader
from pkgscan.values import Join, Literal, Unknown, VariableRef, shown


def read(text: str) -> list[Reading]:
    return list(ShellLineReader().read(Source(Entry(path="p!/x"), "shell-line", text.encode())))


def commands(text: str) -> list[Command]:
    found = read(text)
    assert not [reading for reading in found if isinstance(reading, Gap)]
    return [reading for reading in found if isinstance(reading, Command)]


def words(text: str) -> list[list[str]]:
    return [[shown(word) for word in command.words] for command in commands(text)]


def kinds(command: Command) -> tuple[str, ...]:
    return tuple(frame.kind for frame in command.context)


def test_guard_append_and_fallback() -> None:
    found = commands("test -x /a/b && \"/opt/$APP/run\" 'x y' >> /var/log/x.log 2>&1 || true")
    assert [kinds(command) for command in found] == [("and-left",), ("or-left", "and"), ("or",)]
    run = found[1]
    assert run.context[1].areas == (Area(1, 1, 1, 12),)
    assert found[2].context[0].areas == (Area(1, 1, 1, 60),)
    assert run.words == (Join((Literal("/opt/"), VariableRef("APP"), Literal("/run"))), Literal("x y"))
    assert [(one.operator, shown(one.target)) for one in run.redirects] == [(">>", "/var/log/x.log"), ("2>&", "1")]
    assert (run.span.first_column, run.span.last_column) == (17, 37)
    assert (run.name_span.first_column, run.name_span.last_column) == (17, 31)
    assert run.text == "\"/opt/$APP/run\" 'x y'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ('a "q\\"r" "\\x"', [["a", 'q"r', "\\x"]]),
        ("X=1 a; Y=2", [["a"]]),
        ("a $(b c) `d`", [["a", "<output of a command>", "<output of a command>"], ["b", "c"], ["d"]]),
        ("a ~/b $1 ${X:-y} $((1 + (2)))", [["a", "<home directory>/b", "<given at run time>", "<set at run time>",
                                            "<computed at run time>"]]),
        ("a \\\n b", [["a", "b"]]),
        ("# only this", []),
        ("", []),
        ("a # comment", [["a"]]),
    ],
)  # fmt: skip
def test_words(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("x | a", ("pipe",)),
        ("( a )", ("subshell",)),
        ("a &", ("background",)),
        ("x && a &", ("background", "and")),
        ("a || x", ("or-left",)),
        ("for i in 1 2; do a; done", ("for",)),
        ("while x; do a; done", ("while",)),
        ("until a; do x; done", ("test",)),
        ("if a; then x; fi", ("test",)),
        ("if x; then y; elif a; then z; fi", ("else", "test")),
        ("if x; then y; elif z; then a; fi", ("else", "elif")),
        ("if x; then a; fi", ("if",)),
        ("if x; then y; else a; fi", ("else",)),
        ("f() { a; }", ("function",)),
        ("x $(a)", ("substitution",)),
        ("! a", ("not",)),
        ("! x | a", ("not", "pipe")),
        ("{ a; }", ()),
    ],
)
def test_context(text: str, context: tuple[str, ...]) -> None:
    assert [kinds(command) for command in commands(text) if command.words[0] == Literal("a")] == [context]


def test_the_redirect_of_a_group_is_every_members() -> None:
    found = commands("{ a; b; } >> /l")
    assert [[shown(one.target) for one in command.redirects] for command in found] == [["/l"], ["/l"]]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sh -c 'a; b'", "a; b"),
        ("nice -n 5 bash -euc 'a'", "a"),
        ('su - app -c "cd /o && ./r \\"q\\""', 'cd /o && ./r "q"'),
        ("runuser -l app -c 'a'", "a"),
        ("flock -n /run/l -c 'a'", "a"),
        ("sudo -u app sh -c 'a $X'", "a $X"),
    ],
)  # fmt: skip
def test_a_string_for_another_shell_is_handed_on(text: str, inner: str) -> None:
    (embedded,) = (reading for reading in read(text) if isinstance(reading, Embedded))
    assert (embedded.kind, embedded.text) == ("shell-line", inner)
    for segment, following in zip(embedded.segments, (*embedded.segments[1:], None), strict=True):
        piece = inner[segment.offset : following.offset if following else len(inner)]
        assert text[segment.column - 1 :].startswith(piece)


def test_a_program_of_another_language_is_not_handed_on() -> None:
    assert not [reading for reading in read("python3 -c 'import os' x -c y") if isinstance(reading, Embedded)]
    assert not [reading for reading in read("sh /opt/run.sh -c x") if isinstance(reading, Embedded)]


@pytest.mark.parametrize(
    "text",
    [
        "case x in a) b;; esac",
        "a 'unterminated",
        "if a; then",
        "a )",
        "if " * 2500,
        "a <<E",
        "$' & ${' b }",
        "|",
    ],
)
def test_what_is_refused_is_handed_to_the_reader_of_scripts(text: str) -> None:
    (handed,) = read(text)
    assert isinstance(handed, Embedded)
    assert (handed.kind, handed.text) == ("shell", text)
    assert (handed.segments[0].line, handed.segments[0].column) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "a " * LINE_LIMIT,
        "$(" * (NESTING_LIMIT + 1) + ")" * (NESTING_LIMIT + 1),
        "`" * 200,
    ],
)
def test_what_is_too_large_to_be_looked_at_is_unread(text: str) -> None:
    (gap,) = read(text)
    assert isinstance(gap, Gap)
    assert (gap.effect, gap.reason) == ("unread", "shell-limit")


@pytest.mark.parametrize("text", ["|".join(["a"] * 4000), "$a" * 4000, "\\" * 8000, "> a " * 2000, "$(a) " * 1500])
def test_hostile_lines_end(text: str) -> None:
    assert all(isinstance(reading, Command | Gap) for reading in read(text))


def test_unknown_parts_are_said() -> None:
    (command,) = commands("run ${X:-y}")
    assert command.words[1] == Unknown("set at run time")
