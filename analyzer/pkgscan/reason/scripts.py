"""The facts of one script, made ready to be asked by place and by name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

from pkgscan.facts.shell import Area, Assignment, Command, Frame, FrameKind, FunctionDefinition, ShellScript
from pkgscan.model import Span
from pkgscan.values import literal

# Frames that decide nothing: what is in them runs as surely as what they stand in.
SURE: frozenset[FrameKind] = frozenset(("test", "and-left", "or-left", "not", "group", "string", "pipe"))
LOOPS: frozenset[FrameKind] = frozenset(("for", "while", "until", "select"))


class Script:
    """Commands, assignments and functions of one entry, each in the order in which they are written."""

    def __init__(
        self,
        path: str,
        commands: Sequence[Command] = (),
        assignments: Sequence[Assignment] = (),
        functions: Sequence[FunctionDefinition] = (),
        texts: Sequence[ShellScript] = (),
    ) -> None:
        self.path = path
        self.commands = commands
        self.assignments = assignments
        self.functions = functions
        self.texts = texts

    @cached_property
    def by_name(self) -> dict[str, list[Assignment]]:
        """The assignments of each variable."""
        found: dict[str, list[Assignment]] = {}
        for assignment in self.assignments:
            found.setdefault(assignment.name, []).append(assignment)
        return found

    @cached_property
    def function_names(self) -> frozenset[str]:
        """The names of its functions."""
        return frozenset(function.name for function in self.functions)

    @cached_property
    def calls(self) -> dict[str, list[Command]]:
        """The commands that call each of the functions it defines, or that files it sources may define."""
        found: dict[str, list[Command]] = {}
        for command in self.commands:
            name = literal(command.words[0])
            if name and "/" not in name:
                found.setdefault(name, []).append(command)
        return found

    def within(self, area: Area) -> Iterator[Command]:
        """The commands that stand in an area, in a search of the sorted commands."""
        at = bisect_left(self.commands, (area.first_line, area.first_column), key=_place)
        for number in range(at, len(self.commands)):
            command = self.commands[number]
            if command.span.first_line > area.last_line:
                return
            if area.holds(command.span):
                yield command

    @cached_property
    def exits_on_error(self) -> tuple[Span, ...]:
        """From where on `set -e` is in force: places of `set -e`, the script itself where its #! line says so."""
        from_start = [text.span for text in self.texts if "e" in text.options and not text.is_embedded]
        return (*from_start, *(command.span for command in self.commands if _sets_e(command)))

    @cached_property
    def stops_at_unset(self) -> tuple[Span, ...]:
        """From where on `set -u` is in force."""
        from_start = [text.span for text in self.texts if "u" in text.options and not text.is_embedded]
        return (*from_start, *(command.span for command in self.commands if _sets(command, "u", "nounset")))


def _place(command: Command) -> tuple[int, int]:
    return command.span.first_line, command.span.first_column


def _sets_e(command: Command) -> bool:
    return _sets(command, "e", "errexit")


def _sets(command: Command, letter: str, name: str) -> bool:
    if literal(command.words[0]) != "set":
        return False
    words = [literal(word) or "" for word in command.words[1:]]
    short = any(word.startswith("-") and not word.startswith("--") and letter in word for word in words)
    return short or any(word == name and words[at - 1].endswith("o") for at, word in enumerate(words) if at)


def area_of(span: Span) -> Area:
    """The area of a span."""
    return Area(span.first_line, span.first_column, span.last_line, span.last_column)


def conditions(context: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames that decide whether, how often, or where something runs."""
    return tuple(frame for frame in context if frame.kind not in SURE)


def function_at(context: Sequence[Frame]) -> Frame | None:
    """The innermost function that something stands in."""
    return next((frame for frame in reversed(context) if frame.kind == "function"), None)
