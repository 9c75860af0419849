"""What the words of commands are, over assignments, functions' arguments and the files that are sourced.

A word becomes a few readings, never a guess: what stays unknown stays named. Everything is bounded, since scripts are
hostile: how many values a variable may have, how many readings a command, how many steps one file may take.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from pkgscan.facts.shell import Assignment, Command, Frame
from pkgscan.graph import Reading
from pkgscan.model import Span
from pkgscan.reason.bindings import in_force
from pkgscan.reason.outputs import count_outputs, evaluate, groups, is_output
from pkgscan.reason.scripts import Script, area_of, function_at
from pkgscan.reason.words import Part, joined, parts, split
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

VALUES = 16  # of one variable; real scripts have up to five, and each makes another reading
READINGS = 32  # of one command
STEPS = 50_000  # variables looked up in one file; the longest real scripts take a few thousand
DEPTH = 12  # variables that lead to variables; people write four
CALLS = 16  # of one function, looked at for its arguments
PLACES = 8  # told of where values are set; a person reads three
LENGTH = 4096  # characters of a value, the longest path that Linux takes
PIECES = 64  # parts of a value; people write three
WORDS = 64  # that one value makes; a longer list of files is a generated one
TOO_LONG = Unknown("longer than is followed")
TOO_MANY = Unknown("one of many values")
NOT_SURE = Unknown("set at run time")
DECLARES = frozenset(("export", "local", "declare", "typeset", "readonly"))  # a variable without a value
SELF = ("0", "BASH_SOURCE")


class Files(Protocol):
    """What is asked of the scripts of a package and how they source each other."""

    def script(self, path: str) -> Script | None:
        """The script of an entry."""

    def shares(self, path: str) -> Sequence[Script]:
        """The other scripts that run in one shell with it: what it sources, and what sources it."""

    def place(self, path: str) -> str:
        """Where an entry lies as its own `$0`."""


class Bound(msgspec.Struct, frozen=True, gc=False):
    """One value a variable may have, as the words it makes; `sure` where it has it at some time, as in a `for`."""

    words: tuple[Value, ...]
    sure: bool
    variable: str = ""
    set_at: tuple[tuple[str, Span], ...] = ()


class Values:
    """Fills in the words of commands. One for a scan; remembers nothing but what was asked."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._given: dict[int, tuple[Bound, ...]] = {}  # by assignment; the scripts keep these alive
        self._read: dict[int, tuple[Command, tuple[Reading, ...]]] = {}  # by command, which is kept alive here
        self._steps: dict[str, int] = {}  # taken in each file

    def readings(self, command: Command) -> tuple[Reading, ...]:
        """The words that a command may run as, filled in; one reading where nothing in them is set elsewhere."""
        if all(isinstance(word, Literal) for word in command.words):
            return (Reading(command.words),)
        known = self._read.get(id(command))
        if known is None or known[0] is not command:
            known = self._read[id(command)] = command, self._readings(command)
        return known[1]

    def values(self, value: Value, span: Span, context: Sequence[Frame]) -> tuple[Value, ...]:
        """The texts that a value at a place may be, a redirect's target say."""
        if isinstance(value, Literal):
            return (value,)
        found = self.word(value, span, context, 0)
        return tuple(dict.fromkeys(bound.words[0] for bound in found if len(bound.words) == 1)) or (value,)

    def _readings(self, command: Command) -> tuple[Reading, ...]:
        choices = self._choices(command.words, command.span, command.context, 0)
        cut = _product(choices) > READINGS
        found: dict[tuple[Value, ...], Reading] = {}
        for picks in itertools.islice(itertools.product(*choices), READINGS):
            words = tuple(word for bound in picks for word in bound.words)
            if words:
                doubtful = next((bound.variable for bound in picks if not bound.sure), "")
                sure = not cut and all(bound.sure for bound in picks)
                found.setdefault(words, Reading(words, sure=sure, variable=doubtful, set_at=_set_at(picks)))
        return tuple(found.values())

    def _choices(
        self, words: Sequence[Value], span: Span, context: Sequence[Frame], depth: int
    ) -> list[tuple[Bound, ...]]:
        filled = self._printed(words, span, context, depth)
        return [self.word(word, span, context, depth) for word in filled]

    def _printed(self, words: Sequence[Value], span: Span, context: Sequence[Frame], depth: int) -> Sequence[Value]:
        """The words with outputs of commands filled in that can be told."""
        wanted = count_outputs(words)
        script = self._files.script(span.path)
        if not wanted or script is None or depth > DEPTH:
            return words
        found = groups(tuple(script.within(area_of(span))), len(context), wanted)
        if not found:
            return words
        printed = iter([evaluate(group, lambda command: self._first(command, depth + 1)) for group in found])
        return [_with_outputs(word, printed) for word in words]

    def _first(self, command: Command, depth: int) -> tuple[Value, ...]:
        """The words of a command as they are most likely."""
        choices = self._choices(command.words, command.span, command.context, depth)
        return tuple(word for choice in choices for word in (choice[0].words if choice else ()))

    def word(self, value: Value, span: Span, context: Sequence[Frame], depth: int) -> tuple[Bound, ...]:
        """What a word may become: one or several words, or none at all."""
        if isinstance(value, Literal | Unknown):
            return (Bound((value,), sure=True),)
        if isinstance(value, VariableRef):
            return self._variable(value, span, context, depth)
        choices = [self._part(part, span, context, depth) for part in value.parts]
        found: list[Bound] = []
        for picks in itertools.islice(itertools.product(*choices), VALUES):
            pieces = [piece for bound in picks for word in bound.words for piece in parts(word)]
            doubtful = next((bound.variable for bound in picks if not bound.sure), "")
            sure = all(bound.sure for bound in picks)
            whole = join(pieces) if _is_short(pieces) else TOO_LONG
            found.append(Bound((whole,), sure, doubtful, _set_at(picks)))
        return tuple(found)

    def _part(self, part: Part, span: Span, context: Sequence[Frame], depth: int) -> tuple[Bound, ...]:
        if not isinstance(part, VariableRef):
            return (Bound((part,), sure=True),)
        whole = msgspec.structs.replace(part, splits=False)
        return tuple(bound for bound in self._variable(whole, span, context, depth) if len(bound.words) == 1) or (
            Bound((part,), sure=True),
        )

    def _variable(self, ref: VariableRef, span: Span, context: Sequence[Frame], depth: int) -> tuple[Bound, ...]:
        steps = self._steps[span.path] = self._steps.get(span.path, 0) + 1
        if steps > STEPS or depth > DEPTH:
            return (Bound((ref,), sure=True),)
        if ref.use == "+":
            return self._where_set(ref, span, context, depth)
        found = list(self._set(ref, span, context, depth))
        found = [bound for bound in found if not (ref.use and ref.empty_too and bound.words == (Literal(""),))]
        if ref.otherwise is not None and ref.use in ("-", "="):
            default = self.word(ref.otherwise, span, context, depth + 1)
            found += [msgspec.structs.replace(bound, sure=not found, variable=ref.name) for bound in default]
        if not found:
            return (Bound((ref,), sure=True),)
        if ref.splits:
            found = [Bound(split(bound.words)[:WORDS], bound.sure, bound.variable, bound.set_at) for bound in found]
        return _distinct(found)

    def _where_set(self, ref: VariableRef, span: Span, context: Sequence[Frame], depth: int) -> tuple[Bound, ...]:
        """`${X:+WORD}`: the word, or nothing."""
        given = self.word(ref.otherwise, span, context, depth + 1) if ref.otherwise is not None else ()
        empty = Bound(() if ref.splits else (Literal(""),), sure=False, variable=ref.name)
        return (*(msgspec.structs.replace(bound, sure=False, variable=ref.name) for bound in given), empty)

    def _set(self, ref: VariableRef, span: Span, context: Sequence[Frame], depth: int) -> Iterator[Bound]:
        """What sets a variable where it is used: its own place, a function's arguments, assignments."""
        if ref.name in SELF:
            place = self._files.place(span.path)
            if place:
                yield Bound((Literal(place),), sure=True)
        elif ref.name.isdigit() or ref.name in ("@", "*"):
            yield from self._arguments(ref, span, context, depth)
        else:
            yield from self._assigned(ref.name, span, context, depth)

    def _arguments(self, ref: VariableRef, span: Span, context: Sequence[Frame], depth: int) -> Iterator[Bound]:
        """What the calls of the function around it give it."""
        function = function_at(context)
        if function is None:
            return
        for script in (self._files.script(span.path), *self._files.shares(span.path)):
            for call in (script.calls.get(function.name, ()) if script else ())[:CALLS]:
                given = _argument(ref.name, call)
                if given is not None and depth < DEPTH:
                    choices = self._choices(given, call.span, call.context, depth + 1)
                    for picks in itertools.islice(itertools.product(*choices), VALUES):
                        words = tuple(word for bound in picks for word in bound.words)[:WORDS]
                        yield Bound(words, sure=True, set_at=((f"{function.name}()", call.span), *_set_at(picks)))

    def _assigned(self, name: str, span: Span, context: Sequence[Frame], depth: int) -> Iterator[Bound]:
        script = self._files.script(span.path)
        seen = in_force(script.by_name.get(name, ()) if script else (), span, context)
        several = len(seen.assignments) > 1 or not seen.sure
        for assignment in seen.assignments:
            yield from self._of(assignment, depth, sure=not several)
        if seen.sure:
            return
        for other in self._files.shares(span.path):
            assignments = other.by_name.get(name, ())
            alone = len(assignments) == 1 and not seen.assignments
            for assignment in assignments[:VALUES]:
                yield from self._of(assignment, depth, sure=alone)

    def _of(self, assignment: Assignment, depth: int, *, sure: bool) -> Iterator[Bound]:
        """The values that one assignment gives, worked out once; in a circle none."""
        given = self._given.get(id(assignment))
        if given is None:
            self._given[id(assignment)] = ()
            given = self._given[id(assignment)] = tuple(itertools.islice(self._worked_out(assignment, depth), VALUES))
        if sure or assignment.by in ("for", "select"):
            yield from given
        else:
            yield from (Bound(one.words, False, one.variable, one.set_at) for one in given)

    def _worked_out(self, assignment: Assignment, depth: int) -> Iterator[Bound]:
        name = assignment.name
        if assignment.appends or assignment.key or not assignment.values:
            if assignment.by not in DECLARES or assignment.values:
                yield Bound((NOT_SURE,), sure=False, variable=name)
            return
        choices = self._choices(assignment.values[: VALUES + 1], assignment.span, assignment.context, depth + 1)
        if assignment.is_array:
            for picks in itertools.islice(itertools.product(*choices), VALUES):
                words = tuple(word for bound in picks for word in bound.words)[:WORDS]
                yield Bound(words, True, name, ((name, assignment.span),))
            return
        yield from _scalars(assignment, choices)


def _argument(name: str, call: Command) -> tuple[Value, ...] | None:
    """What a call gives a function by the name of a positional parameter."""
    if name in ("@", "*"):
        return call.words[1:]
    at = int(name) if len(name) < 4 else 0  # noqa: PLR2004  # digits; a call has no thousand arguments
    return call.words[at : at + 1] if 0 < at < len(call.words) else None


def _scalars(assignment: Assignment, choices: Sequence[Sequence[Bound]]) -> Iterator[Bound]:
    """The values of a plain variable: one text, or each word of the list of a `for`."""
    name, each = assignment.name, assignment.by in ("for", "select")
    for choice in choices[:VALUES]:
        for bound in choice:
            at = ((name, assignment.span), *bound.set_at)[:PLACES]
            for word in bound.words if each else (joined(bound.words),):
                yield Bound((word,), bound.sure, name, at)
    if len(choices) > VALUES:
        yield Bound((TOO_MANY,), sure=False, variable=name)


def _is_short(pieces: Sequence[Part]) -> bool:
    """Whether a value is one that is followed: `X=$X$X` a few times over is not."""
    return len(pieces) <= PIECES and sum(len(piece.text) for piece in pieces if isinstance(piece, Literal)) <= LENGTH


def _set_at(picks: Sequence[Bound]) -> tuple[tuple[str, Span], ...]:
    """Where the values that were picked are set."""
    return tuple(dict.fromkeys(place for bound in picks for place in bound.set_at))[:PLACES]


def _with_outputs(word: Value, printed: Iterator[Value]) -> Value:
    found = [next(printed) if is_output(part) else part for part in parts(word)]
    return join([piece for value in found for piece in parts(value)])


def _distinct(found: Sequence[Bound]) -> tuple[Bound, ...]:
    """Each value once, surest first of equals, and not too many."""
    by_words: dict[tuple[Value, ...], Bound] = {}
    for bound in found:
        known = by_words.get(bound.words)
        if known is None or (bound.sure and not known.sure):
            by_words[bound.words] = bound
    values = tuple(by_words.values())
    return values if len(values) <= VALUES else (*values[:VALUES], Bound((TOO_MANY,), sure=False))


def _product(choices: Sequence[Sequence[Bound]]) -> int:
    total = 1
    for choice in choices:
        total *= len(choice)
        if total > READINGS:
            break
    return total
