"""The scripts of a package, and which of them runs or sources which.

The files that run in one shell see each other's variables, and where a file is sourced from is written with variables:
so both are worked out together, a few rounds long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pkgscan.facts.schedule import CronJob
from pkgscan.facts.schedule import Variable as CrontabVariable
from pkgscan.facts.shell import Assignment, Command, FunctionDefinition, ShellScript
from pkgscan.graph import Reading
from pkgscan.link.values import Values
from pkgscan.reason.invocation import INTERPRETERS, WRAPPERS, base_name, started
from pkgscan.reason.scripts import Script
from pkgscan.values import Literal, literal

ROUNDS = 3  # a sourced file that names what is sourced next; a chain of more is followed as far as this goes
SHARED_FILES = 32  # files that run in one shell with another; a library sourced by more is nobody's in particular
SOURCES = frozenset((".", "source"))

Resolve = Callable[[str, str], str | None]


class Step(msgspec.Struct, frozen=True):
    """One file of the package that a command runs or sources: where the command stands, and the entry."""

    command: Command
    target: str
    sourced: bool


class Scripts:
    """Every script of a package by its path. Works out what is asked for, once."""

    def __init__(self, facts: Mapping[type, tuple[Any, ...]], resolve: Resolve, place: Callable[[str], str]) -> None:
        self._by_path = _scripts(facts)
        self._resolve = resolve
        self._place = place
        self._shared: dict[str, tuple[Script, ...]] = {}
        self._values = Values(self)
        self._steps: dict[str, tuple[Step, ...]] = {}
        self._is_settled = False

    def script(self, path: str) -> Script | None:
        """The script of an entry."""
        return self._by_path.get(path)

    def paths(self) -> Iterator[str]:
        """The entries that hold commands."""
        return iter(self._by_path)

    def place(self, path: str) -> str:
        """Where an entry lies as its own `$0`: on the host where that is known, else beside itself."""
        return self._place(path) or f"./{path.rpartition('/')[2]}"

    def shares(self, path: str) -> Sequence[Script]:
        """The other scripts that run in one shell with it."""
        return self._shared.get(path, ())

    def readings(self, command: Command) -> tuple[Reading, ...]:
        """The words that a command may run as."""
        self._settle()
        return self._values.readings(command)

    @property
    def values(self) -> Values:
        """What fills in words, with all sourced files known."""
        self._settle()
        return self._values

    def steps(self, path: str) -> tuple[Step, ...]:
        """What the commands of an entry run or source of the package, in their order."""
        self._settle()
        if path not in self._steps:
            script = self._by_path.get(path)
            self._steps[path] = tuple(self._found_steps(script.commands)) if script else ()
        return self._steps[path]

    def _settle(self) -> None:
        """Find out which files are sourced, as far as the files sourced so far tell it."""
        if self._is_settled:
            return
        self._is_settled = True
        sourcing = [command for script in self._by_path.values() for command in script.commands if _sources(command)]
        known: dict[str, set[str]] = {}
        for _ in range(ROUNDS):
            found: dict[str, set[str]] = {}
            for step in self._found_steps(sourcing):
                found.setdefault(step.command.span.path, set()).add(step.target)
            if found == known:
                break
            known = found
            self._shared = {path: tuple(self._scripts_with(path, known)) for path in _in_one_shell(known)}
            self._values = Values(self)  # what was worked out without these files does not count any more

    def _scripts_with(self, path: str, sourced: Mapping[str, set[str]]) -> Iterator[Script]:
        """The scripts that run in one shell with one: what it sources, what sources it, and what that sources."""
        roots = _reached(path, _turned(sourced))
        around = {below for root in (path, *roots) for below in _reached(root, sourced)} | set(roots)
        for other in sorted(around - {path})[:SHARED_FILES]:
            script = self._by_path.get(other)
            if script is not None:
                yield script

    def _found_steps(self, commands: Sequence[Command]) -> Iterator[Step]:
        for command in commands:
            if not _may_start(command):
                continue
            told: set[str] = set()
            for reading in self._values.readings(command):
                found = started(reading.words)
                path = literal(found[0]) if found else None
                if found is None or path is None or "/" not in path or found[1] == "directory":
                    continue
                target = self._resolve(path, command.span.path)
                if target is not None and target not in told and target != command.span.path:
                    told.add(target)
                    yield Step(command, target, sourced=found[1] == "sourced")


def _sources(command: Command) -> bool:
    return literal(command.words[0]) in SOURCES


def _may_start(command: Command) -> bool:
    """Whether a command may run a file by its path; most are programs of the host by their bare names."""
    name = literal(command.words[0])
    if name is None or "/" in name or name in SOURCES or name in WRAPPERS:
        return True
    return name in INTERPRETERS or base_name(command.words[0]).rstrip("0123456789.") in INTERPRETERS or name == "java"


def _scripts(facts: Mapping[type, tuple[Any, ...]]) -> dict[str, Script]:
    """The facts of each entry that holds commands, by its path."""
    kinds = (Command, Assignment, FunctionDefinition, ShellScript)
    by_path: dict[str, tuple[list[Any], ...]] = {}
    for at, kind in enumerate(kinds):
        for fact in facts.get(kind, ()):
            by_path.setdefault(fact.span.path, ([], [], [], []))[at].append(fact)
    for variable in facts.get(CrontabVariable, ()) if facts.get(CronJob) else ():
        if variable.span.path in by_path:
            value = (Literal(variable.value),)
            by_path[variable.span.path][1].append(Assignment(span=variable.span, name=variable.name, values=value))
    return {path: Script(path, *found) for path, found in by_path.items()}


def _turned(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            found.setdefault(target, set()).add(source)
    return found


def _in_one_shell(sourced: Mapping[str, set[str]]) -> set[str]:
    return set(sourced) | {target for targets in sourced.values() for target in targets}


def _reached(start: str, edges: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Everything that edges lead to from a start, which is not among it; nearest first, and not too many."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting and len(found) <= SHARED_FILES:
        for target in sorted(edges.get(waiting.pop(0), ())):
            if target not in found and target != start:
                found[target] = None
                waiting.append(target)
    return tuple(found)
