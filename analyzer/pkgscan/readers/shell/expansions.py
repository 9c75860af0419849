"""What begins with a dollar in a word: variables, expansions, arithmetic; commands are put aside for the parser."""

from __future__ import annotations

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.parsed import Item, Setting
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.word import Inside, Part, Word, keep, set_aside
from pkgscan.readers.shell.word_values import COMPUTED, OUTPUT, ansi_text, parameter
from pkgscan.values import Literal, Unknown, VariableRef, join

ALL, EACH = Literal("[@]"), Literal("[*]")
VALUE_DEPTH = 4  # defaults within defaults; people write two
PRESCANS = 4  # times a text may be looked through for the ends of `((`; they stand in each other in hostile ones only


def dollar(state: State, word: Word, inside: Inside) -> Mode | None:
    """A dollar: a variable, an expansion, arithmetic, commands, quotes of bash, or itself."""
    text, at = state.text, state.pos
    following = text[at + 1 : at + 2] if at + 1 < state.end else ""
    if following == "(":
        return _open_parenthesis(state, word, inside)
    if following == "{":
        return _open_brace(state, word, inside)
    if following == "[":
        word.inside.append(Inside("$[", at, tokens.BRACKETED_RUN, quoted=True))
        state.pos += 2
        return None
    if following == "'" and not inside.quoted:
        match = tokens.ANSI_QUOTED.match(text, at, state.end)
        if match is None:
            raise state.refuse("a single quote is not closed")
        inside.parts.append(Literal(ansi_text(match[1])))
        state.pos = match.end()
    elif following == '"' and not inside.quoted:
        state.pos += 1
    elif match := tokens.PARAMETER.match(text, at, state.end):
        inside.parts.append(parameter(match[1], splits=not inside.quoted))
        state.pos = match.end()
    else:
        keep(state, inside)
    return None


def _open_parenthesis(state: State, word: Word, inside: Inside) -> Mode | None:
    """`$(`: commands; or `$((`: arithmetic, if its end is one."""
    if state.text.startswith("$((", state.pos) and is_arithmetic(state, state.pos + 1):
        word.inside.append(Inside("((", state.pos, tokens.ARITHMETIC_RUN, quoted=True))
        state.pos += 3
        return None
    inside.parts.append(OUTPUT)
    set_aside(state, "$(", 2)
    return state.modes.start


def is_arithmetic(state: State, at: int) -> bool:
    """Whether the two parentheses that open here are closed by two; bash looks ahead in the same way."""
    depth, pos, end = 0, at, state.end
    while pos < end:
        match = tokens.PARENTHESES.search(state.text, pos, end)
        if match is None:
            break
        state.prescans += match.end() - pos
        if state.prescans > PRESCANS * len(state.text):
            break
        pos = match.end()
        if match[0] in "()":
            depth += 1 if match[0] == "(" else -1
            if depth == 1 and match[0] == ")":
                return state.text.startswith(")", pos) and pos < end
        # what else matches is quoted text, which is passed over
    return False


def _open_brace(state: State, word: Word, inside: Inside) -> Mode | None:
    """`${`: an expansion; its operand is read like a word."""
    match = tokens.EXPANSION.match(state.text, state.pos, state.end)
    if match is None:
        raise state.refuse("an expansion that is none")
    run = tokens.QUOTED_OPERAND_RUN if inside.quoted else tokens.OPERAND_RUN
    opened = Inside("${", state.pos, run, quoted=inside.quoted)
    opened.match = match
    word.inside.append(opened)
    state.pos = match.end()
    operator = tokens.EXPANSION_OPERATOR.match(state.text, state.pos, state.end)
    if operator is not None:
        state.pos = operator.end()
    elif inside.quoted:
        opened.run = tokens.OPERAND_RUN
    return None


def close_brace(state: State, word: Word, inside: Inside) -> Mode | None:
    """A closing brace ends an expansion, and means nothing else."""
    if inside.kind != "${":
        keep(state, inside)
        return None
    word.inside.pop()
    outer = word.inside[-1]
    value = _expansion(inside, len(word.inside))
    if isinstance(value, VariableRef) and value.use == "=" and value.otherwise is not None:
        _set_default(state, value, inside.first)
    outer.parts.append(value)
    state.pos += 1
    return None


def _expansion(inside: Inside, depth: int) -> Part:
    """What `${...}` stands for."""
    match = inside.match
    assert match is not None
    prefix, name = match[1], match[2]
    if prefix:
        return COMPUTED if prefix == "#" else Unknown(f"the variable that ${name} names")
    operator = tokens.EXPANSION_OPERATOR.match(match.string, match.end())
    if operator is None:
        is_all = inside.parts in ([ALL], [EACH])
        is_plain = not inside.parts or is_all
        return parameter(name, splits=is_all or not inside.quoted) if is_plain else Unknown(f"made of ${name}")
    if depth > VALUE_DEPTH:
        return Unknown("set at run time")
    found = parameter(name, splits=not inside.quoted)
    if not isinstance(found, VariableRef):
        return found
    return VariableRef(name, operator[2], join(inside.parts), bool(operator[1]), found.splits)  # type: ignore[arg-type]  # the pattern allows no other


def _set_default(state: State, value: VariableRef, first: int) -> None:
    item = Item()
    assert value.otherwise is not None
    item.settings.append(Setting(first, state.pos + 1, value.name, (value.otherwise,), ":="))
    state.parsed.items.append(item)


def open_bracket(state: State, word: Word, inside: Inside) -> Mode | None:
    """A bracket counts only in arithmetic of the old kind, `$[1 + 2]`."""
    _ = word
    inside.depth += inside.kind == "$["
    keep(state, inside)
    return None


def close_bracket(state: State, word: Word, inside: Inside) -> Mode | None:
    """A closing bracket ends arithmetic of the old kind."""
    if inside.kind == "$[" and not inside.depth:
        state.pos += 1
        word.inside.pop()
        word.inside[-1].parts.append(COMPUTED)
        return None
    inside.depth -= inside.kind == "$["
    keep(state, inside)
    return None


def close_arithmetic(state: State, word: Word, inside: Inside) -> Mode | None:
    """A closing parenthesis in arithmetic: one of its own, or the first of the two that end it."""
    if inside.depth:
        inside.depth -= 1
        keep(state, inside)
        return None
    if not state.text.startswith("))", state.pos):
        raise state.refuse("arithmetic is not closed by two parentheses", inside.first)
    state.pos += 2
    word.inside.pop()
    word.inside[-1].parts.append(COMPUTED)
    return None


def takes_pattern(inside: Inside) -> bool:
    """Whether quotes in the operand of an expansion quote, though the expansion itself is quoted."""
    return inside.match is not None and tokens.EXPANSION_OPERATOR.match(inside.match.string, inside.match.end()) is None
