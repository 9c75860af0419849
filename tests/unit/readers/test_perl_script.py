from __future__ import annotations

import pytest

from pkgscan.facts.shell import Command
from pkgscan.model import Entry
from pkgscan.readers.base import Embedded, Reading, Source
from pkgscan.readers.perl_script import PerlReader
from pkgscan.values import shown


def read(text: str) -> list[Reading]:
    return list(PerlReader().read(Source(Entry(path="p!/x"), "perl-script", text.encode())))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('system("a b $c") == 0 or die;', "a b $c"),
        ("exec 'a; b';", "a; b"),
        ("my $x = `a b`;", "a b"),
        ("my $x = qx(a b);", "a b"),
        ("print qx{a};", "a"),
        ("readpipe('a');", "a"),
    ],
)
def test_lines_for_the_shell_are_handed_on(text: str, line: str) -> None:
    (found,) = read(text)
    assert isinstance(found, Embedded)
    assert (found.kind, found.text) == ("shell", line)
    assert text[found.segments[0].column - 1 :].startswith(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("system('a', \"b$c\", 'd');", ["a", "<computed at run time>", "d"]),
        ("exec qw(a b);", ["a", "b"]),
    ],
)
def test_lists_are_commands(text: str, expected: list[str]) -> None:
    (command,) = read(text)
    assert isinstance(command, Command)
    assert [shown(word) for word in command.words] == expected
    assert text[command.span.first_column - 1 : command.span.last_column] == command.text
    assert command.certainty == "may"


@pytest.mark.parametrize(
    "text",
    ["# system('a')", "=head1\n\nsystem('a')\n\n=cut\n", "__END__\nsystem('a')", "$system('a')", "my_system('a')",
     "system($command)", "Foo->exec('a')", "x" * 5000 + " system('a')"],
)  # fmt: skip
def test_what_is_no_call_is_no_command(text: str) -> None:
    assert read(text) == []
