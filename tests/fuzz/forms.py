"""The smallest archives of the formats that Python does not write, for seeds; nothing in them is compressed in earnest.

By the formats' own descriptions: 7zFormat.txt, ECMA-119, the rpm file format, the lzip manual, ncompress, RFC 8878.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Callable, Mapping

Files = Mapping[str, bytes]
SECTOR = 2048


def cpio_of(files: Files) -> bytes:
    """A cpio as rpm holds it (newc)."""
    out = b"".join(_newc(name, content) for name, content in files.items())
    return out + _newc("TRAILER!!!", b"")


def _newc(name: str, content: bytes) -> bytes:
    raw = name.encode() + b"\0"
    numbers = (1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw), 0)
    head = b"070701" + b"".join(b"%08X" % number for number in numbers) + raw
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def odc_of(files: Files) -> bytes:
    """A cpio of octal numbers."""
    out = b""
    for name, content in {**files, "TRAILER!!!": b""}.items():
        raw = name.encode() + b"\0"
        head = b"070707" + b"%06o" * 7 % (0, 1, 0o100644, 0, 0, 1, 0)
        out += head + b"%011o%06o%011o" % (0, len(raw), len(content)) + raw + content
    return out


def rpm_of(payload: bytes, scripts: Mapping[int, bytes]) -> bytes:
    """An rpm with scriptlets by their tags."""
    lead = b"\xed\xab\xee\xdb".ljust(96, b"\0")
    signature = _rpm_header({1000: b"xyz"})
    return lead + signature + bytes(-len(signature) % 8) + _rpm_header(scripts) + payload


def _rpm_header(texts: Mapping[int, bytes]) -> bytes:
    store, records = b"", b""
    for tag, text in texts.items():
        records += struct.pack(">IIII", tag, 6, len(store), 1)
        store += text + b"\0"
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(texts), len(store)) + records + store


def seven_of(files: Files) -> bytes:
    """A 7z whose contents are stored: one pack stream, one folder, one stream a file."""
    data = b"".join(files.values())
    count = len(files)
    sizes = b"".join(_number(len(content)) for content in list(files.values())[:-1])
    sums = b"".join(struct.pack("<I", zlib.crc32(content)) for content in files.values())
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in files)
    pack = b"\x06" + _number(0) + _number(1) + b"\x09" + _number(len(data)) + b"\0"
    unpack = b"\x07\x0b\x01\x00\x01\x01\x00\x0c" + _number(len(data)) + b"\0"
    parts = b"\x08\x0d" + _number(count) + (b"\x09" + sizes if count > 1 else b"") + b"\x0a\x01" + sums + b"\0"
    listed = b"\x05" + _number(count) + b"\x11" + _number(len(names)) + names + b"\0"
    header = b"\x01\x04" + pack + unpack + parts + b"\0" + listed + b"\0"
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + data + header


def _number(value: int) -> bytes:
    assert value < 1 << 14, "small archives only"
    return bytes((value,)) if value < 1 << 7 else bytes((0x80 | value >> 8, value & 0xFF))


def iso_of(files: Files) -> bytes:
    """An ISO 9660 image with every file in its root directory."""
    root, at = 20, 21  # sectors: 16 and 17 hold the descriptors, 18 and 19 the path tables, 21 the first file
    records, contents = _iso_record(b"\0", root, SECTOR, 2) + _iso_record(b"\1", root, SECTOR, 2), b""
    for name, content in files.items():
        records += _iso_record(name.rpartition("/")[2].upper().encode() + b";1", at, len(content), 0)
        contents += content + bytes(-len(content) % SECTOR)
        at += -(-len(content) // SECTOR)
    tables = struct.pack("<BBIHBx", 1, 0, root, 1, 0), struct.pack(">BBIHBx", 1, 0, root, 1, 0)
    volume = b"\x01CD001\x01\0" + b" " * 64 + bytes(8) + _both32(at) + bytes(32) + _both16(1) + _both16(1)
    volume += _both16(SECTOR) + _both32(10) + struct.pack("<II", 18, 0) + struct.pack(">II", 19, 0)
    volume = (volume + _iso_record(b"\0", root, SECTOR, 2)).ljust(881, b" ") + b"\x01"
    end = b"\xffCD001\x01"
    sectors = (volume, end, *tables, records)
    image = bytes(16 * SECTOR) + b"".join(sector.ljust(SECTOR, b"\0") for sector in sectors) + contents
    return image.ljust(24 * SECTOR, b"\0")  # libarchive looks at as many before it takes it for one


def _iso_record(name: bytes, sector: int, size: int, flags: int) -> bytes:
    body = _both32(sector) + _both32(size) + bytes((126, 1, 1, 0, 0, 0, 0, flags, 0, 0)) + _both16(1)
    body += bytes((len(name),)) + name + bytes(1 - len(name) % 2)
    return bytes((len(body) + 2, 0)) + body


def _both16(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _both32(value: int) -> bytes:
    return struct.pack("<I", value) + struct.pack(">I", value)


def lzip_of(content: bytes) -> bytes:
    """A lzip member."""
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    body = lzma.compress(content, lzma.FORMAT_ALONE, filters=filters)[13:]  # ends with the end mark
    return b"LZIP\x01\x10" + body + struct.pack("<IQQ", zlib.crc32(content), len(content), len(body) + 26)


def lz4_of(content: bytes) -> bytes:
    """An lz4 frame of one stored block."""
    about = b"\x60\x40"  # blocks stand alone, none over 64 KiB, no checksums but this header's
    check = bytes((_xxh32(about) >> 8 & 0xFF,))
    return b"\x04\x22\x4d\x18" + about + check + struct.pack("<I", 1 << 31 | len(content)) + content + bytes(4)


def _xxh32(data: bytes) -> int:
    """xxHash of fewer than four bytes, seed 0."""
    value = 374761393 + len(data)
    for byte in data:
        value = value + byte * 374761393 & 0xFFFFFFFF
        value = (value << 11 | value >> 21) * 2654435761 & 0xFFFFFFFF
    value = (value ^ value >> 15) * 2246822519 & 0xFFFFFFFF
    value = (value ^ value >> 13) * 3266489917 & 0xFFFFFFFF
    return value ^ value >> 16


def zstd_of(content: bytes) -> bytes:
    """A zstd frame of one stored block."""
    head = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(content))
    return head + (len(content) << 3 | 1).to_bytes(3, "little") + content


def compress_of(content: bytes) -> bytes:
    """What ncompress would write, were it never to find a repetition: codes of nine bits, up to 200 bytes."""
    bits = 0
    for number, byte in enumerate(content[:200]):
        bits |= byte << 9 * number
    return b"\x1f\x9d\x90" + bits.to_bytes((9 * len(content[:200]) + 7) // 8, "little")


ARCHIVES: Mapping[str, Callable[[Files], bytes]] = {
    "cpio": cpio_of, "odc": odc_of, "7z": seven_of, "iso9660": iso_of,
}  # fmt: skip
COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "lzip": lzip_of, "lz4": lz4_of, "compress": compress_of, "zstd": zstd_of,
}  # fmt: skip
