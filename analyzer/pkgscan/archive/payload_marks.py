"""Where an archive begins in the middle of other bytes: its mark, and what must follow for it to be one.

Two or three bytes of a mark stand in any large file by chance, so each is believed only with more: checksums of
headers, fields that have few legal values, and for gzip a block that inflates. Sources: RFC 1952, RFC 8878, the xz
file format 1.1.0, 7zFormat, [MS-CAB], APPNOTE, the RAR notes, the LZ4 frame format, cpio(5), ar(5), rpm's lead.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TypeAlias

from pkgscan.archive.formats import HEAD, detect

LOOKAHEAD = 1 << 16  # bytes behind a mark that its check may look at: a first block of gzip is rarely larger

_Check: TypeAlias = Callable[[bytes], bool]

_GZIP_EXTRA, _GZIP_SYSTEMS = frozenset({0, 2, 4}), frozenset({*range(14), 255})
_ENOUGH = 256  # bytes that inflate without a fault: noise goes wrong before
_XZ_CHECKS = frozenset({0, 1, 4, 10})
_LARGEST_BLOCK = 1 << 17  # bytes of a zstd block
_ZIP_NEWEST = 63  # version 6.3, the highest that APPNOTE gives
_ZIP_METHODS = frozenset({*range(20), *range(93, 100)})
_CAB_HEADER = 36
_LZIP_SMALLEST, _LZIP_LARGEST = 12, 29  # powers of two
_BLOCK = 512


def _is_gzip(data: bytes) -> bool:
    if data[3] & 0xE0 or data[8] not in _GZIP_EXTRA or data[9] not in _GZIP_SYSTEMS:
        return False
    engine = zlib.decompressobj(wbits=31)
    try:
        content = engine.decompress(data, LOOKAHEAD)
    except zlib.error:
        return False
    return engine.eof or len(content) >= _ENOUGH


def _is_xz(data: bytes) -> bool:
    flags = data[6:8]
    return not flags[0] and flags[1] in _XZ_CHECKS and _number(data, 8, 4) == zlib.crc32(flags)


def _is_zstd(data: bytes) -> bool:
    about = data[4]
    fields = (0, 1, 2, 4)[about & 3] + ((1 if about & 0x20 else 0), 2, 4, 8)[about >> 6] + (0 if about & 0x20 else 1)
    block = _number(data, 5 + fields, 3)
    return not about & 0x08 and block & 6 != 6 and block >> 3 <= _LARGEST_BLOCK  # noqa: PLR2004  # block type 3


def _is_lz4(data: bytes) -> bool:
    return data[4] & 0xC2 == 0x40 and data[5] & 0x8F == 0 and data[5] >= 0x40  # noqa: PLR2004  # version, block size


def _is_compress(data: bytes) -> bool:
    """The third byte says up to how many bits a code has; the first code is a plain byte."""
    return 9 <= data[2] & 0x1F <= 16 and not data[2] & 0x60 and not data[4] & 1  # noqa: PLR2004  # bits of a code


def _is_zip(data: bytes) -> bool:
    version, method, name = _number(data, 4, 1), _number(data, 8, 2), _number(data, 26, 2)
    return version <= _ZIP_NEWEST and method in _ZIP_METHODS and 0 < name < 1 << 12


def _is_7z(data: bytes) -> bool:
    return not data[6] and _number(data, 8, 4) == zlib.crc32(data[12:32])


def _is_cab(data: bytes) -> bool:
    whole, first_file, files = _number(data, 8, 4), _number(data, 16, 4), _number(data, 28, 2)
    return not any(data[12:16]) and data[25] == 1 and _CAB_HEADER < first_file < whole and files > 0


def _is_ar(data: bytes) -> bool:
    return data[66:68] == b"`\n"


def _is_lzip(data: bytes) -> bool:
    return _LZIP_SMALLEST <= data[5] & 0x1F <= _LZIP_LARGEST


def _is_squashfs(data: bytes) -> bool:
    return data[28:32] == b"\4\0\0\0"


def _always(_: bytes) -> bool:
    return True


# Pattern, format, what else must hold, and whether only the start of a line is strong enough a place.
_MARKS: tuple[tuple[bytes, str, _Check, bool], ...] = (
    (rb"\x1f\x8b\x08", "gzip", _is_gzip, False),
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2", _always, False),
    (rb"\xfd7zXZ\0", "xz", _is_xz, False),
    (rb"\x28\xb5\x2f\xfd", "zstd", _is_zstd, False),
    (rb"\x04\x22\x4d\x18", "lz4", _is_lz4, False),
    (rb"\]\0\0[\0-\xff]{2}[\0-\xff]{8}\0", "lzma", lambda data: detect(data[:HEAD]) == "lzma", True),
    (rb"LZIP\x01", "lzip", _is_lzip, False),
    (rb"\x1f\x9d", "compress", _is_compress, True),
    (rb"PK\x03\x04", "zip", _is_zip, False),
    (rb"7z\xbc\xaf\x27\x1c", "7z", _is_7z, False),
    (rb"Rar!\x1a\x07(?:\0|\x01\0)", "rar", _always, False),
    (rb"MSCF\0\0\0\0", "cab", _is_cab, False),
    (rb"!<arch>\ndebian-binary", "deb", _is_ar, False),
    (rb"!<arch>\n", "ar", _is_ar, False),
    (rb"\xed\xab\xee\xdb[\3\4][\0-\xff]\0[\0\1]", "rpm", _always, False),
    (rb"07070[12][0-9A-Fa-f]{104}", "cpio", _always, False),
    (rb"070707[0-7]{70}", "cpio", _always, False),
    (rb"xar!\0\x1c\0\x01", "xar", _always, False),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", _always, False),
    (rb"hsqs", "squashfs", _is_squashfs, False),
    (rb"\x89LZO\0\r\n\x1a\n", "lzop", _always, False),
    (rb"LRZI\0[\0-\x0f]", "lrzip", _always, False),
    (rb"\x7fELF[\1\2][\1\2]\x01", "program", _always, True),
    (rb"Salted__", "data encrypted with openssl", _always, True),
    (rb"\x8c\x0d\x04[\7-\x0b]\x03[\2\x08-\x0b]", "data encrypted with gpg", _always, True),
    (rb"\xc3\x0d\x04[\7-\x0b]\x03[\2\x08-\x0b]", "data encrypted with gpg", _always, True),
)
# Without groups, so that the first bytes of all are looked for as a set: that is ten times as fast.
_ANY = re.compile(b"|".join(pattern for pattern, *_ in _MARKS))
_EACH = tuple(re.compile(pattern) for pattern, *_ in _MARKS)
_USTAR = 257  # where a tar header has its mark
MOST_CHECKED = 1000  # marks that prove to be none; real files hold a handful, and the next one is then believed
_SHORTEST = 40  # bytes; no archive is as short, and no check looks at a fixed place behind it


def first_archive(data: bytes, stop: int) -> tuple[str, int] | None:
    """(format, place) of the first archive that begins in `data` before `stop`; what is behind serves the checks."""
    tar = _first_tar(data, stop)
    failed = 0
    for found in _ANY.finditer(data, 0, min(len(data), stop + _BLOCK)):
        at = found.start()
        if at >= (stop if tar < 0 else tar) or len(data) - at < _SHORTEST:
            break
        which = next(index for index, pattern in enumerate(_EACH) if pattern.match(data, at))
        _, form, check, at_line = _MARKS[which]
        if at_line and at and data[at - 1] != ord("\n"):
            continue
        if failed >= MOST_CHECKED or check(data[at : at + LOOKAHEAD]):
            return form, at
        failed += 1
    return ("tar", tar) if tar >= 0 else None


def _first_tar(data: bytes, stop: int) -> int:
    """Where the first tar header begins, negative if none does: by its mark and its checksum together."""
    mark, failed = data.find(b"ustar", _USTAR), 0
    while 0 <= mark - _USTAR < stop:
        at = mark - _USTAR
        if failed >= MOST_CHECKED or has_checksum(data[at : at + _BLOCK]):
            return at
        mark, failed = data.find(b"ustar", mark + 1), failed + 1
    return -1


def has_checksum(header: bytes) -> bool:
    """Whether a block of 512 bytes holds its own checksum where tar headers have it."""
    field = header[148:156].strip(b"\0 ")
    if len(header) < _BLOCK or not field.isdigit() or b"8" in field or b"9" in field:
        return False
    return int(field, 8) == sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
