"""Compound commands and functions, by POSIX 2.9.4 and 2.9.5, with what bash and ksh add: function, coproc, time.

A handler is called behind a reserved word that stands where a command may begin.
"""

from __future__ import annotations

from collections.abc import Callable

from pkgscan.facts.shell import FRAME_AREAS, FrameKind
from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.arms import end_arm, open_case
from pkgscan.readers.shell.expansions import is_arithmetic
from pkgscan.readers.shell.loops import open_for
from pkgscan.readers.shell.parsed import Function, Item
from pkgscan.readers.shell.state import Level, Mode, State
from pkgscan.readers.shell.tests import open_test
from pkgscan.readers.shell.word import Inside, Word
from pkgscan.readers.shell.words import in_word
from pkgscan.values import Literal, Value

Handler = Callable[[State, int], "Mode | None"]  # the state, behind the word, and where the word stands
LOOPS = ("while", "until")
LISTS = ("for", "select")


def _expect(state: State, kinds: tuple[str, ...], steps: tuple[str, ...], at: int) -> Level:
    """What is closed or gone on with here has to be open, and at this step."""
    state.finish_list()
    top = state.top
    if top.kind not in kinds or top.step not in steps:
        raise state.refuse("a reserved word where none belongs", at)
    return top


def _if(state: State, first: int) -> Mode:
    state.open("if", first, "test").name = "if"
    return state.modes.start


def _then(state: State, first: int) -> Mode:
    top = _expect(state, ("if",), ("test",), first)
    area, top.negated_test = state.tested()
    state.construct("test", top.part_item)
    if top.areas:
        state.construct("else", top.part_item, tuple(top.areas[-FRAME_AREAS:]))
    top.areas.append(area)
    state.part("then")
    return state.modes.start


def _elif(state: State, first: int) -> Mode:
    top = _expect(state, ("if",), ("then",), first)
    _end_branch(state, top)
    top.name = "elif"
    state.part("test")
    return state.modes.start


def _else(state: State, first: int) -> Mode:
    top = _expect(state, ("if",), ("then",), first)
    _end_branch(state, top)
    state.part("else")
    return state.modes.start


def _fi(state: State, first: int) -> Mode:
    top = _expect(state, ("if",), ("then", "else"), first)
    _end_branch(state, top)
    return state.close()


def _end_branch(state: State, top: Level) -> None:
    if top.step == "else":
        state.construct("else", top.part_item, tuple(top.areas[-FRAME_AREAS:]))
        return
    kind: FrameKind = "if" if top.name == "if" else "elif"
    if made := state.construct(kind, top.part_item, (top.areas[-1],)):
        made.negated = top.negated_test
    if kind == "elif":
        state.construct("else", top.part_item, tuple(top.areas[-FRAME_AREAS - 1 : -1]))


def _loop(kind: str) -> Handler:
    def handle(state: State, first: int) -> Mode:
        state.open(kind, first, "test")
        return state.modes.start

    return handle


def _do(state: State, first: int) -> Mode:
    top = _expect(state, (*LOOPS, *LISTS), ("test", "header"), first)
    if top.kind in LOOPS:
        area, top.negated_test = state.tested()
        state.construct("test", top.part_item)
        top.areas.append(area)
    state.part("do")
    return state.modes.start


def _done(state: State, first: int) -> Mode:
    _end_loop(state, _expect(state, (*LOOPS, *LISTS), ("do",), first))
    return state.close()


def _end_loop(state: State, top: Level) -> None:
    kind: FrameKind = top.kind  # type: ignore[assignment]  # the caller expects a loop
    if made := state.construct(kind, top.part_item, tuple(top.areas), top.name):
        made.words, made.negated = tuple(top.values), top.negated_test


def _brace(state: State, first: int) -> Mode:
    if state.top.kind in LISTS and state.top.step == "header":  # what bash takes for do
        state.part("{")
    else:
        state.open("{", first)
    return state.modes.start


def _close_brace(state: State, first: int) -> Mode:
    top = _expect(state, ("{", *LISTS), ("", "{"), first)
    if top.kind in LISTS:
        _end_loop(state, top)
    return state.close()


def _not(state: State, first: int) -> Mode:
    state.top.bang = first
    state.top.required = True
    return state.modes.start


def _time(state: State, first: int) -> Mode:
    """`time` before what is no simple command; before one it is read like any program that runs another."""
    match = tokens.TIMED.match(state.text, state.pos, state.end)
    if match is not None and (match[1] == "(" or match[1] in RESERVED):
        state.pos = match.start(1)
        state.top.required = True
        return state.modes.start
    return _word(state, first, "time")


def _word(state: State, first: int, text: str) -> Mode:
    """A simple command after all."""
    state.begin(first)
    state.command = item = Item()
    state.parsed.items.append(item)
    item.firsts.append(first)
    item.ends.append(first + len(text))
    item.values.append(Literal(text))
    return state.modes.simple


def _coproc(state: State, first: int) -> Mode:
    """`coproc`: a command in the background, which may have a name if it is a compound one."""
    _ = first
    match = tokens.NAMED_COPROC.match(state.text, state.pos, state.end)
    if match is not None and match[1] not in RESERVED:
        state.pos = match.end(1)
    state.top.coproc = len(state.parsed.items)
    state.top.required = True
    return state.modes.start


def open_parenthesis(state: State, at: int) -> Mode:
    """`((`: arithmetic, if its end is one; else a subshell."""
    if not (state.text.startswith("((", at) and is_arithmetic(state, at)):
        state.open("(", at)
        return state.modes.start
    state.begin(at)
    state.command = item = Item()
    state.parsed.items.append(item)
    word = Word(at)
    word.inside.append(Inside("((", at, tokens.ARITHMETIC_RUN, quoted=True))
    state.word, state.sink, state.pos = word, _computed, at + 2
    return in_word


def _computed(state: State, value: Value, first: int, end: int) -> Mode:
    """Arithmetic as a command: `((` and what is in it as written."""
    _ = value
    item = state.command
    assert item is not None
    item.firsts += (first, first + 2)
    item.ends += (first + 2, end)
    item.values += (Literal("(("), Literal(state.text[first + 2 : end - 2].strip()))
    return state.modes.simple


def open_function(state: State, item: Item, behind: int) -> Mode:
    """`name (`: a function; its parenthesis is closed, and its body is the next command."""
    name = item.values[0]
    closed = tokens.CLOSED.match(state.text, behind, state.end)
    if closed is None or not isinstance(name, Literal):
        raise state.refuse("a parenthesis in a command", behind - 1)
    return _define(state, name.text, item.firsts[0], item.ends[0], closed.end())


def _function(state: State, first: int) -> Mode:
    """`function name`, with parentheses or without."""
    match = tokens.FUNCTION.match(state.text, state.pos, state.end)
    if match is None:
        raise state.refuse("a function without a name", first)
    state.begin(first)
    return _define(state, match[1], match.start(1), match.end(1), match.end())


def _define(state: State, name: str, first: int, end: int, behind: int) -> Mode:
    top = state.top
    top.stages.pop()  # its body is the command
    top.required = True
    made = Function(name, first, end, len(state.parsed.items))
    match = tokens.EMPTY_LINES.match(state.text, behind, state.end)
    state.pos = match.end() if match and not state.waiting else behind
    made.body = (state.pos, state.pos)
    state.parsed.functions.append(made)
    top.function = made
    return state.modes.start


def close_command_level(state: State, operator: str, at: int) -> Mode:
    """A parenthesis, the end of an arm or of backticks closes what commands stand in."""
    top = state.top
    if operator == ")" and top.kind == "(":
        state.construct("subshell", top.item)
        return state.close()
    if operator == ("" if top.kind == "`" else ")") and top.kind in SUBSTITUTIONS:
        return _end_substitution(state)
    if operator.startswith(";") and top.kind == "case" and top.step == "arm":
        return end_arm(state)
    raise state.refuse(f"{operator} where nothing is to be closed", at)


SUBSTITUTIONS = frozenset(("$(", "`", "<(", ">("))


def _end_substitution(state: State) -> Mode:
    level = state.pop()
    mode = state.restore(level)
    if level.kind == "`":
        state.pos = level.limit
    if made := state.construct("substitution", level.item, name=level.kind):
        made.inside = state.command
    return mode


def _esac(state: State, first: int) -> Mode:
    _expect(state, ("case",), ("arm",), first)
    end_arm(state)
    return state.close()


RESERVED: dict[str, Handler] = {
    "if": _if,
    "then": _then,
    "elif": _elif,
    "else": _else,
    "fi": _fi,
    "while": _loop("while"),
    "until": _loop("until"),
    "do": _do,
    "done": _done,
    "for": open_for("for"),
    "select": open_for("select"),
    "case": open_case,
    "esac": _esac,
    "{": _brace,
    "}": _close_brace,
    "!": _not,
    "[[": open_test,
    "function": _function,
    "coproc": _coproc,
    "time": _time,
}
