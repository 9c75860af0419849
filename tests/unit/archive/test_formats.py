"""Formats by their first bytes: what other tools write and accept."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile

import pytest

from pkgscan.archive.disks import LEAST
from pkgscan.archive.formats import detect, is_plain, unread_format


@pytest.mark.parametrize("preset", range(10))
def test_lzma_of_every_preset(preset: int) -> None:
    assert detect(lzma.compress(b"content" * 100, format=lzma.FORMAT_ALONE, preset=preset)) == "lzma"


@pytest.mark.parametrize(
    "content",
    [
        b"\x5d\0\0 text that begins like it",
        bytes(512),
        b"\0\1\0\0\0\x11\1\0\0\4\0\x10" + bytes(8),  # a TrueType font
        b"\0\0\2" + bytes(9) + b"\x10\0\x10\0\x18\0",  # a Targa image
    ],
)
def test_other_content_is_no_lzma(content: bytes) -> None:
    assert not detect(content)


@pytest.mark.parametrize("low", [0x50, 0x5F])
def test_a_zstd_frame_to_skip(low: int) -> None:
    assert detect(bytes((low, 0x2A, 0x4D, 0x18)) + b"\4\0\0\0abcd") == "zstd"


IMAGES = {
    "squashfs": b"hsqs" + bytes(24) + b"\4\0\0\0" + bytes(64),
    "arj": b"\x60\xea\x2a\0\x1e\x0b\1\0\x10\0\2" + bytes(40),
    "ace": b"\x31\x8c\x31\0\0\0\x90**ACE**\x14",
    "cramfs": b"\x45\x3d\xcd\x28" + bytes(60),
    "qcow": b"QFI\xfb\0\0\0\3",
    "vmdk": b"KDMV\1\0\0\0",
}


@pytest.mark.parametrize("name", IMAGES)
def test_what_is_not_read_is_known(name: str) -> None:
    assert unread_format(IMAGES[name]) == name
    assert not is_plain(IMAGES[name])


def laid_out(fields: dict[int, bytes], size: int = LEAST) -> bytes:
    """Bytes at their places, and zeros between."""
    data = bytearray(size)
    for at, field in fields.items():
        data[at : at + len(field)] = field
    return bytes(data)


BOOT = {0: b"\xeb\x3c\x90", 510: b"\x55\xaa"}
FAT = {11: b"\0\2\4\1\0\2", 54: b"FAT16   "}
EXT = {1048: b"\2", 1080: b"\x53\xef\1\0", 1096: bytes(4), 1100: b"\1"}
PART = {446: b"\x80\1\1\0\x83\1\1\1" + b"\1\0\0\0\x80\0\0\0"}
DISKS = {
    "ext": EXT,
    "fat": BOOT | FAT,
    "ntfs": BOOT | {3: b"NTFS    "},
    "exfat": BOOT | {3: b"EXFAT   "},
    "disk with a GUID partition table": {510: b"\x55\xaaEFI PART"},
    "apfs": {32: b"NXSB"},
    "partitioned disk": PART | {510: b"\x55\xaa"},
    "luks": {0: b"LUKS\xba\xbe\0\2"},
    "xfs": {0: b"XFSB\0\0\x10\0"},
    "ubi": {0: b"UBI#\1\0\0\0"},
    "warc": {0: b"WARC/1.0\r\n"},
    "hfs+": {1024: b"H+\0\4"},
    "f2fs": {1024: b"\x10\x20\xf5\xf2"},
}


@pytest.mark.parametrize("name", DISKS)
def test_an_image_of_a_disk_is_known(name: str) -> None:
    image = laid_out(DISKS[name])
    assert unread_format(image) == name
    assert not is_plain(image)
    assert not unread_format(image[:-1])  # smaller than any


@pytest.mark.parametrize(
    "fields",
    [
        BOOT,  # a boot sector alone
        BOOT | FAT | {13: b"\3"},  # clusters of three sectors
        FAT,  # its letters without a boot sector
        EXT | {1048: b"\x40"},
        EXT | {1100: b"\7"},
        {1080: b"\x53\xef\xff\xff"},
        PART,
        PART | {462: b"\7", 510: b"\x55\xaa"},  # a part that is neither to be booted nor not
        PART | {454: bytes(8), 510: b"\x55\xaa"},  # one of no size
        {0: b"NXSB"},
    ],
)
def test_what_has_a_mark_alone_is_no_disk(fields: dict[int, bytes]) -> None:
    assert not unread_format(laid_out(fields))


READ = {
    "iso9660": bytes(32768) + b"\1CD001\1",
    "lha": b"\x1b\xa0-lh5-" + bytes(20),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24),
    "rar": b"Rar!\x1a\x07\0" + bytes(20),
    "cab": b"MSCF\0\0\0\0" + bytes(40),
    "xar": b"xar!\0\x1c\0\1" + bytes(20),
    "lz4": b"\x04\x22\x4d\x18\x64\x40\xa7" + bytes(8),
    "lzip": b"LZIP\1\x0c" + bytes(30),
    "compress": b"\x1f\x9d\x90" + bytes(8),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_read_is_known(name: str) -> None:
    assert detect(READ[name]) == name
    assert not is_plain(READ[name])
    assert not unread_format(READ[name])


def test_a_disk_image_is_known_by_its_end() -> None:
    assert unread_format(b"x" * 600, b"x" * 88 + b"koly\0\0\0\4\0\0\2\0" + bytes(500)) == "dmg"
    assert not unread_format(b"x" * 600, b"x" * 88 + b"koly" + b"x" * 508)


@pytest.mark.parametrize("text", [b"ls -lh5 /etc\n" * 9, b"a `\xea", b"# CD001\n" * 9, b"x" * 40_000])
def test_other_content_is_plain(text: bytes) -> None:
    assert is_plain(text)


def header(name: bytes, checksum: str) -> bytes:
    """An old header, before ustar, with its checksum written in one of several ways."""
    block = bytearray(tarfile.TarInfo("x").tobuf(tarfile.GNU_FORMAT))
    block[257:265] = bytes(8)
    block[: len(name)] = name
    block[148:156] = b" " * 8
    unsigned = sum(block)
    signed = sum(byte - 256 if byte > 127 else byte for byte in block)
    block[148:156] = checksum.format(unsigned=unsigned, signed=signed).encode()
    return bytes(block)


@pytest.mark.parametrize(
    "checksum",
    [
        "{unsigned:06o}\0 ",
        "{unsigned:06o}\0z",
        "  {unsigned:o}  ",
        "\0{unsigned:06o}\0",
        "{signed:06o}\0 ",
        "\t {unsigned:05o}x",
    ],
)
def test_checksums_that_gnu_tar_accepts(checksum: str) -> None:
    assert detect(header(b"\xff\xfe/x", checksum)) == "tar"


@pytest.mark.parametrize("checksum", ["0000000\0", "        ", "12345670"])
def test_a_checksum_that_is_wrong(checksum: str) -> None:
    assert not detect(header(b"name", checksum))


CPIO_NEW = b"070701" + b"%08X" * 13 % (1, 0o100644, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 0) + b"a\0hi"
CPIO_OLD = b"070707" + b"%06o" * 8 % (1, 2, 0o100644, 0, 0, 1, 0, 0) + b"%05o%06o" % (0, 2) + b"%011o" % 0 + b"a\0hi"
ARCHIVES = {
    "bzip2": bz2.compress(b"content" * 50),
    "empty bzip2": bz2.compress(b""),
    "gzip": gzip.compress(b"content" * 50),
    "xz": lzma.compress(b"content" * 50),
    "lzip": b"LZIP\1\x0c" + bytes(30),
    "compress": b"\x1f\x9d\x90\x63\xde\xb8\xa1\xd3\x46",
    "cpio new": CPIO_NEW,
    "cpio old": CPIO_OLD,
    "cpio little": b"\xc7\x71" + struct.pack("<12H", 1, 2, 0o100644, 0, 0, 1, 0, 0, 0, 2, 0, 2) + b"a\0hi",
    "cpio big": b"\x71\xc7" + struct.pack(">12H", 1, 2, 0o100644, 0, 0, 1, 0, 0, 0, 2, 0, 2) + b"a\0hi",
    "cpio of nothing": b"\xc7\x71" + struct.pack("<12H", 0, 0, 0, 0, 0, 1, 0, 0, 0, 11, 0, 0) + b"TRAILER!!!\0",
    "xar": b"xar!\0\x1c\0\1" + bytes(20),
    "lha": b"\x1b\xa0-lh5-" + bytes(12) + b"\1" + bytes(20),
    "rom": b"-rom1fs-\0\0\1\0" + bytes(40),
    "lrzip": b"LRZI\0\6" + bytes(30),
    "squashfs": IMAGES["squashfs"],
    "arj": IMAGES["arj"],
    "vhd": b"conectix\0\0\0\2" + bytes(40),
    "compress with reserved bits": b"\x1f\x9d\xb0\x63\xde\xb8\xa1\xd3\x46",
    "gzip of old": b"\x1f\x9e" + gzip.compress(b"content" * 50)[2:],
    "pack": b"\x1f\x1e\0\0\0\x50\3\1\1" + bytes(20),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_known_however_short_it_is_cut(name: str) -> None:
    whole = ARCHIVES[name]
    shortest = {"lha": 8, "rom": 9, "bzip2": 4, "empty bzip2": 4, "gzip": 3, "gzip of old": 3, "vhd": 9}.get(name, 6)
    for size in range(shortest, len(whole) + 1):
        assert detect(whole[:size]) or unread_format(whole[:size]), size
        assert not is_plain(whole[:size]), size


@pytest.mark.parametrize(
    "text",
    [
        "LZIP", "BZh9", "BZh1AY", "070701", "070702", "070707", "LRZI", "hsqs", "sqsh", "shsq", "qshs", "xar!", "KDMV",
        "COWD", "conectix", "vhdxfile", "-rom1fs-", "# -lh5-", "x -pm2-", "# **** **ACE**",
    ],
)  # fmt: skip
@pytest.mark.parametrize("behind", [" is the mark of it\n", "\n", " are letters,\n\ttoo: \xe4\n" * 300])
def test_a_text_that_begins_with_a_mark_is_a_text(text: str, behind: str) -> None:
    content = (text + behind).encode("latin-1")
    assert (detect(content), unread_format(content, content), is_plain(content)) == ("", "", True)


@pytest.mark.parametrize("mark", [b"\xc7\x71", b"\x71\xc7", b"\x1f\x9d", b"\x1f\x1e", b"\x60\xea"])
def test_other_data_with_a_short_mark_is_no_archive(mark: bytes) -> None:
    for data in (b"\xff" * 60, b"a text\n" * 9, bytes(range(40, 200))):
        assert not detect(mark + data)
        assert not unread_format(mark + data)


@pytest.mark.parametrize("name", ["cpio new", "cpio old"])
def test_a_header_with_a_damaged_digit_is_one_all_the_same(name: str) -> None:
    whole = bytearray(ARCHIVES[name])
    whole[50:52] = b"xx"
    assert detect(bytes(whole)) == "cpio"
