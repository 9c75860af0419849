"""A text in a script as whoever gets it sees it: quotes taken off, each character with its place."""

from __future__ import annotations

import msgspec

from pkgscan.readers.base import Segment, Source
from pkgscan.readers.shell import tokens


class Plain(msgspec.Struct):
    """A text and, of each of its characters, the offset in the script; expansions stand as written."""

    text: str
    places: list[int]

    def segments(self, source: Source) -> tuple[Segment, ...]:
        """The map back to the entry: a segment for each run of characters that stand in a row."""
        found: list[Segment] = []
        expected = (0, 0)
        for offset, place in enumerate(self.places):
            here = source.place(place)
            if here != expected:
                found.append(Segment(offset, *here))
            expected = (here[0], here[1] + 1)
        return tuple(found)

    def ended(self) -> Plain:
        """The same with a newline at its end, as `echo` adds it."""
        if not self.text or self.text.endswith("\n"):
            return self
        return Plain(f"{self.text}\n", [*self.places, self.places[-1]])


def plain_word(text: str, first: int, end: int) -> Plain:
    """A word, or a part of it, without its quotes."""
    kept: list[str] = []
    places: list[int] = []
    quote, at = "", first
    while at < end:
        character = text[at]
        if character in "'\"" and quote in ("", character):
            quote = "" if quote else character
            at += 1
            continue
        if character == "\\" and quote != "'" and at + 1 < end and (not quote or text[at + 1] in '$`"\\\n'):
            at += 1
            if text[at] == "\n":
                at += 1
                continue
        kept.append(text[at])
        places.append(at)
        at += 1
    return Plain("".join(kept), places)


def plain_body(text: str, first: int, end: int, *, expands: bool, strips: bool) -> Plain:
    """The text of a here-doc: escapes taken off where it is expanded, and the tabs before its lines after `<<-`."""
    taken: set[int] = set()
    if strips:
        for match in tokens.LEADING_TABS.finditer(text, first, end):
            taken.update(range(*match.span()))
    if expands:
        taken.update(match.start() for match in tokens.ESCAPED[False].finditer(text, first, end))
    places = [at for at in range(first, end) if at not in taken] if taken else list(range(first, end))
    return Plain("".join([text[at] for at in places]) if taken else text[first:end], places)
