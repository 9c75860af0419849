from __future__ import annotations

from typing import cast

import pytest

from pkgscan.values import Join, Literal, Use, Value, VariableRef, resolve, shown

OTHER = Literal("other")


@pytest.mark.parametrize(
    ("operator", "known", "expected"),
    [
        ("", "v", "v"),
        (":-", "v", "v"),
        (":-", "", "other"),
        ("-", "", ""),
        (":=", "", "other"),
        (":+", "v", "other"),
        (":+", "", ""),
        ("+", "", "other"),
        (":?", "v", "v"),
    ],
)
def test_a_known_variable_stands_for_what_the_shell_would_put_there(
    operator: str, known: str, expected: str
) -> None:  # as dash and bash print it: X=v; printf %s "${X:-other}"
    use = cast("Use", operator.removeprefix(":"))
    variable = VariableRef("X", use, OTHER if use else None, operator.startswith(":"))
    assert resolve(variable, {"X": Literal(known)}) == Literal(expected)
    assert shown(resolve(Join((Literal("/"), variable)), {"X": Literal(known)})) == f"/{expected}"


@pytest.mark.parametrize("value", [VariableRef("X"), VariableRef("X", "-", OTHER), Literal("X")])
def test_what_nobody_knows_stays(value: Value) -> None:
    assert resolve(value, {"Y": OTHER}) == value
