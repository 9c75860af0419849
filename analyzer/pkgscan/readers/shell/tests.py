"""`[[ ... ]]` of bash and ksh: read as a command whose words are its operands and operators."""

from __future__ import annotations

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.parsed import Item
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.word_values import value_of
from pkgscan.readers.shell.words import open_word
from pkgscan.values import Literal, Value

MATCHING = frozenset(("=~", "==", "=", "!="))  # before a pattern, in which parentheses are no operators


def open_test(state: State, first: int) -> Mode:
    """Behind `[[`."""
    state.begin(first)
    state.command = item = Item()
    state.parsed.items.append(item)
    _take(item, "[[", Literal("[["), first)
    return _in_test


def _take(item: Item, raw: str, value: Value, first: int) -> None:
    item.firsts.append(first)
    item.ends.append(first + len(raw))
    item.values.append(value)


def _in_test(state: State) -> Mode | None:
    item = state.command
    assert item is not None
    while True:
        match = tokens.TEST_TOKEN.match(state.text, state.pos, state.end)
        assert match is not None
        if match.lastindex == 1:
            _take(item, match[1], Literal(match[1]), match.start(1))
            state.pos = match.end()
        elif match.lastindex == 2:  # noqa: PLR2004  # the groups of TEST_TOKEN: an operator, a word, the end
            raw = match[2]
            _take(item, raw, value_of(raw), match.start(2))
            state.pos = match.end()
            if raw == "]]":
                return state.modes.simple
            if raw in MATCHING:
                return _pattern(state)
        elif match.lastindex == 3:  # noqa: PLR2004
            raise state.refuse("[[ is not closed", item.firsts[0])
        else:
            state.sink = _operand
            return open_word(state, match.end())


def _pattern(state: State) -> Mode:
    match = tokens.EMPTY_LINES.match(state.text, state.pos, state.end)
    state.sink = _operand
    return open_word(state, match.end() if match else state.pos, "regex", tokens.REGEX_RUN)


def _operand(state: State, value: Value, first: int, end: int) -> Mode:
    if end == first:
        raise state.refuse("not a word", first)
    item = state.command
    assert item is not None
    _take(item, state.text[first:end], value, first)
    return _in_test
