"""Zips that are found by their end, and programs that only know what such an end looks like."""

from __future__ import annotations

import io
import os
import struct
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pkgscan.archive.member import Window
from pkgscan.archive.stream import TAIL
from pkgscan.archive.tail import MOST_END_RECORDS, ends_like_zip, is_zip_behind

STUB = b"#!/bin/sh\nexit 0\n"
END = b"PK\x05\x06"


def program(comment: bytes = b"") -> bytes:
    raw = io.BytesIO(STUB)
    raw.seek(0, io.SEEK_END)
    with zipfile.ZipFile(raw, "a") as archive:
        archive.writestr("inner", "content")
        archive.comment = comment
    return raw.getvalue()


def uncounted() -> bytes:
    data = bytearray(program())
    at = data.rindex(END)
    data[at + 8 : at + 12] = bytes(4)
    return bytes(data)


def wide(*, end64: bytes = b"PK\x06\x06") -> bytes:
    """The same with its numbers in a zip64 end record, APPNOTE 4.3.14 to 4.3.16."""
    data = program()
    at = data.rindex(END)
    count, size, offset = struct.unpack_from("<HLL", data, at + 10)
    record = end64 + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    full = struct.pack("<4HLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:at] + record + locator + END + full


ZIPS = {
    "plain": program(),
    "one byte behind": program() + b"\n",
    "mark in the comment": program(END + b"x" * 30),
    "empty end record behind": program() + END + bytes(18),
    "uncounted": uncounted(),
    "zip64": wide(),
    "longest comment": program(b"c" * 0xFFFF),
    "many marks behind": program() + END * (MOST_END_RECORDS + 10),
}


def behind(data: bytes, tmp_path: Path) -> bool:
    path = tmp_path / "p"
    path.write_bytes(data)
    with path.open("rb") as file:
        return is_zip_behind(Window(file.fileno(), 0, len(data)))


@pytest.mark.parametrize("name", ZIPS)
@pytest.mark.parametrize("before", [0, 300_000])
def test_what_readers_take_for_a_zip_is_found(name: str, before: int, tmp_path: Path) -> None:
    data = bytes(before) + ZIPS[name]
    if name != "many marks behind":
        assert zipfile.is_zipfile(io.BytesIO(data))
    assert ends_like_zip(data[-TAIL:], len(data))
    assert behind(data, tmp_path)


def test_a_zip64_record_that_is_not_there_is_no_reason_for_silence(tmp_path: Path) -> None:
    assert behind(wide(end64=b"PK\x06\x00"), tmp_path)


def test_an_archive_is_looked_at_again_only_for_a_zip_that_ends_with_it() -> None:
    data = program()
    assert ends_like_zip(data, len(data), to_the_end=True)
    assert not ends_like_zip(data + bytes(512), len(data) + 512, to_the_end=True)


@pytest.mark.parametrize("rest", [b"", b"\0" * 18, b"PK\x03\x04PK\x01\x02\0Bad magic number for end", os.urandom(64)])
def test_a_mark_alone_is_no_zip(rest: bytes, tmp_path: Path) -> None:
    data = b"\x7fELF" + bytes(5000) + END + rest
    assert not behind(data, tmp_path)


def test_programs_that_know_zips_are_none() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    holders = [folder / "zipfile.py", folder / "zipimport.py", *folder.glob("__pycache__/zip*.pyc")]
    holders += Path("/usr/lib/x86_64-linux-gnu").glob("libarchive.so*")
    holders += [Path(found) for entry in sys.path for found in Path(entry).glob("archi.libs/libarchive*")]
    looked_at = [path for path in holders if path.is_file() and END in path.read_bytes()]
    assert looked_at
    for path in looked_at:
        with path.open("rb") as file:
            assert not is_zip_behind(Window(file.fileno(), 0, path.stat().st_size)), path
