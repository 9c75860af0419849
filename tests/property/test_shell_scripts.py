"""Every fact of a script stands where it says, whatever the text; and two readings of a text are one."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.facts.shell import Assignment, Command, FunctionDefinition
from pkgscan.model import Entry, Fact, Gap, Span
from pkgscan.readers.base import Embedded, Reading, Source
from pkgscan.readers.shell import ShellReader
from pkgscan.values import Literal

PIECES = (
    "a", "bc", "/x/y", "'q r'", '"s $T"', "$U", "${V:-w}", "$(x y)", "`z`", "$((1+2))", "\\ ", "é", "X=1", "Y+=2",
    "Z=(1 2)",
    " ", " ", " ", "\n", "; ", " && ", " || ", " | ", " & ", "! ", ">f ", "2>&1 ", "<<E\n", "E\n", "<<<w ",
    "if ", "then ", "else ", "elif ", "fi ", "while ", "do ", "done ", "for i in ", "case x in ", "esac ", ";; ", ") ",
    "( ",
    "{ ", "} ", "f() ", "[[ ", " ]] ", "((", "))", "# c\n", "export ", "sh -c ", "'", '"', "$(", "${", "`",
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
command = st.sampled_from(("a b", "X=1 c 'd e'", 'f "$(g h)" >i', "[ -x /j ]", "k <<E\nl $(m)\nE"))


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Scripts around scripts."""
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map("\n".join),
        two.map(lambda both: f"if {both[0]}\nthen {both[1]}\nfi"),
        inner.map(lambda one: f"while true; do\n{one}\ndone"),
        inner.map(lambda one: f"f() {{\n{one}\n}} 2>/n"),
        inner.map(lambda one: f"case $o in p|q)\n{one}\n;; esac"),
        inner.map(lambda one: f"(\n{one}\n) && r || s"),
        inner.map(lambda one: f't "$(\n{one}\n)"'),
    )


valid = st.recursive(command, nested, max_leaves=12)


def read(text: str) -> list[Reading]:
    return list(ShellReader().read(Source(Entry(path="p!/x"), "shell", text.encode())))


def stands_at(text: str, span: Span) -> str:
    lines = text.split("\n")[span.first_line - 1 : span.last_line]
    assert span.first_column >= 1
    assert span.last_column <= len(lines[-1]) + 1
    lines[-1] = lines[-1][: span.last_column]
    lines[0] = lines[0][span.first_column - 1 :]
    return "\n".join(lines)


def check(text: str, readings: list[Reading]) -> None:
    for fact in readings:
        if isinstance(fact, Command | Assignment | FunctionDefinition):
            assert stands_at(text, fact.span) == fact.text.removesuffix("\n")  # which has a column, and is none
        if isinstance(fact, Command):
            name = stands_at(text, fact.name_span)
            assert fact.text.startswith(name)
            if isinstance(fact.words[0], Literal) and fact.words[0].text.isalnum():
                assert name.strip("'\"").replace("\\", "") == fact.words[0].text
            for frame in fact.context:
                assert all(area.span("p!/x").last_line <= text.count("\n") + 1 for area in frame.areas)


@given(st.one_of(pieces, st.text(string.printable + "é\x00", max_size=200)))
@settings(deadline=None)
def test_any_text_ends_in_facts_that_stand_where_they_say_or_in_a_gap(text: str) -> None:
    found = read(text)
    assert all(isinstance(reading, Fact | Embedded | Gap) for reading in found)
    check(text.replace("\r\n", " \n"), found)
    assert read(text) == found


@given(valid)
@settings(deadline=None)
def test_a_script_is_read_strictly_and_whole(text: str) -> None:
    found = read(text)
    assert not [reading for reading in found if isinstance(reading, Gap)]
    check(text, found)
    assert sum(isinstance(fact, Command) and fact.text == "a b" for fact in found) == text.count("a b")
