"""What all facts of one command have in common: where it stands, its guards, and what becomes of its failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from pkgscan.facts.shell import Certainty, Command
from pkgscan.facts.uses import Failure, Guard
from pkgscan.model import Related, Span
from pkgscan.values import Value, VariableRef, literal

READS_INPUT = ("<", "<<", "<<<", "<<-", "<>", "0<")
SET_AT = 4  # places told of where values are set


class Reading(Protocol):
    """The part of a reading that is told."""

    @property
    def variable(self) -> str:
        """The variable that it depends on, if it does."""

    @property
    def set_at(self) -> tuple[tuple[str, Span], ...]:
        """The places that set what was filled in, with names."""


class Around(Protocol):
    """What is asked of the script around a command, once it is known to do something that is told."""

    def guards(self, command: Command) -> tuple[Guard, ...]:
        """What is made sure of before it runs."""

    def failure(self, command: Command) -> Failure:
        """What becomes of its failure."""

    def environment(self) -> Mapping[str, Value]:
        """The variables that the script gives its programs."""

    def emptiable(self, command: Command) -> Mapping[str, tuple[str, ...]]:
        """Variables that may be empty, by the path that is left of a word then."""

    def is_fed(self, command: Command) -> bool:
        """Whether it stands in a function that never reads the terminal, since every call gives it something else."""


class About:
    """What all facts of one reading of a command have in common; worked out when the first fact is told."""

    def __init__(
        self, command: Command, reading: Reading, around: Around, *, certainty: Certainty, at: int = 0
    ) -> None:
        self.command = command
        self.certainty = certainty
        self.around = around
        self._reading = reading
        self._at = at

    def inside(self, words: Sequence[Value], *, sure: bool = True) -> About:
        """The same of a command that this one runs, told at its own word where that stands on another line."""
        at = _index(self.command, words) if self.command.word_places else 0
        if not at and sure:
            return self
        return About(self.command, self._reading, self.around, certainty=self.certainty if sure else "may", at=at)

    def runs_itself(self, words: Sequence[Value]) -> bool:
        """Whether the words of a command, or of one that it runs, begin with `$0`."""
        word = self.command.words[_index(self.command, words)]
        return isinstance(word, VariableRef) and word.name == "0"

    def common(self, where: str) -> dict[str, Any]:
        """The fields of every use."""
        return {**self._common, "where": where}

    @cached_property
    def _common(self) -> dict[str, Any]:
        return {
            "span": self._span,
            "text": self.command.text,
            "guards": self.around.guards(self.command),
            "failure": self.failure,
            "certainty": self.certainty,
            "variable": self._reading.variable,
            "set_at": tuple(Related(span, f"{name} is set here") for name, span in self._reading.set_at[:SET_AT]),
        }

    @property
    def _span(self) -> Span:
        span = self.command.span
        if not self._at:
            return span
        line, column = self.command.word_places[self._at]
        return Span(span.path, line, span.last_line, column, span.last_column)

    @cached_property
    def failure(self) -> Failure:
        """What becomes of a failure of the command."""
        return self.around.failure(self.command)

    @property
    def has_input(self) -> bool:
        """Whether something else than the terminal is its standard input."""
        return has_own_input(self.command) or self.around.is_fed(self.command)


def has_own_input(command: Command) -> bool:
    """Whether a redirect or a pipe around a command gives it something else than the terminal to read."""
    if any(redirect.operator.lstrip("0") in READS_INPUT for redirect in command.redirects):
        return True
    return any(frame.kind == "pipe" and frame.position > 0 for frame in command.context)


def _index(command: Command, words: Sequence[Value]) -> int:
    """Which word of a command those begin with that it runs; 0, its own, where that is not found."""
    at = len(command.words) - len(words)
    if at >= 0 and (command.words[at] == words[0] or literal(command.words[at]) is None):
        return at  # written out, or filled in
    return next((at for at, word in enumerate(command.words) if word == words[0]), 0)
