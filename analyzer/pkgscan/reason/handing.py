"""Functions of scripts that hand an argument to a shell: `remote() { ssh "$1" "$2"; }`, `run() { eval "$@"; }`.

What they run is written where they are called, so that it is told there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

import msgspec

from pkgscan.facts.shell import Assignment, Command, FunctionDefinition
from pkgscan.reason.scripts import Script, function_at
from pkgscan.reason.words import joined
from pkgscan.reason.wrappers import FUNCTIONS, shifted
from pkgscan.values import Literal, Value, VariableRef

ALL = ("@", "*")
COMMANDS = 200  # of one function that are looked at; those that hand on what they are given have five


class Handing(msgspec.Struct, frozen=True):
    """What a function does with its argument at `position`, from 1; `is_rest`: with all of them from there on, as one.

    `command` is the text it hands on, read as shell: the bare argument, or one that more words follow.
    """

    position: int
    is_rest: bool
    command: Command

    def text(self, words: Sequence[Value]) -> Value:
        """The text that a call hands on, empty where it gives none."""
        given = words[self.position :] if self.is_rest else words[self.position : self.position + 1]
        return joined(given) if given else Literal("")


def handing_functions(scripts: Sequence[Script]) -> dict[str, Handing]:
    """The functions that hand an argument to a shell as its text."""
    found: dict[str, Handing] = {}
    functions = [(script, function) for script in scripts for function in script.functions][:FUNCTIONS]
    for script, function in functions:
        handing = _handing(script, function)
        if handing is not None:
            found.setdefault(function.name, handing)
    return found


def _handing(script: Script, function: FunctionDefinition) -> Handing | None:
    taken = 0
    for command in islice(script.within(function.body), COMMANDS):
        word = command.words[0]
        taken += shifted(command)
        if isinstance(word, VariableRef) and not word.use and _is_text_in(function, command):
            name = _parameter(script, function, word.name)
            if name in ALL:
                return Handing(taken + 1, is_rest=True, command=command)
            if name.isdecimal() and int(name[:3]) > 0:
                return Handing(taken + int(name[:3]), is_rest=False, command=command)
    return None


def _is_text_in(function: FunctionDefinition, command: Command) -> bool:
    """Whether a command is read in a string that the function hands to a shell."""
    around = function_at(command.context)
    return command.stands_in("string") and around is not None and around.name == function.name


def _parameter(script: Script, function: FunctionDefinition, name: str) -> str:
    """The parameter whose value a variable is: itself, or the one that the function assigns to it, and nothing else."""
    if name.isdecimal() or name in ALL:
        return name
    every, body = script.by_name.get(name, []), function.body
    at = bisect_left(every, (body.first_line, body.first_column), key=_place)
    own = [one for one in every[at : at + 2] if body.holds(one.span)]
    given = own[0].values if len(own) == 1 else ()
    word = given[0] if len(given) == 1 else None
    return word.name if isinstance(word, VariableRef) and not word.use and _is_parameter(word.name) else ""


def _place(assignment: Assignment) -> tuple[int, int]:
    return assignment.span.first_line, assignment.span.first_column


def _is_parameter(name: str) -> bool:
    return name.isdecimal() or name in ALL
