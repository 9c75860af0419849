"""Commands of a text that a variable hands to a shell."""

import pytest

from pkgscan.reason.shell_text import simple_commands
from pkgscan.values import shown
from shell_words import word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get -qq update >/dev/null", [["apt-get", "-qq", "update"]]),
        ("A=1 curl -o x $URL/a", [["curl", "-o", "x", "$URL/a"]]),
        ("curl 'a b' | sudo tee /x; rm c\\;d", [["curl", "a b"], ["sudo", "tee", "/x"], ["rm", "c;d"]]),
        ("if true; then systemctl start a; fi", [["true"], ["systemctl", "start", "a"], ["fi"]]),
        ("a > b c && d", [["a", "c"], ["d"]]),
        ("", []),
        ("'", []),
        ("x\\", [["x\\"]]),
    ],
)
def test_commands(text: str, expected: list[list[str]]) -> None:
    assert [[shown(one) for one in words] for words in simple_commands(word(text))] == expected


def test_many_commands_are_cut() -> None:
    assert len(list(simple_commands(word("a;" * 1000)))) == 16
