"""Names the file system or disk that a content is an image of: none of them is read, and each is said.

Boot sectors and superblocks have no long mark each, so the fields beside the mark must be what drivers accept. Sources:
the layouts that ext4, XFS, F2FS and HFS Plus document, the FAT specification, UEFI chapter 5, the LUKS formats.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

LEAST = 4096  # bytes of the smallest image: no file system here fits into fewer

_SECTOR_SIZES, _CLUSTERS = frozenset({512, 1024, 2048, 4096}), frozenset(1 << bit for bit in range(8))
_BOOT_MARK, _BOOT_MARK_AT = b"\x55\xaa", 510
_JUMPS = (b"\xeb", b"\xe9")  # what a boot sector of DOS begins with
_PARTITIONS, _PARTITION_SIZE = 446, 16
_SUPERBLOCK = 1024
_EXT_MARK, _EXT_AT = b"\x53\xef", _SUPERBLOCK + 56
_EXT_LARGEST_BLOCK, _EXT_NEWEST, _EXT_STATES, _EXT_MAKERS = 6, 1, 7, 4  # blocks by the power of two over 1 KiB

_AT_START = ((b"LUKS\xba\xbe\0", "luks"), (b"XFSB\0\0", "xfs"), (b"UBI#\1\0\0\0", "ubi"), (b"WARC/1.", "warc"))
_IN_SUPERBLOCK = ((b"H+\0\4", "hfs+"), (b"HX\0\5", "hfs+"), (b"\x10\x20\xf5\xf2", "f2fs"))


def disk_image(head: bytes | memoryview) -> str:
    """The file system, or kind of disk, that a content is an image of by its first `LEAST` bytes; empty: of none."""
    if len(head) < LEAST:
        return ""
    start = bytes(head[:LEAST])
    named = next((name for mark, name in _AT_START if start.startswith(mark)), "")
    return named or next((name for name, fits in _CHECKS if fits(start)), "") or _by_superblock(start)


def _by_superblock(start: bytes) -> str:
    return next((name for mark, name in _IN_SUPERBLOCK if start.startswith(mark, _SUPERBLOCK)), "")


def _is_ext(start: bytes) -> bool:
    """Its mark has two bytes: the size of its blocks, its state, the system that made it and its version must fit."""
    if not start.startswith(_EXT_MARK, _EXT_AT):
        return False
    (block,) = struct.unpack_from("<L", start, _SUPERBLOCK + 24)
    (state,) = struct.unpack_from("<H", start, _EXT_AT + 2)
    maker, version = struct.unpack_from("<2L", start, _SUPERBLOCK + 72)
    return bool(
        block <= _EXT_LARGEST_BLOCK and state <= _EXT_STATES and maker <= _EXT_MAKERS and version <= _EXT_NEWEST
    )


def _is_fat(start: bytes) -> bool:
    sector, cluster, reserved, copies = struct.unpack_from("<HBHB", start, 11)
    named = start.startswith(b"FAT1", 54) or start.startswith(b"FAT32", 82)
    sized = sector in _SECTOR_SIZES and cluster in _CLUSTERS and reserved > 0 and copies > 0
    return _boots(start) and sized and named


def _boots(start: bytes) -> bool:
    return start.startswith(_BOOT_MARK, _BOOT_MARK_AT) and start.startswith(_JUMPS)


def _is_partitioned(start: bytes) -> bool:
    """A table of four, of which each is empty or a part of the disk; a boot sector alone has four empty ones."""
    if not start.startswith(_BOOT_MARK, _BOOT_MARK_AT):
        return False
    table = start[_PARTITIONS:_BOOT_MARK_AT]
    parts = [table[at : at + _PARTITION_SIZE] for at in range(0, len(table), _PARTITION_SIZE)]
    used = [part for part in parts if part[4]]
    return bool(used) and all(part[0] in b"\0\x80" for part in parts) and all(any(part[12:]) for part in used)


_CHECKS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("ext", _is_ext),
    ("fat", _is_fat),
    ("ntfs", lambda start: _boots(start) and start.startswith(b"NTFS    ", 3)),
    ("exfat", lambda start: _boots(start) and start.startswith(b"EXFAT   ", 3)),
    ("disk with a GUID partition table", lambda start: start.startswith(b"EFI PART", 512)),
    ("apfs", lambda start: start.startswith(b"NXSB", 32)),
    ("partitioned disk", _is_partitioned),
)
