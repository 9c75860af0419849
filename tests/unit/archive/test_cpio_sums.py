"""Sums of cpios with sums (070702): compared with the content, in pieces of any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgscan.archive.cpio.sums import MAGIC, CpioSums
from pkgscan.archive.events import Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Member
from pkgscan.archive.walk import Walk
from pkgscan.inputs import open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Gap
from pkgscan.plan import root_of

REGULAR, LINK = 0o100644, 0o120777
LARGE = bytes(range(256)) * 2000


def summed(name: str, content: bytes, told: int, *, links: int = 1, mode: int = REGULAR, magic: bytes = MAGIC) -> bytes:
    """One member, as cpio(5) has it in the new portable form with sums."""
    text = name.encode() + b"\0"
    fields = (7, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(text), told)
    head = magic + b"".join(b"%08X" % field for field in fields) + text
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def gaps(folder: Path, *members: bytes) -> list[tuple[str, str, str]]:
    path = folder / "p"
    path.write_bytes(b"".join((*members, summed("TRAILER!!!", b"", 0))))
    source = open_input(str(path))
    try:
        events = list(Walk(KindTable(()), Limits()).walk(root_of(source)))
    finally:
        source.close()
    assert sum(isinstance(event, Seen) for event in events) == len(members) + 1
    return [
        (event.reason, event.span.path if event.span else "", event.detail)
        for event in events
        if isinstance(event, Gap)
    ]


def test_right_sums_are_silent(tmp_path: Path) -> None:
    small, large = summed("a", b"hello\n", sum(b"hello\n")), summed("b", LARGE, sum(LARGE))
    empty, link = summed("c", b"", 0), summed("l", b"hello", 0, mode=LINK)
    assert not gaps(tmp_path, small, large, empty, link, small)


@pytest.mark.parametrize("content", [b"", b"hello\n", LARGE])
def test_a_wrong_sum_is_that_of_its_member(content: bytes, tmp_path: Path) -> None:
    before, after = summed("a", b"x", ord("x")), summed("z", b"y", ord("y"))
    (found,) = gaps(tmp_path, before, summed("b", content, sum(content) + 1), after)
    assert found[0] == "bad-checksum"
    assert found[1].endswith("!/b")
    assert found[2] == f"its bytes sum up to {sum(content):08x}, its header says {sum(content) + 1:08x}"


def test_the_sum_of_a_large_content_is_counted_in_32_bits() -> None:
    head = summed("a", b"x", 0xFF)
    sums = CpioSums(iter((head, b"")).__next__)
    sums.pull()
    full = b"\xff" * (1 << 20)
    member = Member(name=b"a", content=(full for _ in range(16)))
    with pytest.raises(Damage, match=f"{(255 << 24) & 0xFFFFFFFF:08x}"):
        list(sums.checked(member).content)


def test_names_of_one_file_have_the_sum_of_the_last(tmp_path: Path) -> None:
    """As GNU cpio writes them: the names before the last have neither content nor sum; others repeat the sum."""
    first, second = summed("a", b"", 0, links=3), summed("b", b"", sum(b"hello\n"), links=3)
    assert not gaps(tmp_path, first, second, summed("c", b"hello\n", sum(b"hello\n"), links=3))


def test_a_member_of_the_kind_without_sums_has_none(tmp_path: Path) -> None:
    plain = summed("b", b"hello\n", 1, magic=b"070701")
    assert [found[1][-3:] for found in gaps(tmp_path, summed("a", b"x", 120), plain, summed("c", b"x", 1))] == ["!/c"]


@pytest.mark.parametrize("step", [1, 7, 109, 110, 111, 1000])
def test_pieces_of_any_size(step: int) -> None:
    data = summed("a", b"x", 1) + summed("long-name", LARGE[:5000], 2) + summed("c", b"xyz", 3)

    def pieces() -> Iterator[bytes]:
        yield from (data[at : at + step] for at in range(0, len(data), step))

    feed = pieces()
    sums = CpioSums(lambda: next(feed, b""))
    assert b"".join(iter(sums.pull, b"")) == data
    for told in (1, 2, 3):
        with pytest.raises(Damage, match=f"says {told:08x}"):
            list(sums.checked(Member(name=b"", content=iter((b"hello",)))).content)
