"""A parsed text as facts: its commands, assignments and functions, each with its place and its frames."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from pkgscan.facts.shell import Area, Assignment, Certainty, Command, Frame, FunctionDefinition, Redirect
from pkgscan.model import Fact, Span
from pkgscan.readers.base import Source
from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.assignments import setting
from pkgscan.readers.shell.frames import Around, around
from pkgscan.readers.shell.parsed import Function, Item, Parsed, Place, Redirected, Setting
from pkgscan.values import Literal, Value, literal

# What gives variables values, or names them, by its arguments.
DECLARING = frozenset(Literal(name) for name in ("export", "readonly", "local", "declare", "typeset", "read"))


class _Lines:
    """Where the lines of a text begin: what `Source.place` answers, for a text that is no other's."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in tokens.LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self.starts, offset)
        return row, offset - self.starts[row - 1] + 1


class Statements:
    """Makes the facts of one parsed text."""

    def __init__(self, source: Source, text: str, parsed: Parsed, certainty: Certainty = "must") -> None:
        self.source = source
        self.text = text
        self.parsed = parsed
        self.certainty = certainty
        self.is_own = not source.is_embedded  # the text is that of the entry
        self.place = _Lines(text).place if self.is_own else source.place

    def facts(self) -> Iterator[tuple[Fact, Item | None]]:
        """Each fact in order, a command with the item it was made of."""
        functions = sorted(self.parsed.functions, key=_before, reverse=True)
        now: Around = (self.source.within, ())
        for at, (item, now) in enumerate(
            zip(self.parsed.items, around(self.parsed, self.source.within, self.area), strict=True)
        ):
            while functions and functions[-1].before <= at:
                yield self.function(functions.pop()), None
            if item.values:
                yield self.command(item, *now), item
                if item.values[0] in DECLARING:
                    yield from ((made, None) for made in self.declared(item, now[0]))
            else:
                yield from ((self.assignment(one, now[0]), None) for one in item.settings)
        yield from ((self.function(one), None) for one in reversed(functions))

    def command(self, item: Item, context: tuple[Frame, ...], outer: tuple[Redirected, ...]) -> Command:
        """A simple command."""
        first, end = item.firsts[0], item.ends[-1]
        redirects = (*item.redirects, *outer)
        text = self.text[first:end]
        if self.is_own and "\n" not in text:  # nearly all
            line, column = self.place(first)
            span = Span(self.source.path, line, line, column, column + len(text) - 1)
            name_span = Span(self.source.path, line, line, column, column + item.ends[0] - first - 1)
            word_places: tuple[tuple[int, int], ...] = ()
        else:
            span, name_span = self.span(first, end), self.span(first, item.ends[0])
            word_places = self.word_places(item)
        return Command(
            span=span,
            text=text,
            words=tuple(item.values),
            name_span=name_span,
            redirects=tuple([self.redirect(one) for one in redirects]) if redirects else (),
            environment=tuple([(one.name, one.values[0]) for one in item.settings if one.values and one.first < first]),
            context=context,
            certainty=self.certainty,
            reader=self.parsed.reader,
            word_places=word_places,
        )

    def word_places(self, item: Item) -> tuple[tuple[int, int], ...]:
        """Where each word stands; nothing where all begin on one line."""
        if self.place(item.firsts[0])[0] == self.place(item.firsts[-1])[0]:
            return ()
        return tuple([self.place(first) for first in item.firsts])

    def redirect(self, made: Redirected) -> Redirect:
        """A redirect, with the place of its here-doc."""
        return Redirect(made.operator, made.target, self.area(made.body) if made.body else None, made.expands)

    def area(self, where: Place) -> Area:
        """The place of some characters."""
        first, end = where
        place = self.place
        line, column = place(first)
        return Area(line, column, *place(end - 1 if end > first else first))

    def span(self, first: int, end: int) -> Span:
        """The place of some characters in the entry."""
        line, column = self.place(first)
        last_line, last_column = self.place(end - 1)
        return Span(self.source.path, line, last_line, column, last_column)

    def assignment(self, made: Setting, context: tuple[Frame, ...], by: str = "") -> Assignment:
        """An assignment."""
        return Assignment(
            span=self.span(made.first, made.end),
            text=self.text[made.first : made.end],
            name=made.name,
            values=made.values,
            by=by or made.by,
            appends=made.appends,
            is_array=made.array,
            key=made.key,
            context=context,
        )

    def declared(self, item: Item, context: tuple[Frame, ...]) -> Iterator[Assignment]:
        """What `export`, `local` and the like set or name, and `read` sets."""
        by = literal(item.values[0]) or ""
        arrays = {one.first: one for one in item.settings if one.first > item.firsts[0]}
        for first, end, value in list(zip(item.firsts, item.ends, item.values, strict=True))[1:]:
            made = arrays.get(first)
            if made is None:
                made = self._declared(self.text[first:end], value, first, end)
            if made is not None:
                yield self.assignment(made, context, by)

    def _declared(self, raw: str, value: Value, first: int, end: int) -> Setting | None:
        match = tokens.ASSIGNMENT.match(raw)
        if match is not None:
            return setting(match, value, first, end)
        return Setting(first, end, raw, ()) if tokens.WHOLE_NAME.match(raw) else None

    def function(self, made: Function) -> FunctionDefinition:
        """A function."""
        return FunctionDefinition(
            span=self.span(made.first, made.end), text=made.name, name=made.name, body=self.area(made.body)
        )


def _before(made: Function) -> int:
    return made.before
