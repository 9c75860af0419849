"""systemd's own way to split a command line: quotes, C escapes, prefixes, variables, `;` between commands.

After extract-word.c and load-fragment.c of systemd 252 and systemd.service(5), "COMMAND LINES".
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.patterns import pattern
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

BLANKS = " \t\n\r"
PREFIXES = "-@:+!|"
ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " ",
    "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
# The escapes with a number: two, four or eight hexadecimal digits, three octal ones.
NUMBERED = pattern(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})")
VARIABLE = pattern(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)\Z|\$\$|\$\{[^}]*\}")
TOP_CODE_POINT = 0x10FFFF


class ExecWord(msgspec.Struct, frozen=True):
    """A word: its value, its unquoted text with each character's place in the line, and where it is written."""

    value: Value
    text: str
    places: tuple[int, ...]
    first: int
    last: int


def exec_commands(line: str) -> Iterator[tuple[ExecWord, ...]]:
    """The commands of one Exec line, prefixes and the name given with `@` taken off."""
    command: list[ExecWord] = []
    for word in _words(line):
        if word.text == ";" and word.first == word.last:
            yield from _peeled(command)
            command = []
        else:
            command.append(word)
    yield from _peeled(command)


def _peeled(words: list[ExecWord]) -> Iterator[tuple[ExecWord, ...]]:
    if not words:
        return
    name = words[0].text
    prefix = name[: len(name) - len(name.lstrip(PREFIXES))]
    first = words[0]
    head = msgspec.structs.replace(
        first,
        text=name[len(prefix) :],
        places=first.places[len(prefix) :],
        first=first.places[len(prefix)] if len(prefix) < len(first.places) else first.first,
    )
    if not head.text:
        return
    rest = words[2:] if "@" in prefix else words[1:]
    yield tuple(_valued(word, expands=":" not in prefix) for word in (head, *rest))


def _valued(word: ExecWord, *, expands: bool) -> ExecWord:
    return msgspec.structs.replace(word, value=_value(word.text) if expands else Literal(word.text))


def _value(text: str) -> Value:
    """`${NAME}` anywhere and `$NAME` as a whole word are variables, `$$` is a dollar."""
    parts: list[Literal | VariableRef | Unknown] = []
    done = 0
    for match in VARIABLE.finditer(text):
        name = match[1] or match[2]
        if match[2] and match.start():
            continue
        parts.append(Literal(text[done : match.start()]))
        done = match.end()
        parts.append(VariableRef(name) if name else Literal("$") if match[0] == "$$" else Unknown("set at run time"))
    return join([part for part in (*parts, Literal(text[done:])) if part != Literal("")])


def _words(line: str) -> Iterator[ExecWord]:
    at = 0
    while at < len(line):
        if line[at] in BLANKS:
            at += 1
            continue
        word, at = _word(line, at)
        yield word


def _word(line: str, first: int) -> tuple[ExecWord, int]:
    characters: list[str] = []
    places: list[int] = []
    quote, at = "", first
    while at < len(line) and (quote or line[at] not in BLANKS):
        character, step = line[at], 1
        if character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        else:
            if character == "\\" and at + 1 < len(line):
                character, step = _escaped(line, at + 1)
            characters.append(character)
            places.append(at)
        at += step
    text = "".join(characters) if line[first:at] != "\\;" else ";"  # written so, it does not end the command
    places = places[-len(text) :] if text else places
    return ExecWord(Literal(text), text, tuple(places), first, at - 1), at


def _escaped(line: str, at: int) -> tuple[str, int]:
    """The character an escape means and the length of both; an unknown escape keeps its backslash."""
    known = ESCAPES.get(line[at])
    if known is not None:
        return known, 2
    match = NUMBERED.match(line, at)
    if match is not None:
        code = int(match[4], 8) if match[4] else int(match[0][1:], 16)
        if 0 < code <= TOP_CODE_POINT:
            return chr(code), 1 + len(match[0])
    return "\\", 1
