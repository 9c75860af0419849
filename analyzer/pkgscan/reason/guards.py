"""What is made sure of before a command runs, by the tests around it and by those that end the script before it.

A guard is matched to its subject by whoever looks: that some test stands around a command says nothing by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from pkgscan.facts.shell import Area, Command, Frame, FrameKind
from pkgscan.facts.uses import Failure, Guard
from pkgscan.reason.proofs import Proof, piped, proofs
from pkgscan.reason.scripts import Script, conditions
from pkgscan.values import Value, literal

GATES = 200  # tests that end a script early, the first ones; people write five
TESTED = 32  # commands in one test
GUARDS = 16  # told of one use, the nearest
ENDS = frozenset(("exit", "return", "exec"))
DECIDING: frozenset[FrameKind] = frozenset(("if", "elif", "else", "and", "or", "while", "until"))
DIES = frozenset(("die", "fail", "fatal", "abort", "error_exit", "bail"))
NOTHING = frozenset(("true", ":", "exit"))

READINGS = 8  # of one test, whose variable may have several values
Words = Callable[[Command], Sequence[Sequence[Value]]]


class Guards:
    """The guards of one script's commands. `readings_of` gives the words that a command may run as, likeliest first.

    Of a test with a variable every value counts: what it guards has the same variable, and the same value with it.
    """

    def __init__(self, script: Script, readings_of: Words) -> None:
        self._script = script
        self._readings_of = readings_of
        self._outcomes: dict[tuple[Area, bool], tuple[Proof, ...]] = {}

    def of(self, command: Command) -> tuple[Guard, ...]:
        """Everything that is made sure of where a command runs, the nearest first."""
        found = [guard for frame in reversed(command.context) for guard in self._around(frame)]
        found += self._before(command)
        return tuple(dict.fromkeys(found))[:GUARDS]

    def failure(self, command: Command) -> Failure:
        """What becomes of a failure of a command."""
        for frame in reversed(command.context):
            if frame.kind == "or-left" and self._does_nothing(frame):
                return "ignored"
        if any(frame.kind in ("test", "and-left", "or-left", "not") for frame in command.context):
            return "counts"
        if any(frame.kind == "pipe" and frame.position < frame.count - 1 for frame in command.context):
            return "counts"
        begins = (command.span.first_line, command.span.first_column)
        stops = any((span.first_line, span.first_column) < begins for span in self._script.exits_on_error)
        return "aborts" if stops else "counts"

    def _does_nothing(self, frame: Frame) -> bool:
        """Whether what follows `||` only swallows the failure."""
        commands = [command for area in frame.areas for command in self._script.within(area)]
        words = [literal(word) for word in commands[0].words[:2]] if len(commands) == 1 else []
        return bool(words) and words[0] in NOTHING and (words[0] != "exit" or words[1:] == ["0"])

    def _around(self, frame: Frame) -> Iterator[Guard]:
        """What the frame around a command has made sure of."""
        if frame.kind in ("if", "elif", "and", "while"):
            yield from self._guards(frame, succeeded=True)
        elif frame.kind in ("else", "or", "until"):
            yield from self._guards(frame, succeeded=False)

    def _guards(self, frame: Frame, *, succeeded: bool) -> Iterator[Guard]:
        for area in frame.areas:
            for subject, name in self._outcome(area, succeeded=succeeded is not frame.negated):
                yield Guard(subject, name, "proves", area)

    def _before(self, command: Command) -> Iterator[Guard]:
        """What the tests that end the script have made sure of, where it goes on behind them."""
        around = conditions(command.context)
        place = (command.span.first_line, command.span.first_column)
        for gate in reversed(self._gates[: bisect_left(self._gates, place, key=_place_of)]):
            deciding = conditions(gate.context)
            if around[: len(deciding) - 1] != deciding[:-1] or around[: len(deciding)] == deciding:
                continue
            frame = deciding[-1]
            if len(frame.areas) == 1:
                yield from self._guards(frame, succeeded=frame.kind in ("else", "or", "until"))

    @cached_property
    def _gates(self) -> list[Command]:
        """The commands that end the script, or a function, in a branch of their own."""
        found = [
            command
            for command in self._script.commands
            if literal(command.words[0]) in self._ends and _decides(conditions(command.context))
        ]
        return found[:GATES]

    @cached_property
    def _ends(self) -> frozenset[str]:
        """The commands that end it: exit, and functions that come to one whatever happens."""
        bodies = (
            function.name
            for function in self._script.functions
            for command in self._script.within(function.body)
            if literal(command.words[0]) == "exit" and conditions(command.context)[-1:] == _own(command)
        )
        return ENDS | DIES | frozenset(bodies)

    def _outcome(self, area: Area, *, succeeded: bool) -> tuple[Proof, ...]:
        key = (area, succeeded)
        if key not in self._outcomes:
            self._outcomes[key] = tuple(self._proven(area, succeeded=succeeded))
        return self._outcomes[key]

    def _proven(self, area: Area, *, succeeded: bool) -> Iterator[Proof]:
        """What is so where the commands of an area have succeeded, or failed, together."""
        commands = []
        for command in self._script.within(area):
            commands.append(command)
            if len(commands) > TESTED:
                return
        depth = _common(commands)
        inner = [(command, command.context[depth:]) for command in commands]
        printed = [self._readings_of(command)[0] for command, frames in inner if _kinds(frames) & {"substitution"}]
        counted = [(command, frames) for command, frames in inner if not _kinds(frames) & {"substitution", "function"}]
        against = {"or", "or-left"} if succeeded else {"and", "and-left"}
        if any(_kinds(frames) & against for _, frames in counted) or (not succeeded and _is_a_list(counted)):
            return
        for command, frames in counted:
            yield from self._said(command, frames, counted, printed, succeeded=succeeded)

    def _said(
        self,
        command: Command,
        frames: Sequence[Frame],
        counted: Sequence[tuple[Command, Sequence[Frame]]],
        printed: Sequence[Sequence[Value]],
        *,
        succeeded: bool,
    ) -> Iterator[Proof]:
        pipe = next((frame for frame in reversed(frames) if frame.kind == "pipe"), None)
        went_well = succeeded is (sum(frame.kind == "not" for frame in frames) % 2 == 0)
        if pipe is None:
            for words in self._readings_of(command)[:READINGS]:
                yield from proofs(words, printed, succeeded=went_well)
        elif pipe.position == pipe.count - 1 and went_well:
            first = next((one for one, around in counted if _starts(around, pipe)), None)
            if first is not None:
                for words in self._readings_of(command)[:READINGS]:
                    yield from piped(self._readings_of(first)[0], words)


def _own(command: Command) -> tuple[Frame, ...]:
    """The innermost condition around a command, if that is a function."""
    return tuple(frame for frame in conditions(command.context)[-1:] if frame.kind == "function")


def _decides(frames: Sequence[Frame]) -> bool:
    return bool(frames) and frames[-1].kind in DECIDING


def _kinds(frames: Sequence[Frame]) -> set[str]:
    return {frame.kind for frame in frames}


def _is_a_list(counted: Sequence[tuple[Command, Sequence[Frame]]]) -> bool:
    """Whether several commands stand one after the other, of which only the last one's failure counts."""
    return len(counted) > 1 and not all(_kinds(frames) & {"or", "or-left", "pipe"} for _, frames in counted)


def _starts(frames: Sequence[Frame], pipe: Frame) -> bool:
    return any(frame.kind == "pipe" and frame.position == 0 and frame.areas == pipe.areas for frame in frames)


def _common(commands: Sequence[Command]) -> int:
    """How many outer frames all of them stand in."""
    if not commands:
        return 0
    depth = 0
    for frames in zip(*(command.context for command in commands), strict=False):
        if any(frame != frames[0] for frame in frames[1:]):
            break
        depth += 1
    return depth


def _place_of(command: Command) -> tuple[int, int]:
    return command.span.first_line, command.span.first_column
