"""`case`: a subject, and arms with their patterns. POSIX 2.9.4.3; `;&` and `;;&` are those of bash and ksh."""

from __future__ import annotations

from pkgscan.facts.shell import FRAME_WORDS
from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.words import next_word
from pkgscan.values import Value


def open_case(state: State, first: int) -> Mode:
    """Behind `case`: the subject."""
    state.open("case", first)
    return next_word(state, _subject)


def _subject(state: State, value: Value, first: int, end: int) -> Mode:
    if end == first:
        raise state.refuse("a case without its subject", first)
    state.top.values = [value]
    match = tokens.IN.match(state.text, state.pos, state.end)
    if match is None:
        raise state.refuse("a case without its in")
    state.pos = match.end()
    return _in_patterns(state)


def _in_patterns(state: State) -> Mode:
    """Where an arm may begin, or the case ends."""
    top = state.top
    top.patterns = []
    skipped = tokens.EMPTY_LINES.match(state.text, state.pos, state.end)
    state.pos = skipped.end() if skipped else state.pos
    match = tokens.TOKEN.match(state.text, state.pos, state.end)
    assert match is not None
    if match.lastindex == tokens.WORD and match[2] == "esac":
        state.pos = match.end()
        return state.close()
    if match.lastindex == tokens.OPERATOR and match[4] == "(":
        state.pos = match.end()
    return next_word(state, _pattern)


def _pattern(state: State, value: Value, first: int, end: int) -> Mode:
    if end == first:
        raise state.refuse("a pattern of a case that is none", first)
    top = state.top
    if len(top.patterns) < FRAME_WORDS:
        top.patterns.append(value)
    match = tokens.TOKEN.match(state.text, state.pos, state.end)
    assert match is not None
    operator = match[4] if match.lastindex == tokens.OPERATOR else ""
    state.pos = match.end()
    if operator == "|":
        return next_word(state, _pattern)
    if operator != ")":
        raise state.refuse("a pattern of a case that does not end", first)
    state.part("arm")
    return state.modes.start


def end_arm(state: State) -> Mode:
    """Behind `;;`, and at `esac`."""
    top = state.top
    if made := state.construct("case", top.part_item):
        made.words = (*top.values, *top.patterns)
    top.step = ""
    return _in_patterns
