"""Here-documents: what `<<` announces, and where it stands, from the next newline on. POSIX 2.7.4."""

from __future__ import annotations

from pkgscan.patterns import pattern
from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.parsed import Redirected
from pkgscan.readers.shell.state import Mode, State
from pkgscan.readers.shell.word import Word
from pkgscan.readers.shell.words import in_word
from pkgscan.values import Literal, Value

DOCUMENT = pattern(r"(?<!<)<<-?\Z")  # the operator, behind its descriptor


def expect_document(state: State, redirected: Redirected, raw: str) -> None:
    """A here-doc is announced; its text begins behind the next newline."""
    delimiter = unquoted(raw)
    redirected.expands = delimiter == raw
    redirected.target = Literal(delimiter)
    state.waiting.append((redirected, delimiter, redirected.operator.endswith("-")))


def unquoted(raw: str) -> str:
    """A delimiter without its quotes; nothing in it is expanded."""
    if not any(character in raw for character in "'\"\\"):
        return raw
    kept, quote, at = [], "", 0
    while at < len(raw):
        character = raw[at]
        if character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        elif character == "\\" and quote != "'" and at + 1 < len(raw):
            at += 1
            kept.append(raw[at])
        else:
            kept.append(character)
        at += 1
    return "".join(kept)


def read_documents(state: State, then: Mode) -> Mode | None:
    """Read the texts that wait behind a newline; None when there are none, else what reads on."""
    if not state.waiting:
        return None

    def go_on(state: State) -> Mode:
        return read_documents(state, then) or then

    redirected, delimiter, strips = state.waiting.pop(0)
    first, (last, behind) = state.pos, _end_of(state, delimiter, strips=strips)
    redirected.body = (first, last) if last > first else None
    state.pos = behind
    if not redirected.expands or not _has_commands(state, first, last):
        return go_on
    level = state.push("body", first)
    level.saved = (go_on, state.command, state.word, state.sink, state.end)
    level.limit = behind
    state.end, state.pos, state.sink = last, first, _read
    state.word = Word(first, "body", tokens.BODY_RUN)
    return in_word


def _has_commands(state: State, first: int, last: int) -> bool:
    text = state.text
    return text.find("`", first, last) >= 0 or text.find("$(", first, last) >= 0 or text.find("${", first, last) >= 0


def _read(state: State, value: Value, first: int, end: int) -> Mode:
    """The text is read, and the commands in it."""
    _ = value, first, end
    level = state.pop()
    state.pos = level.limit
    return state.restore(level)


def _end_of(state: State, delimiter: str, *, strips: bool) -> tuple[int, int]:
    """Where the text of a here-doc ends, and where reading goes on: behind the line that is its delimiter."""
    text, end, sought = state.text, state.end, (delimiter, strips, state.end)
    at = state.pos - 1  # at the newline, so that the first line may be it
    while sought not in state.unfound:
        found, behind = _next(text, delimiter, at, end, strips=strips)
        if found < 0:
            state.unfound.add(sought)
        elif behind >= end or text[behind] == "\n":
            return found + 1, min(behind + 1, end)
        at = found + 1
    return end, end


def _next(text: str, delimiter: str, at: int, end: int, *, strips: bool) -> tuple[int, int]:
    """The newline before the next line that begins with a delimiter, and where that ends; -1 where there is none."""
    found = text.find("\n" + delimiter, at, end)
    if not strips:
        return found, found + 1 + len(delimiter)
    limit = end if found < 0 else found
    at = at if text.startswith("\n\t", at) else text.find("\n\t", at, limit)
    while at >= 0:
        match = tokens.INDENTED.match(text, at + 1, end)
        behind = match.end() if match else end
        if text.startswith(delimiter, behind, end):
            return at, behind + len(delimiter)
        at = text.find("\n\t", at + 1, limit)
    return found, found + 1 + len(delimiter)
