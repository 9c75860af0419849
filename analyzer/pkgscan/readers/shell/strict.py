"""The strict reader of scripts: it reads a text whole, by the grammar of POSIX, bash and ksh, or refuses it.

One pass over the text, without recursion: what reads is a mode, which says what reads on.
"""

from __future__ import annotations

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.commands import after_compound, at_command, in_command
from pkgscan.readers.shell.parsed import Parsed, RefusedError
from pkgscan.readers.shell.state import Mode, Modes, State
from pkgscan.readers.shell.words import in_word

BACKTICKS = 6  # in each other, each with twice the backslashes; people write two


def parse(text: str) -> Parsed:
    """The commands of a text and what they stand in. Raises RefusedError where the text is not the shell's.

    Behind an `exit` that nothing makes conditional the text need not be: no shell reads on there.
    """
    state = State(text, Modes(at_command, in_command, after_compound, in_word, _read_inner))
    try:
        _run(state)
    except RefusedError as refusal:
        if state.left_at >= 0:
            return _until(state)
        _say_what_was_read(state, refusal)
        raise
    return state.parsed


def _say_what_was_read(state: State, refusal: RefusedError) -> None:
    refusal.safe_at, items, constructs, functions = state.safe
    refusal.after = state.parsed.items[items:]
    refusal.before = state.parsed
    del state.parsed.items[items:], state.parsed.constructs[constructs:], state.parsed.functions[functions:]


def _run(state: State) -> None:
    mode: Mode | None = at_command
    while mode is not None:
        mode = mode(state)


def _read_inner(state: State, first: int, end: int, quoted: bool) -> None:  # noqa: FBT001  # the backticks
    """Read commands in backticks that have backslashes: these are taken off before anything else is looked at."""
    if state.depth == BACKTICKS:
        raise state.refuse("backticks nested too deep")
    pieces: list[str] = []
    places: list[int] = []
    at = first
    for match in tokens.ESCAPED[quoted].finditer(state.text, first, end):
        pieces.append(state.text[at : match.start()])
        places.extend(range(at, match.start()))
        at = match.start(1)
    pieces.append(state.text[at:end])
    places.extend(range(at, end + 1))
    inner = State("".join(pieces), state.modes)
    inner.depth = state.depth + 1
    _run(inner)
    before = len(state.parsed.items)
    state.parsed.take_in(inner.parsed, places)
    if made := state.construct("substitution", before, name="`"):
        made.inside = state.command


def _until(state: State) -> Parsed:
    """What was read up to the exit behind which nothing is read."""
    parsed = state.parsed
    count = next((at for at, item in enumerate(parsed.items) if item.first >= state.left_at), len(parsed.items))
    del parsed.items[count:]
    parsed.constructs = [made for made in parsed.constructs if made.end <= count]
    parsed.functions = [made for made in parsed.functions if made.end <= state.left_at]
    return parsed
