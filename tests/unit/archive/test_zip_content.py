"""Small members at hand as a whole are unpacked in one step: to the same bytes, or left to the long way."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.archive.blocks import SMALL
from pkgscan.archive.member import Damage, Window
from pkgscan.archive.zip.content import Packed, unpack, whole
from pkgscan.archive.zip.record import DEFLATED, ENCRYPTED, STORED

TEXT = b"0 3 * * * billing /opt/billing/bin/import-data.sh --all\n" * 20


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def source(head: bytes, content: bytes = TEXT, method: int = DEFLATED, **more: object) -> Packed:
    fields = {"packed": len(head), "size": len(content), "crc": zlib.crc32(content), "flags": 0} | more
    return Packed(Window(-1, 0, 1 << 20), 0, method=method, head=head, **fields)


@pytest.mark.parametrize(("head", "method"), [(deflated(TEXT), DEFLATED), (TEXT, STORED)])
def test_a_small_member_is_unpacked_in_one_step(head: bytes, method: int) -> None:
    packed = source(head, method=method)
    assert whole(packed) == TEXT
    assert packed.used == len(head)


def test_nothing_is_unpacked_to_nothing() -> None:
    assert whole(source(b"", b"", STORED)) == b""
    assert whole(source(deflated(b""), b"")) == b""


@pytest.mark.parametrize(
    "packed",
    [
        source(deflated(TEXT), crc=zlib.crc32(TEXT) ^ 1),
        source(deflated(TEXT), size=len(TEXT) - 1),
        source(deflated(TEXT), size=len(TEXT) + 1),
        source(deflated(TEXT)[:-1]),
        source(deflated(TEXT) + b"more"),
        source(deflated(TEXT), packed=len(deflated(TEXT)) + 1),
        source(b"\xff" * 20),
        source(deflated(TEXT), flags=ENCRYPTED),
        source(deflated(TEXT), refusal=Damage("multi-volume", "lies elsewhere")),
        source(deflated(bytes(SMALL + 1)), bytes(SMALL + 1)),
        source(TEXT, method=99),
    ],
    ids=["crc", "longer", "shorter", "cut", "more", "not-here", "noise", "encrypted", "refused", "large", "method"],
)
def test_all_else_is_left_to_the_long_way(packed: Packed) -> None:
    assert whole(packed) is None
    assert packed.used == -1


@given(st.binary(max_size=400), st.binary(max_size=30), st.integers(0, 60))
def test_the_short_way_says_what_the_long_way_says(content: bytes, behind: bytes, cut: int) -> None:
    head = (deflated(content) + behind)[: 2 + cut * 8]
    data = whole(source(head, content))
    if data is not None:
        assert data == b"".join(unpack(source(head, content))) == content
