"""Where an archive begins in the middle of other bytes: its mark, and what must follow for it to be one.

Marks are those of `marks`. Two or three bytes stand in any large file by chance, so each is believed only with more:
checksums of headers, fields that have few legal values, and for gzip a block that inflates. Sources: RFC 1952,
RFC 8878, the xz file format 1.1.0, 7zFormat, [MS-CAB], APPNOTE, the RAR notes, the LZ4 frame format, cpio(5), ar(5),
rpm's lead.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TypeAlias

from pkgscan.archive.formats import HEAD, detect
from pkgscan.archive.marks import ARCHIVES, COMPRESSED, UNREAD, Mark
from pkgscan.archive.ole import MAGIC
from pkgscan.patterns import pattern

LOOKAHEAD = 1 << 16  # bytes behind a mark that its check may look at: a first block of gzip is rarely larger

_Check: TypeAlias = Callable[[bytes], bool]

_GZIP_EXTRA, _GZIP_SYSTEMS = frozenset({0, 2, 4}), frozenset({*range(14), 255})
_ENOUGH, _TRIED = 256, 1 << 12  # bytes that inflate without a fault, of so many at most: noise goes wrong before
_XZ_CHECKS = frozenset({0, 1, 4, 10})
_LARGEST_BLOCK = 1 << 17  # bytes of a zstd block
_ZIP_NEWEST = 63  # version 6.3, the highest that APPNOTE gives
_ZIP_METHODS = frozenset({*range(20), *range(93, 100)})
_CAB_HEADER, _XAR_HEADER = 36, 28
_CPIO_HEADER, _DIGITS = 76, b"0123456789ABCDEFabcdef"  # the shortest; others go on with digits
_GPG = "data encrypted with gpg"
_BLOCK = 512


def _is_gzip(data: bytes) -> bool:
    if data[3] & 0xE0 or data[8] not in _GZIP_EXTRA or data[9] not in _GZIP_SYSTEMS:
        return False
    try:
        zlib.decompressobj(wbits=31).decompress(data[:_TRIED], _ENOUGH)
    except zlib.error:
        return False
    return True


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


def _gpg_follows(data: bytes) -> bool:
    """A packet with a key from a passphrase: cipher, kind and hash."""
    return 7 <= data[3] <= 11 and data[4] == 3 and data[5] in {2, *range(8, 12)}  # noqa: PLR2004  # RFC 9580's numbers


def _is_rar(data: bytes) -> bool:
    return data[6:7] == b"\0" or data[6:8] == b"\1\0"


def _is_rpm(data: bytes) -> bool:
    """The lead: version, and whether it is a source package."""
    return data[4] in {3, 4} and not data[6] and data[7] in {0, 1}


def _is_cpio(data: bytes) -> bool:
    """Nothing but digits, and no padding: that stands behind the constants of programs."""
    return not data[:_CPIO_HEADER].translate(None, _DIGITS)


def _is_xar(data: bytes) -> bool:
    return data[5] == _XAR_HEADER and data[7] == 1


def _is_squashfs(data: bytes) -> bool:
    return data[28:32] == b"\4\0\0\0"


# What must hold of a format besides what its mark fits at the start of a content, where little is left to chance.
_PROOFS: dict[str, _Check] = {
    "gzip": _is_gzip, "xz": _is_xz, "zstd": _is_zstd, "lz4": _is_lz4, "zip": _is_zip, "7z": _is_7z, "cab": _is_cab,
    "deb": _is_ar, "ar": _is_ar, "rar": _is_rar, "rpm": _is_rpm, "xar": _is_xar, "cpio": _is_cpio,
    "squashfs": _is_squashfs, "lzma": lambda data: detect(data[:HEAD]) == "lzma",
}  # fmt: skip
# Marks that other bytes hold by chance, or that mean another thing there: a frame to be skipped, an empty archive.
_NOT_INSIDE = frozenset({
    b"\xc7\x71", b"\x71\xc7", b"PK\5\6", b"PK\7\x08", b"PK00PK\3\4", b"\x02\x21\x4c\x18",
    *(bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60)),
})  # fmt: skip
_UNREAD_INSIDE = frozenset({b"hsqs", b"\x89LZO\0\r\n\x1a\n", b"LRZI"})
# What begins nothing that is unpacked from a file of its own, and may follow a script all the same.
_OTHERS = (
    Mark(b"]\0\0", "lzma"),
    Mark(MAGIC, "ole"),
    Mark(b"\x7fELF", "program", lambda data: data[4] in {1, 2} and data[5] in {1, 2} and data[6] == 1),
    Mark(b"Salted__", "data encrypted with openssl"),
    Mark(b"\x8c\x0d\x04", _GPG, _gpg_follows),
    Mark(b"\xc3\x0d\x04", _GPG, _gpg_follows),
)
# Formats whose mark is only strong enough at the start of a line.
_AT_LINE = frozenset({"lzma", "compress", "program", "data encrypted with openssl", _GPG})
_INSIDE = (
    *(mark for mark in (*ARCHIVES, *COMPRESSED) if not mark.at and mark.magic not in _NOT_INSIDE),
    *(mark for mark in UNREAD if mark.magic in _UNREAD_INSIDE),
    *_OTHERS,
)
_BY_MAGIC = {mark.magic: mark for mark in _INSIDE}
# Without groups, so that the first bytes of all are looked for as a set: that is ten times as fast.
# The longest first, for a deb begins with the mark of an ar.
_ANY = pattern(b"|".join(re.escape(magic) for magic in sorted(_BY_MAGIC, key=len, reverse=True)))
_USTAR = 257  # where a tar header has its mark
MOST_CHECKED = 100  # marks that prove to be none; real files hold a handful, and the next one is then believed
MOST_MET = 100_000  # marks that what follows does not fit, told at a glance; the next one is taken to fit
_FITTED = 128  # bytes that such a glance needs at most
_SHORTEST = 40  # bytes; no archive is as short, and no check looks at a fixed place behind it


def first_archive(data: bytes, stop: int) -> tuple[str, int] | None:
    """(format, place) of the first archive that begins in `data` before `stop`; what is behind serves the checks."""
    tar = _first_tar(data, stop)
    failed = met = 0
    for found in _ANY.finditer(data, 0, min(len(data), stop + _BLOCK)):
        at = found.start()
        if at >= (stop if tar < 0 else tar) or len(data) - at < _SHORTEST:
            break
        mark = _BY_MAGIC[found[0]]
        if mark.form in _AT_LINE and at and data[at - 1] != ord("\n"):
            continue
        met += 1
        if met <= MOST_MET and not mark.begins(data[at : at + _FITTED]):
            continue
        proof = _PROOFS.get(mark.form)
        if failed >= MOST_CHECKED or proof is None or proof(data[at : at + LOOKAHEAD]):
            return mark.form, at
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
