"""Variables of hostile scripts: whatever refers to whatever, readings stay few and small, and the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.facts.shell import Assignment, Command, Frame
from pkgscan.link.values import READINGS, VALUES, Values
from pkgscan.model import Span
from pkgscan.reason.scripts import Script
from pkgscan.reason.words import parts
from pkgscan.values import Literal, Value, VariableRef, join

PATH = "p.zip!/install.sh"
MANY = 1000


class OneFile:
    """A script alone."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def script(self, path: str) -> Script | None:
        return self._script if path == PATH else None

    def shares(self, path: str) -> Sequence[Script]:
        return ()

    def place(self, path: str) -> str:
        return "./install.sh"


def span(line: int) -> Span:
    return Span(PATH, line, line, 1, 80)


def assignment(line: int, name: str, *values: Value, context: tuple[Frame, ...] = ()) -> Assignment:
    return Assignment(span=span(line), name=name, values=values, context=context)


def command(line: int, *words: Value) -> Command:
    return Command(span=span(line), words=words, name_span=span(line))


def refs(*names: str) -> Value:
    return join([VariableRef(name) for name in names])


IF = (Frame("if"),)
CASES: dict[str, list[Assignment]] = {
    "a chain": [assignment(n, f"V{n}", refs(f"V{n - 1}")) for n in range(1, MANY)],
    "a chain backwards": [assignment(n, f"V{MANY - n}", refs(f"V{MANY - n - 1}")) for n in range(1, MANY)],
    "a circle": [assignment(n, f"V{n}", refs(f"V{(n + 1) % 50}"), context=IF) for n in range(MANY)],
    "doubling": [assignment(n, f"V{n}", refs(f"V{n - 1}", f"V{n - 1}")) for n in range(1, MANY)],
    "all of all": [assignment(n, f"V{n % 20}", refs(*(f"V{m}" for m in range(20))), context=IF) for n in range(MANY)],
    "one name": [assignment(n, "V1", Literal(str(n)), context=IF) for n in range(MANY)],
    "a long list": [Assignment(span=span(1), name="V1", by="for", values=tuple(Literal(str(n)) for n in range(MANY)))],
    "itself": [assignment(n, "V1", refs("V1", "V1", "V1"), context=IF) for n in range(MANY)],
}


@pytest.mark.parametrize("name", CASES)
def test_hostile_assignments(name: str) -> None:
    commands = [
        command(MANY + n, VariableRef(f"V{n % 30}", splits=True), refs("V1", f"V{MANY - n}")) for n in range(MANY)
    ]
    values = Values(OneFile(Script(PATH, commands, CASES[name])))
    for one in commands:
        found = values.readings(one)
        assert len(found) <= READINGS
        assert all(len(parts(word)) < 1 << 15 for reading in found for word in reading.words)


NAMES = st.sampled_from("ABC")
PIECES = st.one_of(NAMES.map(VariableRef), st.text("ab /", max_size=3).map(Literal))
WORDS = st.lists(PIECES, max_size=4).map(join)
CONTEXTS = st.sampled_from([(), IF, (Frame("function", "f"),), (Frame("while"),)])


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, WORDS, CONTEXTS, st.booleans()), max_size=12), WORDS)
def test_any_assignments(rows: list[tuple[str, Value, tuple[Frame, ...], bool]], word: Value) -> None:
    assignments = [
        Assignment(span=span(line), name=name, values=(value,), context=context, appends=appends)
        for line, (name, value, context, appends) in enumerate(rows, 1)
    ]
    one = command(99, Literal("x"), word)
    script = Script(PATH, [one], assignments)
    found = Values(OneFile(script)).readings(one)
    assert found == Values(OneFile(script)).readings(one)
    assert 0 < len(found) <= READINGS
    assert all(reading.words[0] == Literal("x") for reading in found)


def test_what_is_set_in_a_straight_line_is_sure() -> None:
    rows = [assignment(1, "A", Literal("a")), assignment(2, "A", Literal("b"))]
    one = command(3, Literal("x"), VariableRef("A"))
    (reading,) = Values(OneFile(Script(PATH, [one], rows))).readings(one)
    assert reading.words == (Literal("x"), Literal("b"))
    assert reading.sure


def test_values_are_few() -> None:
    rows = [assignment(n, "A", Literal(str(n)), context=IF) for n in range(1, 60)]
    one = command(99, Literal("x"), VariableRef("A"))
    found = Values(OneFile(Script(PATH, [one], rows))).readings(one)
    assert len(found) <= VALUES + 1
    assert not any(reading.sure for reading in found)
    assert len({reading.words for reading in found}) == len(found)
