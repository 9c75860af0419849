"""What all facts of one command have in common: where it stands, its guards, and what becomes of its failure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from pkgscan.facts.shell import Certainty, Command
from pkgscan.facts.uses import Failure, Guard
from pkgscan.model import Related, Span
from pkgscan.values import Value

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


class About:
    """What all facts of one reading of a command have in common; worked out when the first fact is told."""

    def __init__(self, command: Command, reading: Reading, around: Around, *, certainty: Certainty) -> None:
        self.command = command
        self.certainty = certainty
        self.around = around
        self._reading = reading

    def common(self, where: str) -> dict[str, Any]:
        """The fields of every use."""
        return {**self._common, "where": where}

    @cached_property
    def _common(self) -> dict[str, Any]:
        return {
            "span": self.command.span,
            "text": self.command.text,
            "guards": self.around.guards(self.command),
            "failure": self.failure,
            "certainty": self.certainty,
            "variable": self._reading.variable,
            "set_at": tuple(Related(span, f"{name} is set here") for name, span in self._reading.set_at[:SET_AT]),
        }

    @cached_property
    def failure(self) -> Failure:
        """What becomes of a failure of the command."""
        return self.around.failure(self.command)

    @property
    def has_input(self) -> bool:
        """Whether something else than the terminal is its standard input."""
        if any(redirect.operator.lstrip("0") in READS_INPUT for redirect in self.command.redirects):
            return True
        return any(frame.kind == "pipe" and frame.position > 0 for frame in self.command.context)
