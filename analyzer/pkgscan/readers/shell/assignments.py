"""What an assignment sets, from the value of the whole word."""

from __future__ import annotations

import re

from pkgscan.readers.shell.parsed import Setting
from pkgscan.readers.shell.word_values import value_of
from pkgscan.values import Join, Literal, Value, join


def setting(match: re.Match[str], value: Value, first: int, end: int) -> Setting:
    """An assignment, from its beginning and the value of the whole word."""
    made = Setting(first, end, match[1], (without(value, match.end()),))
    made.key, made.appends = match[2] or "", bool(match[3])
    return made


def without(value: Value, length: int) -> Value:
    """A value without its first characters, which are written out."""
    if isinstance(value, Literal):
        return value_of(value.text[length:]) if value.text[length : length + 1] == "~" else Literal(value.text[length:])
    if isinstance(value, Join) and isinstance(value.parts[0], Literal):
        rest = value.parts[0].text[length:]
        return join([*([Literal(rest)] if rest else []), *value.parts[1:]])
    return value
