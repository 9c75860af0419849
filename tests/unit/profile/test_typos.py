"""A slip in any key or value of the profile in docs/profile.md is one clear line, with the place and the right word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pkgscan.errors import UserError
from pkgscan.profile.reader import profile_of
from pkgscan.tomlfile import parse_toml

EXAMPLE = re.findall(r"```toml\n(.*?)```", (Path(__file__).parents[3] / "docs/profile.md").read_text(), re.DOTALL)[0]
KEY = re.compile(r"^(\[*)([\w.]+?)(\]*)( = |$)", re.MULTILINE)


def read(text: str) -> None:
    profile_of(parse_toml("p.toml", text))


def refusal(text: str) -> str:
    with pytest.raises(UserError) as caught:
        read(text)
    said = str(caught.value)
    assert "\n" not in said
    assert re.match(r"p\.toml:\d+:\d+: ", said), said
    return said


def slips() -> list[tuple[str, str]]:
    """(text, key) with the last two letters of one key or header in turn exchanged; and again without its last one."""
    found = []
    for place in KEY.finditer(EXAMPLE):
        *above, last = place[2].split(".")
        if len(last) > 2 and last != "Acme":
            for slip in (last[:-2] + last[-1] + last[-2], last[:-1], last + "x"):
                if slip != last:
                    key = ".".join((*above, slip))
                    found.append((EXAMPLE[: place.start(2)] + key + EXAMPLE[place.end(2) :], last))
    return found


SLIPS = slips()


def test_the_example_itself_is_read() -> None:
    read(EXAMPLE)


# Where the slip is another key's name, or opens a table of its own below it, the complaint is another.
OTHERWISE = {"users": ("did you mean 'user'?", "Cannot overwrite a value"), "databases": ("databases must be a list",)}


@pytest.mark.parametrize(("text", "key"), SLIPS)
def test_a_slip_in_a_key(text: str, key: str) -> None:
    said = refusal(text)
    assert any(words in said for words in (f"did you mean {key!r}?", *OTHERWISE.get(key, ()))), said


def test_there_are_more_than_a_hundred() -> None:
    assert len(SLIPS) > 100


VALUES = list(re.finditer(r"^[\w\"-]+ = (\S.*?)(?:  +#.*)?$", EXAMPLE, re.MULTILINE))


@pytest.mark.parametrize("put", ["[7]", "1979-05-27T07:32:00Z", "3.5", "nan"])
@pytest.mark.parametrize("place", VALUES, ids=lambda place: place[0][:20])
def test_a_value_of_another_sort(place: re.Match[str], put: str) -> None:
    assert place[0].partition(" ")[0].strip('"') in refusal(EXAMPLE[: place.start(1)] + put + EXAMPLE[place.end(1) :])
