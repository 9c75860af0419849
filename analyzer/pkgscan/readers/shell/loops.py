"""`for` and `select`: a variable and its list, or arithmetic. POSIX 2.9.4.2."""

from __future__ import annotations

from collections.abc import Callable

from pkgscan.facts.shell import FRAME_WORDS
from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.here_docs import read_documents
from pkgscan.readers.shell.parsed import Item, Setting
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.word import Inside, Word
from pkgscan.readers.shell.word_values import value_of
from pkgscan.readers.shell.words import in_word, open_word
from pkgscan.values import Value, VariableRef

ALL = VariableRef("@", splits=True)  # what a `for` without a list goes through


def open_for(kind: str) -> Callable[[State, int], Mode]:
    """What reads behind `for` or `select`."""

    def handle(state: State, first: int) -> Mode:
        level = state.open(kind, first)
        level.step = "header"
        match = tokens.FOR_NAME.match(state.text, state.pos, state.end)
        if match is not None:
            level.name, level.end, state.pos = match[1], match.start(1), match.end()
            return _behind_name(state)
        match = tokens.ARITHMETIC.match(state.text, state.pos, state.end)
        if match is None:
            raise state.refuse(f"{kind} without a name", first)
        word = Word(match.start(1))
        word.inside.append(Inside("((", match.start(1), tokens.ARITHMETIC_RUN, quoted=True))
        state.word, state.sink, state.pos = word, _counted, match.end()
        return in_word

    return handle


def _counted(state: State, value: Value, first: int, end: int) -> Mode:
    _ = value, first, end
    return _to_body(state)


def _to_body(state: State) -> Mode:
    """An optional `;` before the body."""
    match = tokens.SEPARATOR.match(state.text, state.pos, state.end)
    state.pos = match.end() if match else state.pos
    return state.modes.start


def _behind_name(state: State) -> Mode:
    match = tokens.IN.match(state.text, state.pos, state.end)
    if match is None:
        _set(state, [ALL])
        return _to_body(state)
    state.pos = match.end()
    return _in_list


def _in_list(state: State) -> Mode | None:
    top = state.top
    while True:
        match = tokens.TOKEN.match(state.text, state.pos, state.end)
        assert match is not None
        group = match.lastindex
        if group == tokens.WORD:
            top.values.append(value_of(match[2]))
            state.pos = match.end()
        elif group == tokens.COMPLEX:
            state.sink = _listed
            return open_word(state, match.end())
        elif group == tokens.COMMENT:
            state.pos = match.end()
        elif group == tokens.NEWLINE or (group == tokens.OPERATOR and match[4] == ";"):
            state.pos = match.end()
            _set(state, top.values)
            waits = read_documents(state, state.modes.start) if group == tokens.NEWLINE else None
            return waits or state.modes.start
        else:
            raise state.refuse("a list that does not end", match.start())


def _listed(state: State, value: Value, first: int, end: int) -> Mode:
    if end == first:
        raise state.refuse("not a word", first)
    state.top.values.append(value)
    return _in_list


def _set(state: State, values: list[Value]) -> None:
    """The variable gets a value of the list in each turn."""
    top, item = state.top, Item()
    item.settings.append(Setting(top.end, top.end + len(top.name), top.name, tuple(values), top.kind))
    state.parsed.items.append(item)
    top.values = values[:FRAME_WORDS]
