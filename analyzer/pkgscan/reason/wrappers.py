"""Functions of scripts that run what they are given: `quietly() { "$@" >>"$LOG" 2>&1; }`."""

from __future__ import annotations

from collections.abc import Sequence

from pkgscan.facts.shell import Command
from pkgscan.reason.layers import layers
from pkgscan.reason.scripts import Script
from pkgscan.values import Value, VariableRef, literal

FUNCTIONS = 500  # looked at in one shell; the largest real libraries have a hundred or two


def wrapping_functions(scripts: Sequence[Script]) -> dict[str, int]:
    """The functions that run their arguments, with how many they take off first (`shift`)."""
    found: dict[str, int] = {}
    functions = [(script, function) for script in scripts for function in script.functions][:FUNCTIONS]
    for script, function in functions:
        taken = 0
        for command in script.within(function.body):
            taken += shifted(command)
            if _hands_on(command) and (literal(command.words[0]) is None or _runs(command.words)):
                found.setdefault(function.name, taken)
                break
    return found


def shifted(command: Command) -> int:
    """How many arguments a command takes off those of its function."""
    if literal(command.words[0]) != "shift":
        return 0
    count = literal(command.words[1]) if len(command.words) > 1 else "1"
    return int(count) if count and count.isdigit() and len(count) < 3 else 1  # noqa: PLR2004  # digits


def _hands_on(command: Command) -> bool:
    """Whether it has `"$@"` as words; in a text for a shell they would be one text."""
    return any(isinstance(word, VariableRef) and word.name == "@" for word in command.words) and not (
        command.stands_in("string") and len(command.words) == 1
    )


def _runs(words: Sequence[Value]) -> bool:
    """Whether `"$@"` is itself the command that a wrapper runs: `sudo "$@"`; behind `ssh host` it is a text."""
    chain = tuple(layers(words, {}))
    inner = chain[-1].words[0]
    is_text = len(chain) > 1 and chain[-2].name == "ssh"
    return isinstance(inner, VariableRef) and inner.name == "@" and not is_text
