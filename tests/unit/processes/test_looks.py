"""What the parent holds for second looks, and what a decoder that is not to be trusted cannot make it hold."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pkgscan.archive.member import Window
from pkgscan.looks import ENTRIES, Look, Looks
from pkgscan.model import Entry
from pkgscan.processes.looks import content
from pkgscan.processes.messages import Piece
from pkgscan.readers.base import Wants
from pkgscan.sandbox.wire import MAX_FDS

ASKER = Entry(path="p.zip!/a.sig")


def null() -> int:
    return os.open(os.devnull, os.O_RDONLY)


def count_open() -> int:
    return len(os.listdir("/dev/fd"))


@pytest.fixture
def looks() -> Iterator[Looks]:
    """Looks that wait for one content."""
    before = count_open()
    found = Looks()
    found.add(ASKER, Wants(("p.zip!/a",), "testing"))
    assert list(found.orders(("p.zip",))) == [(0, ("p.zip!/a",))]
    yield found
    found.close()
    assert count_open() == before


def test_a_content_that_comes_again_replaces_the_first(looks: Looks) -> None:
    before = count_open()
    for size in range(5):
        looks.found("p.zip!/a", Window(null(), 0, size))
    assert count_open() == before + 1
    (look,) = looks.ready()
    assert isinstance(look, Look)
    assert [source.entry.size for source in look.sources()] == [4]


def test_a_content_that_comes_again_and_is_too_large_is_missing(looks: Looks) -> None:
    looks.found("p.zip!/a", Window(null(), 0, 1))
    looks.found("p.zip!/a", None)
    assert [type(look).__name__ for look in looks.ready()] == ["Gap"]


def test_a_content_nobody_asked_for_is_not_held(looks: Looks) -> None:
    before = count_open()
    for number in range(50):
        looks.found(f"p.zip!/{number}", Window(null(), 0, 1))
    assert count_open() == before


@pytest.mark.parametrize(("offset", "size"), [(0, -1), (-1, 1), (1, (1 << 63) - 1), (1 << 63, 0)])
def test_a_piece_that_makes_no_sense_is_none(offset: int, size: int) -> None:
    before = count_open()
    assert content(Piece("p.zip!/a", offset, size), (null(), null())) is None
    assert content(Piece("p.zip!/a", offset, size), ()) is None
    assert count_open() == before


def test_descriptors_too_many_are_closed() -> None:
    before = count_open()
    window = content(Piece("p.zip!/a", 0, 1), (null(), null(), null()))
    assert window is not None
    assert count_open() == before + 1
    os.close(window.fd)
    assert content(Piece("p.zip!/a", 0, 1), ()) is None


def test_a_wish_fits_into_one_frame() -> None:
    assert ENTRIES <= MAX_FDS
