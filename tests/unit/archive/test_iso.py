"""Which trees an ISO 9660 volume has; real volumes are made and read by the oracles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pkgscan.archive import iso
from pkgscan.archive.member import Window


def descriptor(mark: bytes, kind: int = 0, escapes: bytes = b"") -> bytes:
    return (bytes([kind]) + mark + b"\1").ljust(88, b"\0") + escapes.ljust(iso.SECTOR - 88, b"\0")


PRIMARY, END = descriptor(b"CD001", 1), descriptor(b"CD001", 255)
JOLIET = descriptor(b"CD001", 2, b"%/E")
UDF = descriptor(b"BEA01") + descriptor(b"NSR02") + descriptor(b"TEA01")


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [
        (PRIMARY + END, (False, False)),
        (PRIMARY + JOLIET + END, (True, False)),
        (PRIMARY + descriptor(b"CD001", 2, b"%/X") + END, (False, False)),
        (PRIMARY + END + UDF, (False, True)),
        (PRIMARY + JOLIET + END + UDF, (True, True)),
        (PRIMARY + END + bytes(iso.SECTOR) + UDF, (False, False)),
    ],
)
def test_the_trees_of_a_volume(tmp_path: Path, descriptors: bytes, expected: tuple[bool, bool]) -> None:
    path = tmp_path / "volume.iso"
    path.write_bytes(bytes(iso.FIRST_DESCRIPTOR * iso.SECTOR) + descriptors)
    with path.open("rb") as file:
        window = Window(file.fileno(), 0, os.path.getsize(path))
        assert iso._other_trees(window) == expected
