"""BER and DER by the standard's own examples, and what is none."""

from __future__ import annotations

import pytest

from pkgscan.crypto.der import NESTING, element
from pkgscan.crypto.packets import Malformed


def test_numbers_and_names() -> None:
    assert element(bytes.fromhex("0201ff")).integer() == -1
    assert element(bytes.fromhex("02020080")).integer() == 128
    assert element(bytes.fromhex("06062a864886f70d")).oid() == "1.2.840.113549"
    assert element(bytes.fromhex("0603883703")).oid() == "2.999.3"  # X.690, 8.19.5


def test_a_string_in_pieces() -> None:
    """X.690, 8.7: constructed, with a definite length and with an end mark, and one in the other."""
    assert element(bytes.fromhex("24080402616204026364")).octets() == b"abcd"
    assert element(bytes.fromhex("248004026162040263640000")).octets() == b"abcd"
    assert element(bytes.fromhex("2480240404026162040263640000")).octets() == b"abcd"


def test_an_end_mark_ends_the_innermost() -> None:
    outer = element(bytes.fromhex("3080308002010100000201020000ff"))
    assert [child.tag for child in outer.children()] == [0x30, 0x02]
    assert outer.end == 14


@pytest.mark.parametrize(
    "data",
    ["", "30", "3003", "30028001", "308402000000", "0480", "3080", "30800201", "1f8101", "30850000000001"],
)
def test_what_is_cut_short_or_cannot_be(data: str) -> None:
    with pytest.raises(Malformed):
        list(element(bytes.fromhex(data)).children())


def test_nesting_is_bounded() -> None:
    assert element(b"\x30\x80" * NESTING + b"\0\0" * NESTING).end == 4 * NESTING
    with pytest.raises(Malformed, match="deep"):
        element(b"\x30\x80" * (NESTING + 1) + b"\0\0" * (NESTING + 1))
    inner = b"\x04\x00"
    for _ in range(NESTING + 1):
        inner = bytes((0x24, len(inner))) + inner
    with pytest.raises(Malformed, match="deep"):
        element(inner).octets()
