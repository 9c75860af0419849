"""Compound files: installers told from documents. Layout and class ids as [MS-CFB] and Windows Installer have them."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgscan.archive.member import Window
from pkgscan.archive.ole import class_id, is_installer, is_msi

WORD = "00020906-0000-0000-c000-000000000046"
INSTALLERS = [f"000c108{digit}-0000-0000-c000-000000000046" for digit in "246"]


def compound(identity: str, *, sector: int = 1, major: int = 3, shift: int = 9, kind: int = 5) -> bytes:
    """A header whose directory stands in `sector`, and there the root entry alone."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<HHHH", header, 24, 0x3E, major, 0xFFFE, shift)
    struct.pack_into("<L", header, 48, sector)
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HB", 22, kind)
    root = root.ljust(80, b"\0") + uuid.UUID(identity).bytes_le
    return bytes(header).ljust((sector + 1) << shift, b"\0") + root.ljust(128, b"\0")


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], bytes]:
    """The class id of a whole content."""
    path = tmp_path / "content"

    def look(data: bytes) -> bytes:
        path.write_bytes(data)
        with path.open("rb") as file:
            return class_id(Window(file.fileno(), 0, len(data)))

    return look


@pytest.mark.parametrize("identity", INSTALLERS)
@pytest.mark.parametrize(("major", "shift"), [(3, 9), (4, 12)])
def test_an_installer_is_told_by_its_class(identity: str, major: int, shift: int) -> None:
    assert is_msi(compound(identity, major=major, shift=shift)) is True


@pytest.mark.parametrize("identity", [WORD, str(uuid.UUID(int=0)), "000c1085-0000-0000-c000-000000000046"])
def test_a_document_is_none(identity: str) -> None:
    assert is_msi(compound(identity)) is False


def test_a_directory_behind_the_head_is_found_in_the_whole(read: Callable[[bytes], bytes]) -> None:
    data = compound(INSTALLERS[1], sector=500)
    assert is_msi(data[:32774]) is None
    found = read(data)
    assert found == uuid.UUID(INSTALLERS[1]).bytes_le
    assert is_installer(found)
    assert not is_installer(read(compound(WORD, sector=500)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        compound(INSTALLERS[0])[:30] + b"\xc8\0" + bytes(600),
        compound(INSTALLERS[0], major=5),
        compound(INSTALLERS[0], kind=1),
        compound(INSTALLERS[0])[:48] + b"\xff" * 4 + bytes(600),
    ],
    ids=["empty", "magic alone", "sector size", "version", "not the root", "no directory"],
)
def test_a_broken_header_leads_nowhere(data: bytes, read: Callable[[bytes], bytes]) -> None:
    assert is_msi(data) is False
    assert read(data) == b""


def test_a_directory_behind_the_end(read: Callable[[bytes], bytes]) -> None:
    data = compound(INSTALLERS[0])[:48] + struct.pack("<L", 0xFFFFFFFA) + bytes(600)
    assert is_msi(data) is None
    assert read(data) == b""
