"""Command strings of one line, as cron, `sh -c` and `su -c` take them; sole importer of bashlex.

bashlex refuses some of the language (case, time) and is no match for hostile text, so it gets short texts of bounded
nesting only; what it refuses is handed on to the reader of scripts. Every word it returns is checked against the text
it claims to stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from pkgscan.facts.shell import FRAMES, Area, Command, Frame, Redirect
from pkgscan.model import Gap
from pkgscan.patterns import pattern
from pkgscan.readers.base import Embedded, Kind, Reader, Reading, Segment, Source
from pkgscan.reason.invocation import shell_string
from pkgscan.reason.shell_tree import simple_commands
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

LINE_LIMIT = 8 * 1024  # characters; bashlex takes seconds from there on, and cron itself stops reading at 1,000
NESTING_LIMIT = 32  # brackets in brackets; bashlex recurses on them, and people write three
# Where the word ends before its brace, bashlex 0.18 searches for ever; it gets to see plain `${...}` only.
ENDLESS = pattern(r"""\$\{(?![^\s'"`;|&<>(){}\\]*\})""")
NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What bashlex raises on text it does not read: what it does not implement, and its own broken invariants.
REFUSALS = (
    ValueError, NotImplementedError, AssertionError, AttributeError, LookupError, TypeError, NameError, RecursionError,
)  # fmt: skip
NOT_UNDERSTOOD = "not plain shell, as far as it is understood"  # what bashlex says differs between runs
ESCAPED_IN_QUOTES = '$`"\\\n'  # what a backslash escapes inside double quotes


class RefusedError(ValueError):
    """Why a line is not read, in our own words; `unread`: for its size, so that nobody looked at what it does."""

    def __init__(self, why: str, *, unread: bool = False) -> None:
        super().__init__(why)
        self.unread = unread


class Word(msgspec.Struct):
    """A word of a command: its value, where it stands, and its unquoted text with the place of each character.

    In `text` expansions stand as written, so that a string for another shell can be read again.
    """

    value: Value
    first: int
    end: int
    text: str
    places: list[int]


class ShellLineReader(Reader):
    """Reads one command line into a neutral `Command` for each simple command, those in substitutions included."""

    kinds = (Kind(name="shell-line"),)
    facts = (Command,)

    def read(self, source: Source) -> Iterator[Reading]:
        """The commands of one line, then the lines that its `sh -c` strings embed."""
        text = source.text
        if _is_blank(text):
            return
        try:
            yield from _Line(source, text).readings()
        except REFUSALS as error:
            if not (isinstance(error, RefusedError) and error.unread):
                yield Embedded("shell", text, _map(source, range(len(text))), source.within)
                return
            detail, span = f"command line not read: {error}", source.span(0, max(0, len(text) - 1))
            yield Gap(effect="unread", stage="read", reason="shell-limit", detail=detail, span=span)


def _map(source: Source, places: Iterable[int]) -> tuple[Segment, ...]:
    """Where characters stand: what a text is embedded in may go on elsewhere at any place."""
    segments: list[Segment] = []
    expected = (0, 0)
    for offset, place in enumerate(places):
        here = source.place(place)
        if here != expected:
            segments.append(Segment(offset, *here))
        expected = (here[0], here[1] + 1)
    return tuple(segments)


def _is_blank(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


class _Line:
    """One command line on its way through bashlex."""

    def __init__(self, source: Source, text: str) -> None:
        if len(text) > LINE_LIMIT:
            raise RefusedError(f"longer than {LINE_LIMIT} characters", unread=True)
        if _nesting(text) > NESTING_LIMIT:
            raise RefusedError(f"nested deeper than {NESTING_LIMIT}", unread=True)
        if ENDLESS.search(text):
            raise RefusedError("${ with more than plain text in it")
        self.source = source
        self.text = text
        self.computed = dict(_arithmetic(text))

    def readings(self) -> Iterator[Reading]:
        """Commands in the order they are written."""
        import bashlex  # noqa: PLC0415  # slow to import, and most packages hold no command line

        masked = self.text
        for first, end in self.computed.items():
            masked = masked[:first] + "0" * (end - first) + masked[end:]
        try:
            trees = bashlex.parse(masked)
        except bashlex.errors.ParsingError as error:
            raise RefusedError(NOT_UNDERSTOOD) from error
        found = [self.command(*simple) for simple in simple_commands(trees, self.area)]
        for command, words in sorted((pair for pair in found if pair), key=lambda pair: pair[0].span):
            yield command
            at = shell_string(command.words)
            if at >= 0:
                yield self.embedded(words[at], command)

    def area(self, first: int, end: int) -> Area:
        """The place of some characters of the line."""
        place = self.source.span(first, end - 1)
        return Area(place.first_line, place.first_column, place.last_line, place.last_column)

    def command(
        self, node: Any, context: tuple[Frame, ...], outer: tuple[Any, ...]
    ) -> tuple[Command, list[Word]] | None:
        """A simple command with its words; None for assignments alone."""
        words = [self.word(part) for part in node.parts if part.kind == "word"]
        if not words:
            return None
        redirects = [self.redirect(part) for part in (*node.parts, *outer) if part.kind == "redirect"]
        first, end = words[0].first, words[-1].end
        command = Command(
            span=self.source.span(first, end - 1),
            text=self.text[first:end],
            words=tuple(word.value for word in words),
            name_span=self.source.span(first, words[0].end - 1),
            redirects=tuple(redirects),
            context=(*self.source.within, *context)[-FRAMES:],
            reader="bashlex",
        )
        return command, words

    def redirect(self, node: Any) -> Redirect:
        """A redirect: `2>&1` has the operator `2>&` and the target `1`."""
        first, end = node.pos
        if isinstance(node.output, int):
            written = self.text[first:end]
            operator = written.rstrip("0123456789")
            return Redirect(operator.rstrip(), Literal(written[len(operator) :]))
        target = self.word(node.output)
        return Redirect(self.text[first : target.first].strip(), target.value)

    def word(self, node: Any) -> Word:
        """A word with its quotes taken off and its expansions named."""
        first, end = node.pos
        word = _Unquoting(self.text, first, end, self.expansions(node.parts, first, end)).word()
        known = word.value.text if isinstance(word.value, Literal) else node.word
        if known.replace("\\", "") != node.word.replace("\\", ""):  # bashlex drops the one of "\x", which a shell keeps
            raise RefusedError("a word that can be read in two ways")
        return word

    def expansions(self, parts: Iterable[Any], first: int, end: int) -> dict[int, tuple[int, Value]]:
        """What stands at a place instead of text, and where it ends."""
        found: dict[int, tuple[int, Value]] = {}
        for part in parts:
            found[part.pos[0]] = (part.pos[1], _expansion(part))
        for at, stop in self.computed.items():
            if first <= at < end:
                found[at] = (stop, Unknown("computed at run time"))
        return found

    def embedded(self, word: Word, command: Command) -> Embedded:
        """The string given to another shell, with each stretch mapped to its place."""
        segments = _map(self.source, word.places)
        at = command.span
        area = Area(at.first_line, at.first_column, at.last_line, at.last_column)
        within = (*command.context, Frame("string", "", (area,)))
        return Embedded("shell-line", word.text, segments or (self.source.segment(word.first),), within)


class _Unquoting:
    """Takes the quotes off one word, keeping each character's place."""

    def __init__(self, text: str, first: int, end: int, expansions: dict[int, tuple[int, Value]]) -> None:
        self.text = text
        self.first = first
        self.end = end
        self.expansions = expansions
        self.parts: list[Literal | VariableRef | Unknown] = []
        self.places: list[int] = []

    def word(self) -> Word:
        at, quote = self.first, ""
        while at < self.end:
            at, quote = self.step(at, quote)
        written = "".join(self.text[place] for place in self.places)
        return Word(join(self.parts), self.first, self.end, written, self.places)

    def step(self, at: int, quote: str) -> tuple[int, str]:
        """Past the next thing in the word: an expansion, a quote, an escape or a character."""
        character = self.text[at]
        if at in self.expansions and quote != "'":
            end, value = self.expansions[at]
            self.parts.append(cast("Literal | VariableRef | Unknown", value))
            self.places.extend(range(at, end))
            return max(end, at + 1), quote
        if character in "'\"" and quote in ("", character):
            return at + 1, "" if quote else character
        if character == "\\" and quote != "'" and self.escapes(at + 1, quote):
            if self.text[at + 1] != "\n":
                self.keep(at + 1)
            return at + 2, quote
        self.keep(at)
        return at + 1, quote

    def escapes(self, at: int, quote: str) -> bool:
        return at < self.end and (not quote or self.text[at] in ESCAPED_IN_QUOTES)

    def keep(self, at: int) -> None:
        self.parts.append(Literal(self.text[at]))
        self.places.append(at)


def _expansion(part: Any) -> Value:
    if part.kind == "parameter":
        name = getattr(part, "value", "")
        if NAME.match(name):
            return VariableRef(name)
        return Unknown("given at run time" if name.isdigit() or name in ("@", "*") else "set at run time")
    if part.kind == "tilde":
        return Unknown("home directory")
    return Unknown("output of a command")


def _nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "({":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")}":
            depth = max(0, depth - 1)
    return deepest + text.count("`") // 2


def _arithmetic(text: str) -> Iterator[tuple[int, int]]:
    """Where `$(( ... ))` begins and ends; bashlex does not read it."""
    at = text.find("$((")
    while at >= 0:
        depth, end = 0, at + 1
        while end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        if depth == 0 and text[end - 2 : end] == "))":
            yield at, end
        at = text.find("$((", end)
