"""The marks of archive formats, each with what the bytes behind it must be: the one home of both.

A mark of a few bytes also begins other content, and one of letters also a text. So each weak one comes with a check of
the fields behind it that have few legal values. A check takes bytes that are missing for right, since an archive that
is cut short is one all the same. Sources: bzip2(1), the lzip manual, compress.h of ncompress, cpio(5), xar's header,
the squashfs superblock, the notes on ARJ, ACE and LHA headers, pack(1) as gzip reads it, ECMA-119, RFC 1952 and
RFC 8878.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from pkgscan.archive.ole import is_msi

Check: TypeAlias = Callable[[bytes], bool]

CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))  # what texts do not hold
_TOLD = 32  # bytes at the beginning of any format in which there is one that no text has

_BZIP2_BLOCK, _BZIP2_END = b"1AY&SY", b"\x17rE8P\x90"
_LZIP_SMALLEST, _LZIP_LARGEST = 12, 29  # powers of two
_HEXADECIMAL, _OCTAL = b"0123456789ABCDEFabcdef \0", b"01234567 \0"  # padding counts as a digit to unpackers
_NEWC_END, _ODC_END = 110, 76  # bytes of the headers
_OLD_CPIO_HEADER, _LONGEST_NAME = 26, 4096
_LOW = 0xC7  # of 0o070707, which the mark is
_LITTLE, _BIG = struct.Struct("<H12xH"), struct.Struct(">H12xH")  # mode, and length of the name
_FILE_TYPES = frozenset({1, 2, 4, 6, 8, 10, 12})  # the highest four bits of a mode
_SQUASHFS_VERSION, _SQUASHFS_NEWEST = 28, 4
_ARJ_HEADER, _ARJ_FIRST, _ARJ_MAIN = range(30, 2601), 30, b"\2"  # bytes of a header; type of the first
_PACK_DEEPEST = 25  # levels of a tree
_LHA_LEVELS, _ISO_TYPES = b"\0\1\2\3", b"\0\1\2\3\xff"
DISK_IMAGE_TRAILER = 512  # bytes at the end of a dmg
DISK_IMAGE = b"koly\0\0\0\4\0\0\2\0"  # what they begin with: mark, version, size


class Mark(msgspec.Struct, frozen=True):
    """Bytes at `at`, the format or compression they mean, and what the whole head must fit."""

    magic: bytes
    form: str
    fits: Check | None = None
    at: int = 0

    def begins(self, head: bytes) -> bool:
        """Whether a content that starts with `head` is in this format."""
        return head.startswith(self.magic, self.at) and (self.fits is None or self.fits(head))


def _is_data(head: bytes, mark: int = 4) -> bool:
    """Whether a mark of letters, which ends at byte `mark` at the latest, is followed by more than text."""
    behind = head[mark:_TOLD]
    return not behind or len(behind.translate(None, CONTROLS)) < len(behind)


def _bzip2(head: bytes) -> bool:
    begins = head[4:10]
    return (
        head[3:4].isdigit() and head[3:4] != b"0" and (_BZIP2_BLOCK.startswith(begins) or _BZIP2_END.startswith(begins))
    )


def _lzip(head: bytes) -> bool:
    return head[4:5] in b"\0\1" and all(_LZIP_SMALLEST <= byte & 0x1F <= _LZIP_LARGEST for byte in head[5:6])


def _compress(head: bytes) -> bool:
    """The third byte says up to how many bits a code has; the first code is a plain byte."""
    widest = all(9 <= byte & 0x1F <= 16 and not byte & 0x60 for byte in head[2:3])  # noqa: PLR2004  # bits of a code
    return widest and not any(byte & 1 for byte in head[4:5])


def _reserved_compress(head: bytes) -> bool:
    """The same with bits set that mean nothing: gzip reads it with a warning, and libarchive does not."""
    return any(byte & 0x60 for byte in head[2:3]) and _compress(head[:2] + bytes((head[2] & 0x9F,)) + head[3:])


def _old_gzip(head: bytes) -> bool:
    """The method, and flags that are none of gzip's."""
    return not any(byte & 0xE0 for byte in head[3:4])


def _newc(head: bytes) -> bool:
    return _are_digits(head[6:_NEWC_END], _HEXADECIMAL)


def _odc(head: bytes) -> bool:
    return _are_digits(head[6:_ODC_END], _OCTAL)


def _are_digits(fields: bytes, digits: bytes) -> bool:
    """Whether fields are digits but for a few: a damaged header is one all the same, and a text has more others."""
    return len(fields.translate(None, digits)) <= len(fields) // 8


def _old_cpio(head: bytes) -> bool:
    """A binary header, whose mark has two bytes: its name has a length, and is ended, or its file has a type."""
    if len(head) < _OLD_CPIO_HEADER:
        return b"\0" in head or len(head) == 2  # noqa: PLR2004  # the mark alone
    fields = _LITTLE if head[0] == _LOW else _BIG
    mode, length = fields.unpack_from(head, 6)
    end = _OLD_CPIO_HEADER + length
    return 0 < length <= _LONGEST_NAME and (mode >> 12 in _FILE_TYPES or head[end - 1 : end] in b"\0")


def _xar(head: bytes) -> bool:
    """Size of the header and version, of which neither needs its first byte."""
    return head[4:5] in b"\0" and head[6:7] in b"\0"


def _squashfs(head: bytes) -> bool:
    """Its version stands there as a number of two bytes, in either order."""
    version = bytes(sorted(head[_SQUASHFS_VERSION : _SQUASHFS_VERSION + 2]))
    return _is_data(head) and (len(version) < 2 or (not version[0] and 0 < version[1] <= _SQUASHFS_NEWEST))  # noqa: PLR2004


def _lrzip(head: bytes) -> bool:
    return head[4:5] in b"\0" and head[5:6] < b"\x10"


def _arj(head: bytes) -> bool:
    is_sized = len(head) < 4 or int.from_bytes(head[2:4], "little") in _ARJ_HEADER  # noqa: PLR2004
    return is_sized and all(byte >= _ARJ_FIRST for byte in head[4:5]) and head[10:11] in _ARJ_MAIN


def _pack(head: bytes) -> bool:
    return all(0 < byte <= _PACK_DEEPEST for byte in head[6:7])


def _lha(head: bytes) -> bool:
    return head[6:7] == b"-" and head[20:21] in _LHA_LEVELS and _is_data(head, 7)


def _ace(head: bytes) -> bool:
    return not head[4]


def _volume(head: bytes) -> bool:
    return head[32768:32769] in _ISO_TYPES


def _installer(head: bytes) -> bool:
    return bool(is_msi(head))  # documents are no archives


ARCHIVES: tuple[Mark, ...] = (
    Mark(b"PK\x03\x04", "zip"),
    Mark(b"PK\x07\x08", "zip"),  # the first part of one that is split into volumes
    Mark(b"PK00PK\x03\x04", "zip"),  # one that was to be split and fitted into one volume
    Mark(b"PK\x05\x06", "zip"),  # an empty zip is its end record alone
    Mark(b"!<arch>\ndebian-binary", "deb"),
    Mark(b"!<arch>\n", "ar"),
    Mark(b"\xed\xab\xee\xdb", "rpm"),
    Mark(b"070701", "cpio", _newc),
    Mark(b"070702", "cpio", _newc),
    Mark(b"070707", "cpio", _odc),
    Mark(b"\xc7\x71", "cpio", _old_cpio),
    Mark(b"\x71\xc7", "cpio", _old_cpio),
    Mark(b"7z\xbc\xaf\x27\x1c", "7z"),
    Mark(b"Rar!\x1a\x07", "rar"),
    Mark(b"MSCF\x00\x00\x00\x00", "cab"),
    Mark(b"xar!", "xar", _xar),
    Mark(b"-lh", "lha", _lha, 2),
    Mark(b"-lz", "lha", _lha, 2),
    Mark(b"-pm", "lha", _lha, 2),
    Mark(b"CD001", "iso9660", _volume, 32769),
)
COMPRESSED: tuple[Mark, ...] = (
    Mark(b"\x1f\x8b\x08", "gzip"),
    Mark(b"BZh", "bzip2", _bzip2),
    Mark(b"\xfd7zXZ\x00", "xz"),
    Mark(b"\x28\xb5\x2f\xfd", "zstd"),
    Mark(b"\x04\x22\x4d\x18", "lz4"),
    Mark(b"\x02\x21\x4c\x18", "lz4"),  # its legacy frame
    Mark(b"LZIP", "lzip", _lzip),
    Mark(b"\x1f\x9d", "compress", _compress),
    # A frame to be skipped, which may stand before the data (RFC 8878, section 3.1.2); lz4 has the same.
    *(Mark(bytes((low, 0x2A, 0x4D, 0x18)), "zstd") for low in range(0x50, 0x60)),
)
# Formats that are recognised and not read yet, so that they are said and never passed over in silence.
UNREAD: tuple[Mark, ...] = (
    Mark(b"LRZI", "lrzip", _lrzip),
    Mark(b"\x89LZO\x00\x0d\x0a\x1a\x0a", "lzop"),
    Mark(b"GRZipII\x00", "grzip"),
    Mark(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "msi", _installer),
    Mark(b"\x1f\xa0", "compress"),  # gzip's old -H
    Mark(b"\x1f\x9d", "compress", _reserved_compress),
    Mark(b"\x1f\x9e\x08", "gzip 0.5", _old_gzip),
    Mark(b"\x1f\x1e", "pack", _pack),
    Mark(b"\x60\xea", "arj", _arj),
    Mark(b"hsqs", "squashfs", _squashfs),
    Mark(b"sqsh", "squashfs", _squashfs),
    Mark(b"shsq", "squashfs", _squashfs),
    Mark(b"qshs", "squashfs", _squashfs),
    Mark(b"\x45\x3d\xcd\x28", "cramfs"),
    Mark(b"\x28\xcd\x3d\x45", "cramfs"),
    Mark(b"-rom1fs-", "romfs", _is_data),
    Mark(b"MSWIM\x00\x00\x00", "wim"),
    Mark(b"QFI\xfb", "qcow", _is_data),
    Mark(b"KDMV", "vmdk", _is_data),
    Mark(b"COWD", "vmdk", _is_data),
    Mark(b"conectix", "vhd", _is_data),
    Mark(b"vhdxfile", "vhdx", _is_data),
    Mark(b"**ACE**", "ace", _ace, 7),
    Mark(b"\x7f\x10\xda\xbe", "vdi", None, 64),
    Mark(b"\xe2\xe1\xf5\xe0", "erofs", None, 1024),
    Mark(b"BEA01", "udf", _volume, 32769),
)
