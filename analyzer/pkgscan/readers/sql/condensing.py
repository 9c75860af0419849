"""Leaves the rows out of SQL while it streams by: a dump of gigabytes holds some hundred statements for a reader.

What is kept stands where it stood, by the cuts that tell how far on. Of rows for a table the first statement keeps its
head; a statement that is longer than a parser should get keeps what stands before its first string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.readers.base import Cut
from pkgscan.readers.sql.dialect import dialect_of
from pkgscan.readers.sql.parsing import ROWS
from pkgscan.readers.sql.splitter import HEAD, Chunk, Splitter

_HEAD_OF_LONG = re.compile(r"[^'\"`$\[/-]{0,2000}+")
_END_OF_COPY = "\n\\.\n"


def condense(member: str, blocks: Iterator[bytes]) -> Iterator[bytes | Cut]:
    """What a reader needs of the SQL at a path, and cuts where something is left out before the next piece."""
    first = next(blocks, b"")
    splitter = Splitter(dialect_of("sql", member, first.decode("latin-1")).dialect)
    place, keeper = _Place(), _Keeper(splitter)
    for block in _chain(first, blocks):
        for chunk in splitter.feed(block.decode("latin-1")):
            yield from _pass(chunk, keeper, place)
    for chunk in splitter.close():
        yield from _pass(chunk, keeper, place)


def _chain(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


def _pass(chunk: Chunk, keeper: _Keeper, place: _Place) -> Iterator[bytes | Cut]:
    kept, why = keeper.keep(chunk)
    if kept == chunk.text:
        if place.is_cut:
            yield place.cut("")
        yield kept.encode("latin-1")
    elif kept:
        yield from ([place.cut("")] if place.is_cut else [])
        yield kept.encode("latin-1")
    place.move(chunk.text)
    if kept != chunk.text:
        place.is_cut = True
        if why:
            yield place.cut(why)
            place.is_cut = True


class _Keeper:
    """What of each chunk is kept."""

    def __init__(self, splitter: Splitter) -> None:
        self._splitter = splitter

    def keep(self, chunk: Chunk) -> tuple[str, str]:
        """(what is kept, what is said of what is not)."""
        if chunk.kind == "data":
            return (_END_OF_COPY if chunk.text.rstrip().endswith("\\.") else ""), ""
        if chunk.kind in {"more", "rows"}:
            return "", ""
        if chunk.kind != "statement":
            return chunk.text, ""
        if rows := ROWS.match(chunk.text):
            self._splitter.pass_over(chunk.text[: rows.end()])
            return chunk.text[: rows.end()] + " ();", ""
        if len(chunk.text) > HEAD or not chunk.is_whole:
            head = _HEAD_OF_LONG.match(chunk.text)
            assert head is not None  # it matches nothing, too
            return head.group() + ";", "a statement of over 64 KiB, of which the beginning alone is read"
        return chunk.text, ""


class _Place:
    """Where the text behind what has passed stands, and whether something before it was left out."""

    def __init__(self) -> None:
        self._line, self._column = 1, 1
        self.is_cut = False

    def move(self, text: str) -> None:
        """Pass a text."""
        lines = text.count("\n")
        tail = text[text.rfind("\n") + 1 :] if lines else text
        # UTF-8 is seen as Latin-1 here: what continues a character is none of its own.
        width = len(tail) if tail.isascii() else sum(not "\x80" <= one <= "\xbf" for one in tail)
        self._line += lines
        self._column = width + 1 if lines else self._column + width

    def cut(self, why: str) -> Cut:
        """The cut before what comes next."""
        self.is_cut = False
        return Cut(self._line, self._column, why)
