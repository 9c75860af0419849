"""Every command stands exactly where its span says, however it is quoted, nested, continued or embedded."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.facts.shell import Command
from pkgscan.model import Entry, Gap, Span
from pkgscan.readers.base import Embedded, Reader, Reading, Source
from pkgscan.readers.shell_line import ShellLineReader
from pkgscan.readers.unit import ServiceReader
from pkgscan.values import Literal

SAFE = string.ascii_letters + string.digits + "/._-:=,%@é"
plain = st.text(SAFE, min_size=1, max_size=8).filter(lambda word: "=" not in word)
quoted = st.one_of(
    plain,
    st.text(SAFE + " ;|&<>(){}#", max_size=8).map(lambda text: f"'{text}'"),
    st.text(SAFE + " ;|&<>(){}#'", max_size=8).map(lambda text: f'"{text}"'),
    plain.map(lambda text: f'"$X{text[:0]}"{text}'),
    plain.map(lambda text: "${Y}" + text),
    plain.map(lambda text: f"$(b {text})"),
    plain.map(lambda text: text + "\\ z"),
)
command = st.tuples(plain, st.lists(quoted, max_size=3)).map(lambda made: " ".join(("x" + made[0], *made[1])))
joiner = st.sampled_from((" && ", " || ", " | ", "; ", " & ", " \\\n && "))
line = st.lists(st.tuples(command, joiner), min_size=1, max_size=4).map(
    lambda pairs: "".join(text + join for text, join in pairs[:-1]) + pairs[-1][0]
)
grouped = st.one_of(
    line, line.map(lambda text: f"( {text} ) >> /l"), line.map(lambda text: f"if {text}; then {text}; fi")
)


def read(reader: Reader, source: Source) -> list[Reading]:
    """What the reader yields, and the shell what it embeds."""
    found = list(reader.read(source))
    for reading in found[:]:
        if isinstance(reading, Embedded):
            inner = Source(source.entry, reading.kind, reading.text.encode(), segments=reading.segments)
            found += read(ShellLineReader(), inner)
    return found


def stands_at(text: str, span: Span) -> str:
    lines = text.split("\n")[span.first_line - 1 : span.last_line]
    lines[-1] = lines[-1][: span.last_column]
    lines[0] = lines[0][span.first_column - 1 :]
    return "\n".join(lines)


def check(text: str, readings: list[Reading]) -> int:
    assert not [reading for reading in readings if isinstance(reading, Gap)]
    commands = [reading for reading in readings if isinstance(reading, Command)]
    for found in commands:
        assert stands_at(text, found.span) == found.text
        assert found.text.startswith(stands_at(text, found.name_span))
        if isinstance(found.words[0], Literal) and found.words[0].text.isalnum():
            assert stands_at(text, found.name_span) == found.words[0].text
    return len(commands)


@given(grouped)
@settings(deadline=None)
def test_shell_lines(text: str) -> None:
    source = Source(Entry(path="p!/x"), "shell-line", text.encode())
    assert check(text, read(ShellLineReader(), source)) >= 1


@given(line.filter(lambda text: "'" not in text and "\\\n" not in text))
@settings(deadline=None)
def test_strings_within_shell_lines(text: str) -> None:
    outer = f"cd /o && su - app -c '{text}'"
    source = Source(Entry(path="p!/x"), "shell-line", outer.encode())
    assert check(outer, read(ShellLineReader(), source)) >= 3


@given(st.lists(plain, min_size=1, max_size=4), st.sampled_from((" ", " \\\n", "  \\\n# c\n ")))
@settings(deadline=None)
def test_exec_lines(words: list[str], blank: str) -> None:
    text = "[Service]\nExecStart=-/bin/" + blank.join(words) + "\nUser=x\n"
    readings = list(ServiceReader().read(Source(Entry(path="p!/a.service"), "unit-service", text.encode())))
    assert check(text, readings) == 1


@given(st.text(string.printable + "é\x00", max_size=200))
@settings(deadline=None)
def test_any_text_ends_in_facts_or_a_gap(text: str) -> None:
    source = Source(Entry(path="p!/x"), "shell-line", text.encode())
    assert all(isinstance(reading, Command | Embedded | Gap) for reading in ShellLineReader().read(source))


@pytest.mark.parametrize("text", ["a\n", "\n\na b", "é 'ü' $(ä ö)"])
def test_lines_and_wide_characters(text: str) -> None:
    assert check(text, read(ShellLineReader(), Source(Entry(path="p!/x"), "shell-line", text.encode()))) >= 1
