"""Whatever the text and however it comes: the chunks of SQL joined are the text."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.facts.sql import Engine
from pkgscan.readers.sql import splitter
from pkgscan.readers.sql.splitter import Chunk, Splitter, split

DIALECTS = ("", *get_args(Engine))
WORDS = st.sampled_from([
    "'", '"', "`", "$$", "$a$", "$1", "/*", "*/", "/*!40101 ", "--", "#", ";", "\n", "\\", "\\.\n", "\\i x\n", "[", "]",
    "DELIMITER //\n", "DELIMITER ;\n", "//", "\nGO\n", "\n/\n", "q'[", "]'", "E'", "BEGIN ", "END", "CASE ",
    "BEGIN ATOMIC ",
    "CREATE FUNCTION f() ", "CREATE TRIGGER t ", "COPY t FROM stdin;\n", "INSERT INTO t VALUES (1)", "SELECT 1",
    " ", "\ufeff",
    "é", "\r\n", ":r x\n", "SET x\n", "@@f\n", ".read f\n", "{{ x }}", "${x}", "a" * 50,
])  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map("".join)


def streamed(text: str, dialect: str, block: int) -> list[Chunk]:
    cutter = Splitter(dialect)
    chunks = [chunk for at in range(0, len(text), block) for chunk in cutter.feed(text[at : at + block])]
    return [*chunks, *cutter.close()]


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(DIALECTS))
def test_chunks_joined_are_the_text(text: str, dialect: str) -> None:
    assert "".join(chunk.text for chunk in split(text, dialect)) == text


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(DIALECTS), st.integers(1, 50))
def test_blocks_joined_are_the_text_too(text: str, dialect: str, block: int) -> None:
    assert "".join(chunk.text for chunk in streamed(text, dialect, block)) == text


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(DIALECTS), st.integers(1, 50))
def test_long_statements_are_passed_on_and_lose_nothing(text: str, dialect: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter, "HEAD", 80)
        chunks = streamed(text, dialect, block)
    assert "".join(chunk.text for chunk in chunks) == text


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(DIALECTS), st.integers(1, 50))
def test_it_does_not_matter_how_the_text_comes(text: str, dialect: str, block: int) -> None:
    def statements(chunks: list[Chunk]) -> list[str]:
        return [chunk.text.strip() for chunk in chunks if chunk.kind == "statement"]

    assert statements(streamed(text, dialect, block)) == statements(list(split(text, dialect)))
