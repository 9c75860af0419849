"""What is known of a word whose parts may be set elsewhere: a text, a join, a variable, or an honest unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import TypeAlias

import msgspec

Use = OneOf["", "-", "=", "+", "?"]


class Literal(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A text that is written out."""

    text: str


class VariableRef(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """A variable's value, to be resolved over the scripts that set it. A positional one has its number as name, or `@`.

    `use` is the operator in its braces, if any, without its colon: `-` and `=` (`otherwise` where it is not set), `+`
    (`otherwise` where it is set, else nothing) and `?` (the script ends where it is not set); `empty_too` is the colon:
    an empty value counts as not set. `splits`: it stands unquoted, so that its value may be several words, or none.
    """

    name: str
    use: Use = ""
    otherwise: Value | None = None
    empty_too: bool = False
    splits: bool = False


class Unknown(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Written, but not knowable from the package; `why` says so in a phrase: "set at run time"."""

    why: str


class Join(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Parts one after the other; never nested."""

    parts: tuple[Literal | VariableRef | Unknown, ...]


Value: TypeAlias = Literal | Join | VariableRef | Unknown


def literal(value: Value) -> str | None:
    """The text of a value that is fully known, else None."""
    return value.text if isinstance(value, Literal) else None


def join(parts: list[Literal | VariableRef | Unknown]) -> Value:
    """The simplest value of some parts: neighbouring texts are one text."""
    merged: list[Literal | VariableRef | Unknown] = []
    for part in parts:
        if merged and isinstance(part, Literal) and isinstance(merged[-1], Literal):
            merged[-1] = Literal(merged[-1].text + part.text)
        else:
            merged.append(part)
    if not merged:
        return Literal("")
    return merged[0] if len(merged) == 1 else Join(tuple(merged))


def resolve(value: Value, bindings: Mapping[str, Value]) -> Value:
    """The value with every variable that `bindings` knows replaced; the others stay, named."""
    if isinstance(value, VariableRef):
        return _filled(value, bindings)
    if not isinstance(value, Join):
        return value
    parts: list[Literal | VariableRef | Unknown] = []
    for part in value.parts:
        known = _filled(part, bindings) if isinstance(part, VariableRef) else part
        parts.extend(known.parts if isinstance(known, Join) else (known,))
    return join(parts)


def _filled(variable: VariableRef, bindings: Mapping[str, Value]) -> Value:
    """What a variable stands for where its value is known, else itself."""
    known = bindings.get(variable.name)
    if known is None:
        return variable
    is_empty = known == Literal("")
    if is_empty and variable.use not in ("", "?") and variable.empty_too:
        return Literal("") if variable.use == "+" else variable.otherwise or known
    if variable.use == "+":
        return variable.otherwise or known
    return known


def shown(value: Value) -> str:
    """The value as a person would write it: `/opt/$APP/run`, `<set at run time>`."""
    if isinstance(value, Join):
        return "".join(shown(part) for part in value.parts)
    if isinstance(value, Literal):
        return value.text
    return f"${value.name}" if isinstance(value, VariableRef) else f"<{value.why}>"
