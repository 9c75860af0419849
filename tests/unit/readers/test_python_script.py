from __future__ import annotations

import pytest

from pkgscan.facts.shell import Command
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Embedded, Reading, Source
from pkgscan.readers.python_script import NESTING_LIMIT, PythonReader
from pkgscan.values import shown


def read(text: str) -> list[Reading]:
    return list(PythonReader().read(Source(Entry(path="p!/x"), "python-script", text.encode())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import subprocess\nsubprocess.run(['a', 'b c'])", ["a", "b c"]),
        ("import subprocess as sp\nsp.check_call(('a', x))", ["a", "<computed at run time>"]),
        ("from subprocess import run\nrun(['a', f'/x/{y}'])", ["a", "/x/<computed at run time>"]),
        ("subprocess.Popen('a')", ["a"]),
        ("import os\nos.execvp('a', ['a', 'b'])", ["a", "b"]),
        ("import os\nos.execl('/bin/a', 'a', 'b')", ["a", "b"]),
        ("ä = 'ö'; subprocess.run(['ü'])", ["ü"]),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    (command,) = read(text)
    assert isinstance(command, Command)
    assert [shown(word) for word in command.words] == expected
    line = text.split("\n")[command.span.first_line - 1]
    assert line[command.span.first_column - 1 : command.span.last_column] == command.text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("os.system('a; b')", "a; b"),
        ('subprocess.run("a | b", shell=True)', "a | b"),
        ("os.popen('''a\nb''')", "a\nb"),
        ("subprocess.getoutput('a\\tb')", "a\tb"),
    ],
)
def test_lines_for_the_shell_are_handed_on(text: str, line: str) -> None:
    (found,) = read(text)
    assert isinstance(found, Embedded)
    assert (found.kind, found.text) == ("shell", line)
    assert [frame.kind for frame in found.within] == ["string"]
    if "\\" not in text:
        first, written = line.split("\n", maxsplit=1)[0], text.split("\n", maxsplit=1)[0]
        assert written[found.segments[0].column - 1 :].startswith(first)


@pytest.mark.parametrize(
    "text", ["x = 1", "run(['a'])", "subprocess.run(command)", "os.system(f'a {b}')", "os.path.join('a')"]
)
def test_what_is_no_call_or_not_written_out_is_no_command(text: str) -> None:
    assert [reading for reading in read(text) if isinstance(reading, Embedded)] == []
    assert [reading for reading in read(text) if isinstance(reading, Command)] == []


@pytest.mark.parametrize(
    "text",
    [
        "print 'a'",
        "(" * (NESTING_LIMIT + 1),
        "x = " + "-" * 100_000 + "1",
        "1" + "+1" * 50_000,
        "a\0b",
        "x\n" * 600_000,
    ],
)
def test_what_is_not_read_is_said(text: str) -> None:
    found = read(text)
    assert all(isinstance(reading, Gap) and reading.effect == "partial" for reading in found)
    assert len(found) <= 1
