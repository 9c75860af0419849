"""Simple commands, lists and pipelines, by POSIX 2.9; compound commands have a module of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.assignments import setting
from pkgscan.readers.shell.compounds import RESERVED, close_command_level, open_function, open_parenthesis
from pkgscan.readers.shell.here_docs import DOCUMENT, expect_document, read_documents
from pkgscan.readers.shell.parsed import Item, Redirected, Setting
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.word import Word
from pkgscan.readers.shell.word_values import value_of
from pkgscan.readers.shell.words import open_word
from pkgscan.values import Literal, Value

LINE_ENDS = frozenset((tokens.NEWLINE, tokens.COMMENT))
ENDS = frozenset((tokens.NEWLINE, tokens.END))
Operation = Callable[[State, int], "Mode | None"]  # the state and where the operator stands


def at_command(state: State) -> Mode | None:
    """Where a command may begin."""
    text, end = state.text, state.end
    while True:
        if not state.waiting:
            skipped = tokens.EMPTY_LINES.match(text, state.pos, end)
            state.pos = skipped.end() if skipped else state.pos
        match = tokens.TOKEN.match(text, state.pos, end)
        assert match is not None
        group = match.lastindex
        if group == tokens.WORD:
            raw, first = match[2], match.start(2)
            reserved = RESERVED.get(raw)
            state.pos = match.end()
            return reserved(state, first) if reserved else _start(state, first, match.end(), raw)
        if group not in LINE_ENDS:
            return _unlike_a_word(state, match)
        state.pos = match.end()
        if group == tokens.NEWLINE and (mode := read_documents(state, at_command)) is not None:
            return mode


def _unlike_a_word(state: State, match: re.Match[str]) -> Mode | None:
    """A command begins with something else than a plain word, or none begins here."""
    group = match.lastindex
    if group == tokens.OPERATOR:
        state.pos = match.end()
        return _operator_at_command(state, match[4], match.start(4))
    if group == tokens.END:
        state.pos = state.end
        return at_end(state)
    return _start_oddly(state, match.end() if group == tokens.COMPLEX else match.start(1))


def _start(state: State, first: int, end: int, raw: str) -> Mode:
    """A simple command begins with a word that is plain to read."""
    state.begin(first)
    state.command = item = Item()
    state.parsed.items.append(item)
    _take(item, raw, value_of(raw), first, end)
    return in_command


def _start_oddly(state: State, first: int) -> Mode:
    """A simple command begins with a redirect, or with a word that has to be parsed."""
    if state.text.startswith("!(", first):
        state.pos = first + 1
        mode = RESERVED["!"](state, first)
        assert mode is not None
        return mode
    state.begin(first)
    state.command = Item()
    state.parsed.items.append(state.command)
    state.pos = first
    return in_command


def _take(item: Item, raw: str, value: Value, first: int, end: int) -> None:
    """One more word of a command; before its name, an assignment."""
    if not item.values:
        match = tokens.ASSIGNMENT.match(raw)
        if match is not None:
            item.settings.append(setting(match, value if match.end() < len(raw) else Literal(""), first, end))
            return
    item.firsts.append(first)
    item.ends.append(end)
    item.values.append(value)


def in_command(state: State) -> Mode | None:
    """The rest of a simple command."""
    text, end, item = state.text, state.end, state.command
    assert item is not None
    match_token = tokens.TOKEN.match
    while True:
        match = match_token(text, state.pos, end)
        assert match is not None
        group = match.lastindex
        if group == tokens.WORD:
            state.pos = behind = match.end()
            if item.values:  # nearly always; a call for each word would be a tenth of the whole
                item.firsts.append(match.start(2))
                item.ends.append(behind)
                item.values.append(value_of(match[2]))
            else:
                _take(item, match[2], value_of(match[2]), match.start(2), behind)
        elif group in ENDS:
            return _end_command(state, item, "\n" if group == tokens.NEWLINE else "", match.end())
        elif group == tokens.OPERATOR:
            return _end_command(state, item, match[4], match.end())
        elif group == tokens.COMMENT:
            state.pos = match.end()
        elif group == tokens.COMPLEX:
            state.sink = _argument
            return open_word(state, match.end())
        else:
            state.pos = match.end()
            return redirect(state, match[1], item.redirects, in_command)


def _argument(state: State, value: Value, first: int, end: int) -> Mode:
    """A word that had to be parsed is an argument, or an assignment."""
    item, word = state.command, state.word
    assert item is not None
    assert isinstance(word, Word)
    if end == first:
        raise state.refuse("not a word")
    raw = state.text[first:end]
    before = len(item.settings)
    _take(item, raw, value, first, end)
    if word.array is not None:
        if len(item.settings) == before:  # an argument of declare, local ...
            item.settings.append(Setting(first, end, raw.partition("=")[0].removesuffix("+"), ()))
        item.settings[-1].values, item.settings[-1].array = tuple(word.array), True
    return in_command


def redirect(state: State, operator: str, redirects: list[Redirected], then: Mode) -> Mode:
    """A redirect: its target is the next word."""

    def sink(state: State, value: Value, first: int, end: int) -> Mode:
        if end == first:
            raise state.refuse("a redirect without its target", first)
        made = Redirected(operator, value)
        redirects.append(made)
        if DOCUMENT.search(operator):
            expect_document(state, made, state.text[first:end])
        state.top.end = max(state.top.end, end)
        return then

    match = tokens.TOKEN.match(state.text, state.pos, state.end)
    assert match is not None
    if match.lastindex == tokens.WORD:
        state.pos = match.end()
        return sink(state, value_of(match[2]), match.start(2), match.end())
    if match.lastindex != tokens.COMPLEX:
        raise state.refuse("a redirect without its target")
    state.sink = sink
    return open_word(state, match.end())


def _end_command(state: State, item: Item, operator: str, behind: int) -> Mode | None:
    """A simple command ends at an operator."""
    if operator == "(" and len(item.values) == 1 and not item.settings and not item.redirects:
        state.parsed.items.pop()
        return open_function(state, item, behind)
    if operator == "(":
        raise state.refuse("a parenthesis in a command")
    state.command = None
    state.finish_command(item.ends[-1] if item.ends else state.pos)
    return _operate(state, operator, behind)


def after_compound(state: State) -> Mode | None:
    """Behind a compound command: redirects, and then an operator or a word that closes what it stands in."""
    top = state.top
    while True:
        match = tokens.TOKEN.match(state.text, state.pos, state.end)
        assert match is not None
        group = match.lastindex
        if group == tokens.REDIRECT:
            assert top.compound is not None
            state.pos = match.end()
            return redirect(state, match[1], top.compound[1], after_compound)
        if group == tokens.COMMENT:
            state.pos = match.end()
            continue
        state.finish_command(max(top.end, state.pos))
        if group == tokens.WORD and match[2] in RESERVED:
            state.finish_list()
            return at_command
        if group in (tokens.WORD, tokens.COMPLEX):
            raise state.refuse("a word behind a compound command")
        operator = match[4] if group == tokens.OPERATOR else "\n" if group == tokens.NEWLINE else ""
        return _operate(state, operator, match.end())


def _operate(state: State, operator: str, behind: int) -> Mode | None:
    state.pos = behind
    if operator not in AFTER:
        raise state.refuse(f"{operator} behind a command", behind - len(operator))
    return AFTER[operator](state, behind - len(operator))


def _newline(state: State, at: int) -> Mode | None:
    _ = at
    state.finish_list()
    return read_documents(state, at_command) or at_command


def _semicolon(state: State, at: int) -> Mode | None:
    _ = at
    state.finish_list()
    return at_command


def _ampersand(state: State, at: int) -> Mode | None:
    _ = at
    state.finish_list(background=True)
    return at_command


def _pipe(state: State, at: int) -> Mode | None:
    _ = at
    state.top.required = True
    return at_command


def _and(state: State, at: int) -> Mode | None:
    _ = at
    state.chain("&&")
    return at_command


def _or(state: State, at: int) -> Mode | None:
    _ = at
    state.chain("||")
    return at_command


def at_end(state: State, at: int = 0) -> Mode | None:
    """The end of the text, or of what stands in backticks."""
    _ = at
    state.finish_list()
    if state.top.kind == "`":
        return close_command_level(state, "", at)
    if state.top.kind:
        raise state.refuse(f"{state.top.kind} is not closed", state.top.first)
    return None


def _close(state: State, at: int) -> Mode | None:
    """A closing parenthesis, or the end of the arm of a case."""
    state.finish_list()
    return close_command_level(state, state.text[at : state.pos], at)


AFTER: dict[str, Operation] = {
    "\n": _newline,
    ";": _semicolon,
    "&": _ampersand,
    "|": _pipe,
    "|&": _pipe,
    "&&": _and,
    "||": _or,
    "": at_end,
    ")": _close,
    ";;": _close,
    ";&": _close,
    ";;&": _close,
}


def _operator_at_command(state: State, operator: str, at: int) -> Mode | None:
    """An operator where a command may begin: it opens something, or closes what the last command stands in."""
    if operator == "(":
        return open_parenthesis(state, at)
    if operator in CLOSING:
        return _close(state, at)
    raise state.refuse(f"{operator} where a command should be", at)


CLOSING = frozenset((")", ";;", ";&", ";;&"))
