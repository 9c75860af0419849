"""What the output of a command is, where it can be told: `$(dirname "$0")`, `$(cd DIR && pwd)`, `$(command -v x)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pkgscan.facts.shell import Command
from pkgscan.reason.words import HOLE, head, holed, parts
from pkgscan.values import Literal, Unknown, Value, join, literal

OUTPUT = "output of a command"  # what the readers say of it
SAME = frozenset(("readlink", "realpath", "echo", "cygpath"))
LOOK_UPS = frozenset(("which", "command", "type", "hash"))


def is_output(part: object) -> bool:
    """Whether a part of a word is what a command prints."""
    return isinstance(part, Unknown) and part.why == OUTPUT


def count_outputs(values: Sequence[Value]) -> int:
    """How many parts of some words are outputs."""
    return sum(is_output(part) for value in values for part in parts(value))


def groups(commands: Sequence[Command], depth: int, wanted: int) -> list[list[Command]]:
    """The commands of each substitution in a text, in order; none where they cannot be told apart.

    `depth` is how many frames stand around the text itself.
    """
    outer = [command for command in commands if _levels(command, depth) == 1]
    if wanted == 1:
        return [outer] if outer else []
    found: list[list[Command]] = []
    for command in outer:
        if found and any(frame.kind in ("and", "or", "pipe") for frame in command.context[depth:]):
            found[-1].append(command)
        else:
            found.append([command])
    return found if len(found) == wanted else []


def _levels(command: Command, depth: int) -> int:
    return sum(frame.kind == "substitution" for frame in command.context[depth:])


def evaluate(commands: Sequence[Command], words_of: Callable[[Command], Sequence[Value]]) -> Value:
    """What some commands print together, as far as it can be told. `words_of` gives their words, filled in."""
    if not commands or any(frame.kind == "pipe" and frame.count > 1 for frame in commands[0].context[-1:]):
        return Unknown(OUTPUT)
    first = words_of(commands[0])
    name = head(first[0]).rpartition("/")[2] if first else ""
    if name == "cd" and len(commands) > 1 and literal(commands[1].words[0]) == "pwd":
        return _operand(first) or Unknown(OUTPUT)
    return _single(name, first) if len(commands) == 1 or name in LOOK_UPS else Unknown(OUTPUT)


def _single(name: str, words: Sequence[Value]) -> Value:
    operand = _operand(words)
    if operand is None:
        return Unknown(OUTPUT)
    if name in SAME and not (name == "readlink" and not head(words[1]).startswith("-")):
        return operand
    if name == "dirname":
        return folder_of(operand)
    if name == "basename":
        return _base(operand, words)
    return operand if name in LOOK_UPS else Unknown(OUTPUT)


def _operand(words: Sequence[Value]) -> Value | None:
    """The first operand, if there is one."""
    return next((word for word in words[1:] if not head(word).startswith("-")), None)


def folder_of(path: Value) -> Value:
    """The folder of a path, as dirname prints it."""
    text = holed(path)
    cut = text.rfind("/")
    if cut < 0:
        return Unknown(OUTPUT) if HOLE in text else Literal(".")
    return _upto(path, cut) if cut else Literal("/")


def _upto(value: Value, count: int) -> Value:
    """The first characters of a word, a part that is not known counting one."""
    found = []
    for part in parts(value):
        if count <= 0:
            break
        if isinstance(part, Literal):
            found.append(Literal(part.text[:count]))
            count -= len(part.text)
        else:
            found.append(part)  # type: ignore[arg-type]  # a part is a part
            count -= 1
    return join(found)  # type: ignore[arg-type]  # the same


def _base(path: Value, words: Sequence[Value]) -> Value:
    text = literal(path)
    if text is None:
        return Unknown(OUTPUT)
    suffix = literal(words[-1]) if len(words) > 2 else None  # noqa: PLR2004  # the name, and what is taken off it
    return Literal(text.rstrip("/").rpartition("/")[2].removesuffix(suffix or HOLE))
