"""A word that is being read, and what is open in it: on a stack of its own, since it may be put aside for commands."""

from __future__ import annotations

import re
from collections.abc import Callable

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.state import Level, Mode, State
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

Part = Literal | VariableRef | Unknown


class Inside:
    """What is open within a word: `"`, `${`, `((` ...; its parts so far."""

    __slots__ = ("depth", "first", "kind", "match", "parts", "quoted", "run")

    def __init__(self, kind: str, first: int, run: re.Pattern[str], *, quoted: bool) -> None:
        self.kind = kind
        self.first = first
        self.run = run  # matches what means only itself here
        self.quoted = quoted
        self.parts: list[Part] = []
        self.depth = 0  # of plain parentheses
        self.match: re.Match[str] | None = None  # of `${`


class Word:
    """A word being read: what is open in it, the innermost last; the first is the word itself."""

    __slots__ = ("array", "first", "inside")

    def __init__(self, first: int, kind: str = "", run: re.Pattern[str] = tokens.BARE_RUN) -> None:
        self.first = first
        self.inside = [Inside(kind, first, run, quoted=kind == "body")]
        self.array: list[Value] | None = None


Step = Callable[[State, Word, Inside], "Mode | None"]


def complete(state: State, word: Word) -> Mode:
    """The word has ended: who asked for it gets it."""
    sink = state.sink
    assert sink is not None
    return sink(state, join(word.inside[0].parts), word.first, state.pos)


def keep(state: State, inside: Inside, length: int = 1) -> None:
    """Take characters for themselves."""
    inside.parts.append(Literal(state.text[state.pos : state.pos + length]))
    state.pos += length


def ended(state: State, word: Word, inside: Inside) -> Mode | None:
    """A character that ends a bare word, and means nothing in any other."""
    if inside.kind in ("", "regex"):
        return complete(state, word)
    keep(state, inside)
    return None


def set_aside(state: State, kind: str, length: int) -> Level:
    """Put the word away while what stands in it is read."""
    level = state.push(kind, state.pos)
    level.saved = (state.modes.word, state.command, state.word, state.sink, state.end)
    state.pos += length
    state.command = state.word = state.sink = None
    return level
