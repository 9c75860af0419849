"""What link works out of the facts: places on the host, triggers, the words of commands; and how it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from pkgscan.facts.shell import Command, Frame
from pkgscan.model import Entry, Related, Span
from pkgscan.reason.scripts import Script
from pkgscan.values import Value

TriggerKind = Literal["cron job", "timer", "run-parts", "unit", "maintainer script"]


class InstallPath(msgspec.Struct, frozen=True):
    """Where an entry would lie on the host. `must`: the format or a command says so; `may`: its place suggests it."""

    path: str
    certainty: Literal["must", "may"]
    why: str


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """What starts something by itself, and the entries it starts directly.

    `title` reads after "started by": `cron job at 03:00`. `span` is the line that says so, `commands_at` where the
    command lines stand that it runs, in their order: the same line, or the Exec lines of a timer's service. `reads` are
    files that its shell sources.
    """

    kind: TriggerKind
    title: str
    span: Span
    starts: tuple[str, ...] = ()  # entry paths
    reads: tuple[str, ...] = ()  # entry paths
    commands_at: tuple[Span, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """The words that a command may run as, variables filled in as far as they are known.

    `sure`: it runs so at some time, as for each value of a `for`; else `variable` names what it depends on. `set_at`
    are the places that set what was filled in, with the name of each variable.
    """

    words: tuple[Value, ...]
    sure: bool = True
    variable: str = ""
    set_at: tuple[tuple[str, Span], ...] = ()


class Start(msgspec.Struct, frozen=True):
    """How something that starts by itself comes to run an entry: the places on the way, nearest to the entry first."""

    trigger: Trigger
    steps: tuple[Related, ...] = ()

    @property
    def related(self) -> tuple[Related, ...]:
        """The way as a finding shows it, up to what starts it."""
        return (*self.steps, Related(self.trigger.span, f"started by {self.trigger.title}"))


class Shells(Protocol):
    """What link knows of the scripts of a package: what their words are, and what leads to them."""

    def readings(self, command: Command) -> tuple[Reading, ...]:
        """The words that a command may run as."""

    def values(self, value: Value, span: Span, context: Sequence[Frame]) -> tuple[Value, ...]:
        """What a value that is written at a place may be."""

    def script(self, path: str) -> Script | None:
        """The commands, assignments and functions of an entry."""

    def shares(self, path: str) -> Sequence[Script]:
        """The other scripts that run in one shell with an entry: what it sources, and what sources it."""

    def starts(self, path: str) -> tuple[Start, ...]:
        """How what starts by itself comes to run an entry."""


class AsWritten:
    """The words of a package of which nothing was linked: as they are written."""

    def readings(self, command: Command) -> tuple[Reading, ...]:
        """One reading."""
        return (Reading(command.words),)

    def values(self, value: Value, span: Span, context: Sequence[Frame]) -> tuple[Value, ...]:  # noqa: ARG002  # the protocol's shape
        """The value itself."""
        return (value,)

    def script(self, path: str) -> Script | None:  # noqa: ARG002  # the protocol's shape
        """None."""
        return None

    def shares(self, path: str) -> Sequence[Script]:  # noqa: ARG002  # the protocol's shape
        """None."""
        return ()

    def starts(self, path: str) -> tuple[Start, ...]:  # noqa: ARG002  # the protocol's shape
        """Nothing."""
        return ()


class Places(Protocol):
    """What link knows of places on the host, worked out when asked."""

    def install_paths(self, entry: Entry) -> tuple[InstallPath, ...]:
        """Where an entry would lie, surest first."""

    def resolve(self, path: str, origin: str) -> str | None:
        """The entry path that a host path names, seen from the entry at `origin`."""

    def candidates(self, path: str, origin: str) -> tuple[str, ...]:
        """Every entry path that a host path may name."""

    def which(self, name: str, folders: Sequence[str], origin: str = "") -> str:
        """The host path at which the package installs a program of a bare name; empty if it ships none."""

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""


class Nowhere:
    """The places of a package that installs nothing."""

    def install_paths(self, entry: Entry) -> tuple[InstallPath, ...]:  # noqa: ARG002  # the protocol's shape
        """No place."""
        return ()

    def resolve(self, path: str, origin: str) -> str | None:  # noqa: ARG002  # the protocol's shape
        """No entry."""
        return None

    def candidates(self, path: str, origin: str) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's shape
        """No entry."""
        return ()

    def which(self, name: str, folders: Sequence[str], origin: str = "") -> str:  # noqa: ARG002  # the protocol's shape
        """No path."""
        return ""

    def in_own_tree(self, path: str) -> bool:  # noqa: ARG002  # the protocol's shape
        """No own tree."""
        return False


NOWHERE = Nowhere()
AS_WRITTEN = AsWritten()
