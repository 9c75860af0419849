"""What the commands of the package do: one pass over all of them, each with its variables filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.shell import Command
from pkgscan.facts.sql import SqlCall
from pkgscan.facts.uses import (
    AccountUse,
    CommandUse,
    CronWrite,
    DownloadRun,
    Failure,
    FailureIgnored,
    FileWrite,
    Guard,
    NetworkUse,
    PackageManagerUse,
    PrivilegeUse,
    Prompt,
    UnitUse,
    Use,
)
from pkgscan.graph import Graph, Reading
from pkgscan.model import Fact
from pkgscan.reason.about import About, has_own_input
from pkgscan.reason.downloads import RUNNERS, downloads_run
from pkgscan.reason.effects import READERS, effects, redirected
from pkgscan.reason.emptiness import maybe_empty
from pkgscan.reason.guards import Guards
from pkgscan.reason.handing import Handing, handing_functions
from pkgscan.reason.invocation import WRAPPERS, base_name, shell_string
from pkgscan.reason.layers import ELSEWHERE, PRIVILEGED, destination, layers
from pkgscan.reason.programs.units import INIT_SCRIPTS
from pkgscan.reason.scripts import Script, function_at
from pkgscan.reason.shell_text import simple_commands
from pkgscan.reason.terminals import TERMINALS, opened_for
from pkgscan.reason.unknown_prefix import may_run
from pkgscan.reason.words import HOLE, holed
from pkgscan.reason.wrappers import wrapping_functions
from pkgscan.values import Literal, Value, VariableRef, literal

WRITES = (">", ">>", ">|", "&>", "&>>", "1>", "1>>")
NAMED = frozenset(READERS) | RUNNERS | frozenset(WRAPPERS) | ELSEWHERE | PRIVILEGED | TERMINALS
HEEDED = ("PG", "MYSQL_", "SQLCMD")  # beginnings of the variables that database clients heed
TEXTS = 256 * 1024  # characters of texts that are handed to shells in one script; installers have a few thousand
FACTS = 64  # of one command: a list of thousands of files is told by its first ones


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Fact]:  # noqa: ARG001  # the shape of conclusions
    """Every use, in the order of the commands."""
    current: _OfScript | None = None
    for command in graph.facts(Command):
        if current is None or current.path != command.span.path:
            current = _OfScript(command.span.path, graph)
        yield from current.uses(command)


class _OfScript:
    """The commands of one entry, with what is known of their script."""

    def __init__(self, path: str, graph: Graph) -> None:
        self.path = path
        self._graph = graph
        script = graph.script(path)
        self._script = script or Script(path)
        shared = (self._script, *graph.shares(path))
        self._functions = frozenset(name for one in shared for name in one.function_names)
        self._wrappers: Mapping[str, int] = wrapping_functions(shared) if self._functions else {}
        self._handing: Mapping[str, Handing] = handing_functions(shared) if self._functions else {}
        self._guards = Guards(self._script, self._all_words)
        self._heeded: dict[str, Value] | None = None
        self._left = TEXTS

    def _words(self, command: Command) -> Sequence[Value]:
        """The words of a command as they are most likely."""
        found = self._graph.readings(command)
        return found[0].words if found else command.words

    def _all_words(self, command: Command) -> Sequence[Sequence[Value]]:
        """The words that a command may run as, and as they are written."""
        return [*(reading.words for reading in self._graph.readings(command)), command.words]

    def uses(self, command: Command) -> Iterator[Fact]:
        """What one command does."""
        writes = [redirect for redirect in command.redirects if redirect.operator in WRITES]
        if not writes and not self._may_matter(command):
            return
        found: dict[Fact, None] = {}
        readings = self._readings(command)
        for reading in readings:
            about = self._about(command, reading, alone=len(readings) == 1)
            for fact in self._of_reading(reading, about):
                if len(found) < FACTS:
                    found.setdefault(fact)
        yield from _settled(tuple(found), len(readings))
        for redirect in writes:
            for target in self._graph.values(redirect.target, command.span, command.context):
                yield from redirected(
                    self._about(command, Reading(command.words), alone=True), target, adds=">>" in redirect.operator
                )

    def _may_matter(self, command: Command) -> bool:
        """Whether a command's name says that it may do anything told here; most do not."""
        word = command.words[0]
        name = literal(word)
        if name is None:
            return not isinstance(word, Literal)
        if "/" in name:
            known = name.rpartition("/")[2] in NAMED or name.startswith(INIT_SCRIPTS)
            return known or bool(may_run(command.words))
        return (name in NAMED and name not in self._functions) or name in self._wrappers or name in self._handing

    def _readings(self, command: Command) -> tuple[Reading, ...]:
        """The words it may run as; as written where it runs what its function is given, which is told at the calls."""
        function = function_at(command.context)
        handing = self._handing.get(function.name) if function is not None else None
        if handing is not None and handing.command.span == command.span:
            return (Reading(command.words),)
        takes_all = any(isinstance(word, VariableRef) and word.name == "@" for word in command.words)
        if takes_all and (function is not None or literal(command.words[0]) is not None):
            return (Reading(command.words),)
        return self._graph.readings(command)

    def emptiable(self, command: Command) -> Mapping[str, tuple[str, ...]]:
        """Of the paths of a command those that are the host's own where a variable is empty, with the variables."""
        if literal(command.words[0]) == "rm" or any(literal(word) == "rm" for word in command.words):
            others = self._graph.shares(self.path)
            found = ((word, maybe_empty(word, command, self._script, others)) for word in command.words)
            return {holed(word).lstrip(HOLE): names for word, names in found if names}
        return {}

    def _of_reading(self, reading: Reading, about: About) -> Iterator[Fact]:
        where = self._where(about.command)
        for words, there in self._run_by(reading, about.command):
            for layer in layers(words, self._wrappers, where or there):
                if layer.name in self._functions and "/" not in (literal(layer.words[0]) or ""):
                    continue
                yield from effects(layer, about.inside(layer.words, sure=layer.sure))
        yield from downloads_run(reading.words, about, self._script, where)

    def _run_by(self, reading: Reading, command: Command) -> Iterator[tuple[Sequence[Value], str]]:
        """The words of a command, and of the texts that no reader saw it hand to a shell; each with where they run."""
        yield reading.words, ""
        name = literal(command.words[0])
        if name is None:
            at = shell_string(reading.words)
            if at >= 0:
                yield from ((words, "") for words in self._simple(reading.words[at]))
        elif base_name(command.words[0]) in TERMINALS:
            yield from ((words, "") for words in self._simple(opened_for(reading.words)))
        elif name in self._handing:
            handing = self._handing[name]
            where = self._where(handing.command)
            yield from ((words, where) for words in self._simple(handing.text(reading.words)))

    def _simple(self, text: Value) -> Iterator[tuple[Value, ...]]:
        """The commands of a text, as long as the texts of the script are not too long together."""
        self._left -= len(holed(text))
        return simple_commands(text) if self._left >= 0 else iter(())

    def _about(self, command: Command, reading: Reading, *, alone: bool) -> About:
        sure = command.certainty == "must" and (reading.sure or alone)
        return About(command, reading, self, certainty="must" if sure else "may")

    def guards(self, command: Command) -> tuple[Guard, ...]:
        """What is made sure of before a command runs."""
        return self._guards.of(command)

    def is_fed(self, command: Command) -> bool:
        """Whether every call of the function it stands in has something else than the terminal to read."""
        function = function_at(command.context)
        if function is None:
            return False
        scripts = (self._script, *self._graph.shares(self.path))
        calls = [call for script in scripts for call in script.calls.get(function.name, ())]
        return bool(calls) and all(has_own_input(call) for call in calls)

    def failure(self, command: Command) -> Failure:
        """What becomes of its failure."""
        return self._guards.failure(command)

    def environment(self) -> Mapping[str, Value]:
        """What the script exports to the programs it runs, as far as database clients heed it."""
        if self._heeded is None:
            self._heeded = dict(self._exported())
        return self._heeded

    def _exported(self) -> Iterator[tuple[str, Value]]:
        for script in (self._script, *self._graph.shares(self.path)):
            for assignment in script.assignments:
                if assignment.name.startswith(HEEDED) and assignment.values:
                    found = self._graph.values(assignment.values[0], assignment.span, assignment.context)
                    yield assignment.name, found[0]

    def _where(self, command: Command) -> str:
        """On which host or in which container a text runs that a command hands to a shell."""
        for frame in command.context:
            if frame.kind in ("string", "here-doc") and frame.areas and not frame.name:
                script = self._graph.script(command.span.path) or self._script
                outer = next(script.within(frame.areas[0]), None)
                where = destination(self._words(outer), self._wrappers) if outer is not None else ""
                if where:
                    return where
        return ""


def _settled(found: tuple[Fact, ...], readings: int) -> Iterator[Fact]:
    """Facts once each: what every reading says is so whatever the variables are."""
    if readings == 1:
        yield from found
        return
    same: dict[Fact, list[Fact]] = {}
    for fact in found:
        bare = (
            msgspec.structs.replace(fact, certainty="must", variable="", set_at=()) if isinstance(fact, Use) else fact
        )
        same.setdefault(bare, []).append(fact)
    for bare, told in same.items():
        sure = len(told) >= readings or any(getattr(fact, "certainty", "must") == "must" for fact in told)
        yield msgspec.structs.replace(told[0], certainty="must") if sure and isinstance(bare, Use) else told[0]


USES = Conclusion(
    name="uses",
    concludes=(
        AccountUse,
        CommandUse,
        CronWrite,
        DownloadRun,
        FailureIgnored,
        FileWrite,
        NetworkUse,
        PackageManagerUse,
        PrivilegeUse,
        Prompt,
        SqlCall,
        UnitUse,
    ),
    conclude=conclude,
)
