"""Where an ar and an lha end: cuts at each byte, lies in the sizes, padding, and what stands behind the end."""

from __future__ import annotations

import io
import struct

import pytest

from pkgscan.archive.ends import ArEnd, LhaEnd, Lz4Sizes
from pkgscan.archive.member import Damage

BLOCKS = [1, 7, 65_536]


def ar_member(name: bytes, content: bytes, size: bytes | None = None) -> bytes:
    """A member as ar(5) has it; `size` replaces the field."""
    field = b"%d" % len(content) if size is None else size
    head = name.ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"100644".ljust(8) + field.ljust(10) + b"`\n"
    return head + content + b"\n" * (len(content) % 2)


def lha_member(level: int, content: bytes, *, packed: int | None = None, method: bytes = b"-lh0-") -> bytes:
    """A member with a header of a level, as the notes that come with LHa for UNIX have it."""
    length = len(content) if packed is None else packed
    body = method + struct.pack("<LLL", length, len(content), 0) + bytes((0x20, level))
    if level < 2:  # levels with a size in one byte
        body += b"\1a" + bytes(2) + (b"U" + bytes(2) if level else b"")
        return bytes((len(body), sum(body) & 0xFF)) + body + content
    if level == 2:
        body += bytes(2) + b"U" + bytes(2)
        return struct.pack("<H", len(body) + 2) + body + content
    body += bytes(2) + b"U" + struct.pack("<LL", 32, 0)
    return struct.pack("<H", 4) + body + content


AR = b"!<arch>\n" + ar_member(b"a/", b"odd") + ar_member(b"b/", b"even")
LHA = b"".join(lha_member(level, b"level %d" % level) for level in range(4))


def ar_cut(data: bytes, block: int = 65_536) -> Damage | None:
    file = io.BytesIO(data)
    end = ArEnd(lambda: file.read(block))
    assert b"".join(iter(end.pull, b"")) == data
    return end.cut()


def lha_end(data: bytes, block: int = 65_536) -> tuple[Damage | None, bytes]:
    file = io.BytesIO(data)
    end = LhaEnd(lambda: file.read(block))
    assert b"".join(iter(end.pull, b"")) == data
    return end.cut(), b"".join(end.behind())


@pytest.mark.parametrize("block", BLOCKS)
def test_an_ar_cut_at_each_byte(block: int) -> None:
    # Between two members it is whole, also without the byte of padding; libarchive sees itself that data lack one.
    first = 8 + 60 + 4
    whole = {8, first - 1, first, len(AR) - 1, len(AR)}
    for at in range(8, len(AR) + 1):
        damage = ar_cut(AR[:at], block)
        assert (damage is None) == (at in whole), at
        assert damage is None or damage.reason == "truncated"


@pytest.mark.parametrize("padding", [b"\n", bytes(9), b" \n\0"])
def test_padding_behind_an_ar_is_none(padding: bytes) -> None:
    assert ar_cut(AR + padding) is None


@pytest.mark.parametrize("size", [b"", b"-5", b"x", b"0x4", b"4 4"])
def test_an_ar_whose_size_is_no_number_is_left_to_libarchive(size: bytes) -> None:
    assert ar_cut(b"!<arch>\n" + ar_member(b"a/", b"odd", size)) is None


@pytest.mark.parametrize("size", [b"9", b"9999999999"])
def test_an_ar_whose_size_is_too_large_breaks_off(size: bytes) -> None:
    damage = ar_cut(b"!<arch>\n" + ar_member(b"a/", b"odd", size), 1)
    assert damage is not None
    assert damage.reason == "truncated"


def test_of_what_is_no_ar_nothing_is_said() -> None:
    assert ar_cut(b"070701" + AR[:100]) is None
    assert ar_cut(b"!<a", 1) is None


@pytest.mark.parametrize("block", BLOCKS)
def test_an_lha_of_all_levels_cut_at_each_byte(block: int) -> None:
    assert lha_end(LHA + b"\0", block) == (None, b"")
    for at in range(1, len(LHA) + 1):
        damage, behind = lha_end(LHA[:at], block)
        assert damage is not None, at
        assert (damage.reason, behind) == ("truncated", b"")


@pytest.mark.parametrize("level", range(4))
def test_an_lha_whose_packed_size_lies(level: int) -> None:
    data = lha_member(level, b"content", packed=0xFFFFFFFF) + b"\0"
    damage, _ = lha_end(data, 1)
    assert damage is not None
    assert damage.reason == "truncated"


@pytest.mark.parametrize("level", [2, 3])
def test_an_lha_whose_header_has_no_size_goes_on(level: int) -> None:
    data = bytearray(lha_member(level, b"content"))
    data[24:28] = bytes(4) if level == 3 else data[24:28]  # the level whose size is there
    data[0:2] = b"\1\0" if level == 2 else data[0:2]
    lha_end(bytes(data), 1)  # and comes to an end


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("zeros", [0, 1, 300])
def test_data_behind_the_end_of_an_lha(block: int, zeros: int) -> None:
    damage, behind = lha_end(LHA + bytes(1 + zeros) + b"behind it", block)
    assert damage is None
    assert behind.lstrip(b"\0") == b"behind it"


def test_zeros_behind_the_end_of_an_lha_are_none() -> None:
    assert lha_end(LHA + bytes(2000), 7) == (None, b"")


def test_much_behind_the_end_of_an_lha_that_was_passed_over_is_said() -> None:
    damage, _ = lha_end(LHA + b"\0" + b"x" * (2 << 20))
    assert damage is not None
    assert damage.reason == "data-after-end"


def test_an_lha_of_larc_has_no_end_mark() -> None:
    whole = lha_member(0, b"content", method=b"-lz4-")
    assert lha_end(whole) == (None, b"")
    damage, _ = lha_end(whole[:-1])
    assert damage is not None


def lz4_frame(content: bytes, flags: int, stated: bytes = b"") -> bytes:
    """A frame of stored blocks of seven bytes, its sums not looked at."""
    pieces = (content[at : at + 7] for at in range(0, len(content), 7))
    sums = bytes(4) if flags & 16 else b""
    blocks = b"".join(struct.pack("<L", len(piece) | 1 << 31) + piece + sums for piece in pieces)
    return b"\x04\x22\x4d\x18" + bytes((0x60 | flags, 0x40)) + stated + b"?" + blocks + bytes(8 if flags & 4 else 4)


SIZED, SKIPPED = 8, b"\x5a\x2a\x4d\x18" + struct.pack("<L", 3) + b"abc"
TWO = (
    lz4_frame(b"a" * 20, SIZED | 4, struct.pack("<Q", 20))
    + SKIPPED
    + lz4_frame(b"b" * 9, SIZED | 16, struct.pack("<Q", 9))
)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    ("data", "size", "said"),
    [
        (TWO, 29, []),
        (TWO, 28, ["wrong-size"]),
        (TWO + b"behind", 29, []),
        (TWO + b"behind", 30, ["wrong-size"]),
        (TWO + lz4_frame(b"c", 0), 30, []),  # of which one states none
        (TWO + lz4_frame(b"c", SIZED, bytes(8)), 30, []),  # and where a zero says the same
        (TWO + b"\x02\x21\x4c\x18" + bytes(9), 30, []),
    ],
)
def test_the_sizes_of_lz4_frames(data: bytes, size: int, said: list[str], block: int) -> None:
    file = io.BytesIO(data)
    sizes = Lz4Sizes(lambda: file.read(block))
    assert b"".join(iter(sizes.pull, b"")) == data
    found = []
    try:
        assert b"".join(sizes.compared(iter((b"x" * size,)))) == b"x" * size
    except Damage as damage:
        found.append(damage.reason)
    assert found == said
