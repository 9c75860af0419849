"""Embedded languages, and what a reader that fails or floods costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from pkgscan import reading
from pkgscan.facts.text import TextLine
from pkgscan.model import Entry, Fact, Gap
from pkgscan.readers.base import EMBEDDING_DEPTH, Embedded, Kind, Reader, Reading, Source
from pkgscan.registry import Registry


class Russian(Reader):
    """Text in brackets is text of the same kind: [a[b]]."""

    kinds: ClassVar[tuple[Kind, ...]] = (Kind(name="doll", suffixes=(".doll",)),)
    facts: ClassVar[tuple[type[Fact], ...]] = (TextLine,)

    def read(self, source: Source) -> Iterator[Reading]:
        start, end = source.text.find("["), source.text.rfind("]")
        if "!" in source.text and start < 0:
            raise ValueError("broken")
        yield TextLine(span=source.span(0, max(0, len(source.text) - 1)), text=source.text)
        if start >= 0:
            yield Embedded("doll", source.text[start + 1 : end], (source.segment(start + 1),))
        if "?" in source.text:
            yield Embedded("unheard-of", "x", ())


def read(text: str) -> tuple[list[TextLine], list[Gap]]:
    registry = Registry()
    registry.readers, registry.rules = (Russian(),), ()
    found = list(reading.EntryReader(registry).read(Entry("p!/a.doll", kind="doll"), text.encode()))
    return [f for f in found if isinstance(f, TextLine)], [g for g in found if isinstance(g, Gap)]


def test_embedded_text_is_read_where_it_stands() -> None:
    facts, gaps = read("one\n  [two[three]]")
    assert [fact.text for fact in facts][1:] == ["two[three]", "three"]
    assert (facts[1].span.first_line, facts[1].span.first_column) == (2, 4)
    assert (facts[2].span.first_line, facts[2].span.first_column, facts[2].span.last_column) == (2, 8, 12)
    assert not gaps


def test_nesting_ends() -> None:
    facts, gaps = read("[" * 9 + "x" + "]" * 9)
    assert len(facts) == EMBEDDING_DEPTH + 1
    assert [(gap.effect, gap.reason) for gap in gaps] == [("unread", "embedding-depth")]


def test_a_language_nobody_reads_is_said() -> None:
    assert [(gap.effect, gap.reason) for gap in read("what?")[1]] == [("partial", "no-reader")]


def test_a_reader_that_fails_inside_keeps_what_was_read_before() -> None:
    facts, gaps = read("outer [broken!]")
    assert [fact.text for fact in facts] == ["outer [broken!]"]
    assert [(gap.effect, gap.reason) for gap in gaps] == [("unread", "read-error")]
    assert "ValueError" in gaps[0].traceback


def test_a_flood_of_facts_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FACTS_PER_ENTRY", 2)
    facts, gaps = read("[a[b[c]]]")
    assert len(facts) == 2
    assert [(gap.effect, gap.reason) for gap in gaps] == [("unread", "limit-facts")]
