"""Words that have more in them than quotes and plain variables: expansions, substitutions, patterns with parentheses.

A word is read by a stack of its own. At a command substitution it is put aside, the commands in it are read by the
parser, and then the word is read on.
"""

from __future__ import annotations

import re

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.expansions import (
    close_arithmetic,
    close_brace,
    close_bracket,
    dollar,
    open_bracket,
    takes_pattern,
)
from pkgscan.readers.shell.state import Mode, Sink, State
from pkgscan.readers.shell.word import Inside, Step, Word, complete, ended, keep, set_aside
from pkgscan.readers.shell.word_values import OUTPUT, value_of
from pkgscan.values import Literal, Unknown, Value


def open_word(state: State, first: int, kind: str = "", run: re.Pattern[str] = tokens.BARE_RUN) -> Mode:
    """Read the word that begins here; what `state.sink` is then gets it."""
    state.pos = first
    state.word = Word(first, kind, run)
    return in_word


def next_word(state: State, sink: Sink) -> Mode:
    """Have a sink take the word that comes next."""
    match = tokens.TOKEN.match(state.text, state.pos, state.end)
    assert match is not None
    if match.lastindex == tokens.WORD:
        state.pos = match.end()
        return sink(state, value_of(match[2]), match.start(2), state.pos)
    if match.lastindex != tokens.COMPLEX:
        raise state.refuse("a word is missing")
    state.sink = sink
    return open_word(state, match.end())


def in_word(state: State) -> Mode | None:
    """Read on in a word."""
    word = state.word
    assert isinstance(word, Word)
    text, end = state.text, state.end
    while True:
        inside = word.inside[-1]
        run = inside.run.match(text, state.pos, end)
        if run is not None:
            inside.parts.append(Literal(run[0]))
            state.pos = run.end()
        if state.pos >= end:
            return _at_end(state, word, inside)
        step = STEPS.get(text[state.pos], ended)
        mode = step(state, word, inside)
        if mode is not None:
            return mode


def _at_end(state: State, word: Word, inside: Inside) -> Mode:
    if len(word.inside) > 1:
        raise state.refuse(f"{inside.kind} is not closed", inside.first)
    return complete(state, word)


def _single(state: State, word: Word, inside: Inside) -> Mode | None:
    """A single quote."""
    if inside.kind == '"' or (inside.quoted and inside.kind == "${" and not takes_pattern(inside)):
        keep(state, inside)
        return None
    match = tokens.SINGLE_QUOTED.match(state.text, state.pos, state.end)
    if match is None:
        if inside.kind == "((":
            keep(state, inside)
            return None
        raise state.refuse("a single quote is not closed")
    inside.parts.append(Literal(match[1]))
    state.pos = match.end()
    _ = word
    return None


def _double(state: State, word: Word, inside: Inside) -> Mode | None:
    """A double quote: opens, or closes the one that is open."""
    if inside.kind == '"':
        word.inside.pop()
        word.inside[-1].parts.extend(inside.parts or (Literal(""),))
    elif inside.kind == "body":
        keep(state, inside)
        return None
    else:
        word.inside.append(Inside('"', state.pos, tokens.QUOTED_RUN, quoted=True))
    state.pos += 1
    return None


def _escape(state: State, word: Word, inside: Inside) -> Mode | None:
    """A backslash."""
    _ = word
    following = state.text[state.pos + 1 : min(state.pos + 2, state.end)]
    if following == "\n":
        state.pos += 2
    elif not following or not _escapes(inside, following):
        keep(state, inside)
    else:
        state.pos += 1
        keep(state, inside)
    return None


def _escapes(inside: Inside, following: str) -> bool:
    """Whether a backslash escapes what follows: anything outside of quotes, and in a pattern behind `%`, `#` or `/`."""
    is_pattern = inside.kind == "${" and takes_pattern(inside)
    return not inside.quoted or is_pattern or following in ESCAPED_IN.get(inside.kind, ESCAPED)


# What a backslash escapes in an operand in quotes, in a here-doc, and in quotes.
ESCAPED_IN = {"${": '$`"\\}', "body": "$`\\"}
ESCAPED = '$`"\\'


def _backtick(state: State, word: Word, inside: Inside) -> Mode | None:
    """Commands up to the next backtick that no backslash stands before; quotes do not count."""
    _ = word
    match = tokens.BACKTICKED.match(state.text, state.pos, state.end)
    if match is None:
        raise state.refuse("a backtick is not closed")
    inside.parts.append(OUTPUT)
    if "\\" in match[1]:
        state.modes.inner(state, match.start(1), match.end(1), inside.quoted)
        state.pos = match.end()
        return None
    level = set_aside(state, "`", 1)
    level.limit = match.end()
    state.end = match.end(1)
    return state.modes.start


def _open_group(state: State, word: Word, inside: Inside) -> Mode | None:
    """A parenthesis: an array, an extended pattern, or the end of the word."""
    if inside.kind in ("((", "group", "regex"):
        inside.depth += 1
        if inside.kind == "regex":
            inside.run = tokens.GROUP_RUN
        keep(state, inside)
        return None
    if inside.kind:
        keep(state, inside)
        return None
    before = state.text[state.pos - 1] if state.pos > word.first else ""
    if before in tokens.EXTENDED and before:
        word.inside.append(Inside("group", state.pos, tokens.GROUP_RUN, quoted=False))
        keep(state, word.inside[-1])
        return None
    if before == "=" and word.array is None and _is_assignment(state, word):
        word.array = []
        set_aside(state, "array", 1)
        return in_array
    return complete(state, word)


def _is_assignment(state: State, word: Word) -> bool:
    match = tokens.ASSIGNMENT.match(state.text, word.first, state.pos)
    return match is not None and match.end() == state.pos


def _close_group(state: State, word: Word, inside: Inside) -> Mode | None:
    """A closing parenthesis."""
    if inside.kind == "((":
        return close_arithmetic(state, word, inside)
    if inside.kind == "group":
        keep(state, inside)
        if inside.depth:
            inside.depth -= 1
            return None
        word.inside.pop()
        word.inside[-1].parts.extend(inside.parts)
        return None
    if inside.kind == "regex" and inside.depth:
        inside.depth -= 1
        if not inside.depth:
            inside.run = tokens.REGEX_RUN
        keep(state, inside)
        return None
    return ended(state, word, inside)


def _angle(state: State, word: Word, inside: Inside) -> Mode | None:
    """`<(` and `>(`: commands whose output or input is a file."""
    if not inside.kind and state.text.startswith("(", state.pos + 1):
        inside.parts.append(Unknown("a pipe to commands"))
        set_aside(state, state.text[state.pos] + "(", 2)
        return state.modes.start
    return ended(state, word, inside)


STEPS: dict[str, Step] = {
    "'": _single,
    '"': _double,
    "\\": _escape,
    "`": _backtick,
    "$": dollar,
    "}": close_brace,
    "[": open_bracket,
    "]": close_bracket,
    "(": _open_group,
    ")": _close_group,
    "<": _angle,
    ">": _angle,
}


def in_array(state: State) -> Mode | None:
    """The elements of an array, up to its parenthesis."""
    text = state.text
    while True:
        match = tokens.EMPTY_LINES.match(text, state.pos, state.end)
        state.pos = match.end() if match else state.pos
        if state.pos >= state.end:
            raise state.refuse("an array is not closed", state.top.first)
        if text[state.pos] == ")":
            return _close_array(state)
        if text[state.pos] in ";&|":
            raise state.refuse("an operator in an array")
        state.sink = _element
        return open_word(state, state.pos)


def _element(state: State, value: Value, first: int, end: int) -> Mode:
    if end == first:
        raise state.refuse("not a word")
    state.top.values.append(value)
    return in_array


def _close_array(state: State) -> Mode:
    level = state.pop()
    state.pos += 1
    mode = state.restore(level)
    word = state.word
    assert isinstance(word, Word)
    word.array = level.values
    return mode
