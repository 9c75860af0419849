"""What is said of encrypted zips: how they are encrypted and what is inside; and that none is read."""

from __future__ import annotations

import os
import struct
import tempfile

import pytest

from hostile_cases import fixture
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.zip.content import Packed, unpack
from pkgscan.archive.zip.reader import read_zip
from zip_reading import read

forge = fixture("forge")

METHODS = (0, 8, 9, 12, 14, 20, 93, 95, 98, 99)
XZ, PPMD, AES = 95, 98, 99
ENCRYPTED, STRONG, MASKED = 1, 64, 1 << 13


def zipped(method: int, packed: bytes, **more: object) -> bytes:
    return bytes(forge.forge([forge.Piece(name=b"a", content=b"text", method=method, packed=packed, **more)]))


def said(method: int, flags: int = 0, extra: bytes = b"") -> Damage:
    """What is said of a member that is encrypted."""
    with pytest.raises(Damage) as caught:
        list(unpack(Packed(Window(-1, 0, 0), 0, 0, 0, 0, method, flags, extra=extra)))
    return caught.value


def aes_field(version: int, strength: int, method: int) -> bytes:
    return struct.pack("<2HH2sBH", 0x9901, 7, version, b"AE", strength, method)


def strong_field(algorithm: int, bits: int) -> bytes:
    return struct.pack("<2H4H", 0x0017, 8, 2, algorithm, bits, 1)


SEALED = [
    (0, ENCRYPTED, b"", "traditional zip encryption)"),
    (8, ENCRYPTED, b"", "traditional zip encryption; deflate inside)"),
    (AES, ENCRYPTED, aes_field(2, 3, 0), "AES-256 AE-2 zip encryption)"),
    (AES, ENCRYPTED, aes_field(1, 1, 8), "AES-128 AE-1 zip encryption; deflate inside)"),
    (AES, ENCRYPTED, aes_field(2, 2, XZ), "AES-192 AE-2 zip encryption; xz inside)"),
    (AES, ENCRYPTED, aes_field(2, 9, 0x1337), "AES AE-2 zip encryption; method 4919 inside)"),
    (AES, ENCRYPTED, aes_field(2, 3, AES), "AES-256 AE-2 zip encryption)"),
    (AES, 0, b"", "AES zip encryption)"),
    (AES, ENCRYPTED, b"\x01\x99\xff\xff\x02", "AES zip encryption)"),
    (8, ENCRYPTED | STRONG, strong_field(0x6610, 256), "strong AES-256 zip encryption; deflate inside)"),
    (8, ENCRYPTED | STRONG, strong_field(0x1234, 9), "strong algorithm 0x1234-9 zip encryption; deflate inside)"),
    (PPMD, ENCRYPTED | STRONG, b"", "strong zip encryption; ppmd inside)"),
]


@pytest.mark.parametrize(("method", "flags", "extra", "text"), SEALED)
def test_how_a_member_is_encrypted_is_said(method: int, flags: int, extra: bytes, text: str) -> None:
    assert said(method, flags, extra).reason == "encrypted"
    assert text in said(method, flags, extra).detail


@pytest.mark.parametrize("method", METHODS)
def test_an_encrypted_member_is_never_read(method: int) -> None:
    fields = {"extra": aes_field(1, 3, 8)} if method == AES else {}
    for cut in (False, True):
        whole = zipped(method, bytes(40), flags=ENCRYPTED, local=fields, central=fields)
        reading = read(whole[: whole.index(b"PK\1\2")] if cut else whole)
        assert (reading.files, reading.broken) == ([], [(b"a", "encrypted")])


def test_an_encrypted_member_says_how_in_the_local_header_too() -> None:
    """Where there is no directory, its extra field is all there is."""
    whole = zipped(AES, bytes(40), flags=ENCRYPTED, local={"extra": aes_field(2, 3, 8)})
    with tempfile.TemporaryFile() as file:
        file.write(whole[: whole.index(b"PK\1\2")])
        file.flush()
        items = list(read_zip(Window(file.fileno(), 0, os.fstat(file.fileno()).st_size), "p.zip", 250_000))
        (member,) = (item for item in items if isinstance(item, Member))
        with pytest.raises(Damage, match="AES-256 AE-2 zip encryption; deflate inside"):
            list(member.content)


def sealed_directory(algorithm: int) -> bytes:
    """A zip whose directory is encrypted, laid out as APPNOTE section 7.3.4 has it."""
    whole = zipped(8, b"\x03\x00" + bytes(30), flags=ENCRYPTED | STRONG | MASKED)
    body, sealed = whole[: whole.index(b"PK\1\2")], bytes(range(256))
    added = struct.pack("<H2Q4H", 8, len(sealed), 100, algorithm, 256, 1, 0)
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44 + len(added), 62, 62, 0, 0, 1, 1, len(sealed), len(body)
    ) + added  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body) + len(sealed), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return body + sealed + record + locator + end


def test_an_encrypted_directory_is_said() -> None:
    reading = read(sealed_directory(0x6610))
    assert (reading.damage, reading.files, reading.broken) == (["encrypted"], [], [(b"a", "encrypted")])


def test_a_zip64_record_with_more_in_it_is_no_encryption() -> None:
    assert read(sealed_directory(0)).damage == ["truncated"]
