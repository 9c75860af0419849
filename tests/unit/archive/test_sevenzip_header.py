"""Anti-items in the header of a 7z; 7-Zip itself is asked in tests/oracles/test_formats_sevenzip_anti.py."""

from __future__ import annotations

import os
import struct

import pytest

from hostile_cases import fixture
from pkgscan.archive.member import Window
from pkgscan.archive.nameless import memory_file
from pkgscan.archive.sevenzip.header import anti_items

sevenzip = fixture("sevenzip")


def found(data: bytes) -> list[bytes]:
    fd = memory_file("7z")
    try:
        os.pwrite(fd, data, 0)
        return anti_items(Window(fd, 0, len(data)), lambda _count: None)
    finally:
        os.close(fd)


@pytest.mark.parametrize("packed", [False, True])
def test_an_anti_item_is_found(*, packed: bool) -> None:
    assert found(sevenzip.anti_item("etc/x", packed=packed)) == [b"etc/x"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_is_cut_or_changed_is_no_failure(*, packed: bool) -> None:
    whole = sevenzip.anti_item("etc/x", packed=packed)
    for at in range(len(whole)):
        assert found(whole[:at]) == [] or at == len(whole) - 1  # the end of the header is not asked for
        for byte in (0, 0x7F, 0xFF):
            assert len(found(whole[:at] + bytes((byte,)) + whole[at + 1 :])) <= 1


@pytest.mark.parametrize("at", [34, 36])
def test_a_number_of_its_maximum_costs_nothing(at: int) -> None:
    whole = sevenzip.anti_item("etc/x", packed=False)
    huge = whole[:at] + b"\xff" + struct.pack("<Q", (1 << 63) - 1) + whole[at + 1 :]
    header = huge[32:]
    assert found(huge[:20] + struct.pack("<Q", len(header)) + huge[28:]) == []


def test_an_ordinary_archive_has_none() -> None:
    assert found(sevenzip.seven_zip(b"hello\n", sevenzip.COPY, 6, 0)) == []
