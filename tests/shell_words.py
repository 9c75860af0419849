"""Words of a command for tests: `$X` is a variable in double quotes, `%X` one without, `?` an output."""

from __future__ import annotations

import re
import shlex

from pkgscan.values import Literal, Unknown, Value, VariableRef, join

_PART = re.compile(r"[$%]([A-Za-z_@0-9][A-Za-z_0-9]*)|(\?\?)|([^$%?]+|.)")


def words(line: str) -> tuple[Value, ...]:
    """The words of a plain line."""
    return tuple(word(text) for text in shlex.split(line))


def word(text: str) -> Value:
    found: list[Literal | VariableRef | Unknown] = []
    for match in _PART.finditer(text):
        if match[1]:
            found.append(VariableRef(match[1], splits=match[0][0] == "%"))
        elif match[2]:
            found.append(Unknown("output of a command"))
        else:
            found.append(Literal(match[3]))
    return join(found)
