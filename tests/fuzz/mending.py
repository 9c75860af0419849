"""Makes a mutated archive's checksums right again, so that a reader does not stop at the first of them.

What is mended: the sums of tar headers, of gzip trailers, of a zip's directory and local headers where contents are
stored, of a 7z's two headers, of lha headers, and of rar 5 blocks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

BLOCK = 512


def mended(data: bytes) -> bytes:
    """The same bytes with right checksums, as far as they can be found."""
    raw = bytearray(data)
    for mark, at, mend in _MENDERS:
        if raw[at : at + len(mark)] == mark:
            mend(raw)
    return bytes(raw)


def _mend_tar(raw: bytearray) -> None:
    for at in range(0, len(raw) - BLOCK + 1, BLOCK):
        if raw[at + 257 : at + 262] == b"ustar":
            raw[at + 148 : at + 156] = b" " * 8
            raw[at + 148 : at + 156] = b"%06o\0 " % sum(raw[at : at + BLOCK])


def _mend_gzip(raw: bytearray) -> None:
    """The trailer of a single member without optional fields."""
    if len(raw) < 18 or raw[3]:
        return
    packer = zlib.decompressobj(-15)
    try:
        content = packer.decompress(bytes(raw[10:]), 1 << 20)
    except zlib.error:
        return
    at = len(raw) - len(packer.unused_data)
    if packer.eof and at + 8 <= len(raw):
        raw[at : at + 8] = struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _mend_zip(raw: bytearray) -> None:
    at = raw.find(b"PK\1\2")
    while 0 <= at <= len(raw) - 46:
        method = int.from_bytes(raw[at + 10 : at + 12], "little")
        size, _, name = struct.unpack_from("<IIH", raw, at + 20)
        local = int.from_bytes(raw[at + 42 : at + 46], "little")
        if raw[local : local + 4] == b"PK\3\4" and local + 30 <= len(raw):
            own_name, extra = struct.unpack_from("<HH", raw, local + 26)
            start = local + 30 + own_name + extra
            if not method and start + size <= len(raw):
                sum_ = struct.pack("<I", zlib.crc32(raw[start : start + size]))
                raw[at + 16 : at + 20] = raw[local + 14 : local + 18] = sum_
        at = raw.find(b"PK\1\2", at + 46 + name)


def _mend_seven(raw: bytearray) -> None:
    if len(raw) < 32:
        return
    offset, size = struct.unpack_from("<QQ", raw, 12)
    if 32 + offset + size <= len(raw):
        raw[28:32] = struct.pack("<I", zlib.crc32(raw[32 + offset : 32 + offset + size]))
    raw[8:12] = struct.pack("<I", zlib.crc32(raw[12:32]))


def _mend_lha(raw: bytearray) -> None:
    if raw[20:21] in (b"\0", b"\1") and raw[0] + 2 <= len(raw):
        raw[1] = sum(raw[2 : raw[0] + 2]) & 0xFF


def _mend_rar5(raw: bytearray) -> None:
    at = 8
    for _ in range(100):  # blocks; mutated ones may claim to be anything
        body = at + 4
        size, used = _vint(raw, body)
        if not size or body + used + size > len(raw):
            return
        raw[at:body] = struct.pack("<I", zlib.crc32(raw[body : body + used + size]))
        at = body + used + size + _rar5_data(raw, body + used)


def _rar5_data(raw: bytearray, at: int) -> int:
    """Bytes of the data area behind a header."""
    _, used = _vint(raw, at)
    flags, more = _vint(raw, at + used)
    at += used + more
    if flags & 1:
        at += _vint(raw, at)[1]
    return _vint(raw, at)[0] if flags & 2 else 0


def _vint(raw: bytearray, at: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(raw[at : at + 10]):
        value |= (byte & 0x7F) << 7 * number
        if byte < 0x80:
            return value, number + 1
    return 0, 1


_MENDERS: tuple[tuple[bytes, int, Callable[[bytearray], None]], ...] = (
    (b"ustar", 257, _mend_tar),
    (b"\x1f\x8b\x08", 0, _mend_gzip),
    (b"PK\3\4", 0, _mend_zip),
    (b"7z\xbc\xaf\x27\x1c", 0, _mend_seven),
    (b"-l", 2, _mend_lha),
    (b"Rar!\x1a\x07\x01\x00", 0, _mend_rar5),
)
