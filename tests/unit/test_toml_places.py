"""Places in a TOML text: those of every key and value that tomllib finds there, and of no other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.toml_places import Keys, Places

TEXT = '''\
# a profile
profile = 1
"quoted \\u0041" = 'x'

[host]  # the host
name = "billing-prod-1"
users = [
  "root",   # one
  "deploy", 'billing',
]
os.name = "debian"
os.version = "12"

[[endpoints.retired]]
host = "sftp-old.example"
retired_on = 2026-03-01 10:00:00
[[endpoints.retired]]
host = """
two lines ""\\
"""""
inline = { a = [1, {b.c = 2}], d = "}" , "e f" = [[], [[1]]] }
[endpoints.retired.more]
deep = true
'''


@pytest.mark.parametrize(
    ("keys", "key", "value"),
    [
        (("profile",), (2, 1), (2, 11)),
        (("quoted A",), (3, 1), (3, 19)),
        (("host",), (5, 1), (5, 1)),
        (("host", "users"), (7, 1), (7, 9)),
        (("host", "users", 0), (8, 3), (8, 3)),
        (("host", "users", 2), (9, 13), (9, 13)),
        (("host", "os"), (11, 1), (11, 1)),
        (("host", "os", "version"), (12, 1), (12, 14)),
        (("endpoints", "retired"), (14, 1), (14, 1)),
        (("endpoints", "retired", 0, "retired_on"), (16, 1), (16, 14)),
        (("endpoints", "retired", 1), (17, 1), (17, 1)),
        (("endpoints", "retired", 1, "inline", "a", 1, "b", "c"), (21, 21), (21, 27)),
        (("endpoints", "retired", 1, "inline", "e f", 1, 0, 0), (21, 57), (21, 57)),
        (("endpoints", "retired", 1, "more", "deep"), (23, 1), (23, 8)),
        (("host", "no", "such", 7), (5, 1), (5, 1)),
    ],
)
def test_each_place(keys: Keys, key: tuple[int, int], value: tuple[int, int]) -> None:
    places = Places(TEXT)
    assert places.key(keys) == key
    assert places.value(keys) == value


def test_lines_may_end_as_on_windows() -> None:
    places = Places(TEXT.replace("\n", "\r\n"))
    assert places.value(("endpoints", "retired", 1, "more", "deep")) == (23, 8)


def test_arrays_nest_deeper_than_python_calls() -> None:
    places = Places("a = " + "[" * 5000 + "]" * 5000)
    assert places.value(("a", *[0] * 4999)) == (1, 5004)


def leaves(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*keys, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*keys, place))
    else:
        yield keys, value


names = st.sampled_from(["a", "b-1", '"c d"', "'e.f'", '"g\\"h"', '"#"', '""'])
scalars = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "1979-05-27 07:32:00",
        "1979-05-27",
        "07:32:00",
        "0xff",
        "inf",
        '"x"',
        '"a # b"',
        '"\\\\"',
        "'c:\\'",
        '"""]\n}"""',
        '""""q" ""\\""""',
        "'''\n[x]\n'''",
        '""',
    ]
)
spaces = st.sampled_from(["", " ", "\t"])
breaks = st.sampled_from(["", " ", "\n", " # ] } \n", "\r\n"])


def arrays(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda items, gap, end: "[" + gap + ("," + gap).join(items) + end + "]", st.lists(inner), breaks, breaks
    )


def tables(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(names, inner), unique_by=lambda pair: pair[0], max_size=3)
    return st.builds(
        lambda found, gap: "{" + gap + ",".join(f"{gap}{k} ={gap}{v}" for k, v in found) + "}", pairs, spaces
    )


values = st.recursive(scalars, lambda inner: arrays(inner) | tables(inner), max_leaves=8)
headers = st.one_of(
    st.just(""),
    st.lists(names, min_size=1, max_size=3).map(lambda parts: f"[{'.'.join(parts)}]\n"),
    st.lists(names, min_size=1, max_size=3).map(lambda parts: f"[[ {' . '.join(parts)} ]] # x\n"),
)
lines = st.builds(
    "{}{}{} = {}\n".format, headers, spaces, st.lists(names, min_size=1, max_size=3).map(".".join), values
)


@given(st.lists(lines, max_size=6).map("".join))
def test_every_value_stands_at_its_place(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    places, starts = Places(text), [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    for keys, value in leaves(data):
        line, column = places.value(keys)
        at = starts[line - 1] + column - 1
        assert any(_is(text[at:end], value) for end in range(at + 1, len(text) + 1)), (keys, text[at:])


def _is(text: str, value: object) -> bool:
    try:
        return repr(tomllib.loads(f"x = {text}")["x"]) == repr(value)
    except tomllib.TOMLDecodeError:
        return False
