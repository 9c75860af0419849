"""The fields of zip records, against values worked out from the standard."""

from __future__ import annotations

import struct

import pytest

from pkgscan.archive.zip.audit import unicode_name_misleads
from pkgscan.archive.zip.record import FULL32, entry_type, extra_field, wide

WIDE = struct.pack("<HHQQQ", 1, 24, 5 << 32, 6 << 32, 7 << 32)


def test_only_full_values_are_taken_from_the_zip64_field() -> None:
    assert wide(WIDE, (FULL32, FULL32, FULL32)) == (5 << 32, 6 << 32, 7 << 32)
    assert wide(WIDE, (10, FULL32, 30)) == (10, 5 << 32, 30)
    assert wide(b"", (FULL32,)) == (FULL32,)


def test_an_extra_field_is_found_behind_others() -> None:
    extra = struct.pack("<HH3s", 9, 3, b"abc") + WIDE
    assert extra_field(extra, 1) == WIDE[4:]
    assert extra_field(extra, 2) is None
    assert extra_field(b"\x01\x00\xff", 1) is None


@pytest.mark.parametrize(
    ("name", "host", "attributes", "size", "expected"),
    [
        (b"a/", 0, 0, 0, "directory"),
        (b"a", 0, 0x10, 0, "directory"),
        (b"a", 0, 0x10, 5, "file"),  # a directory with content would hide it
        (b"a", 3, 0o100644 << 16, 5, "file"),
        (b"a", 3, 0o120777 << 16, 5, "symlink"),
        (b"a", 0, 0o120777 << 16, 5, "file"),  # made on DOS: these bits mean nothing
        (b"a", 3, 0o600 << 16, 5, "file"),
    ],
)
def test_types(name: bytes, host: int, attributes: int, size: int, expected: str) -> None:
    assert entry_type(name, host, attributes, size) == expected


@pytest.mark.parametrize(
    ("header", "unicode_name", "verdict"),
    [
        (b"caf?.txt", "caf\u00e9.txt", "same"),
        (b"caf\x82.txt", "caf\u00e9.txt", "same"),
        (b"caf#U00e9.txt", "caf\u00e9.txt", "same"),
        (b"good.txt", "evil.sh", "misleads"),
        (b"evil.sh", "\u00e9", "misleads"),
        (b"caf.txt", "caf\u00e9.sh", "misleads"),
    ],
)
def test_a_unicode_path_may_add_characters_only(header: bytes, unicode_name: str, verdict: str) -> None:
    misleads = unicode_name_misleads(header, unicode_name.encode())
    assert ("misleads" if misleads else "same") == verdict
