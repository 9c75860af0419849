"""Which archive format some bytes are in: by content, never by name."""

from __future__ import annotations

from pkgscan.archive.ole import is_msi

_ZIP_END = b"PK\5\6"
HEAD = 512  # bytes needed to tell every format that is read: a tar header ends there
FAR_HEAD = (
    32898  # bytes needed to tell every format below: an ISO 9660 volume is named, and its size stated, at sector 16
)

# Magic at the start, and the format or the compression it means.
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x07\x08", "zip"),  # the first part of one that is split into volumes
    (b"PK00PK\x03\x04", "zip"),  # one that was to be split and fitted into one volume
    (b"PK\x05\x06", "zip"),  # an empty zip is its end record alone
    (b"!<arch>\ndebian-binary", "deb"),
    (b"!<arch>\n", "ar"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"070701", "cpio"),
    (b"070702", "cpio"),
    (b"070707", "cpio"),
    (b"\xc7\x71", "cpio"),
    (b"\x71\xc7", "cpio"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\x00\x00\x00\x00", "cab"),
    (b"xar!", "xar"),
)
# The same for marks that stand further behind.
_ARCHIVES_AT: tuple[tuple[int, bytes, str], ...] = (
    (2, b"-lh", "lha"),
    (2, b"-lz", "lha"),
    (2, b"-pm", "lha"),
    (32769, b"CD001", "iso9660"),
)
_COMPRESSIONS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "lz4"),  # its legacy frame
    (b"LZIP", "lzip"),
    (b"\x1f\x9d", "compress"),
    # A frame to be skipped, which may stand before the data (RFC 8878, section 3.1.2); lz4 has the same.
    *((bytes((low, 0x2A, 0x4D, 0x18)), "zstd") for low in range(0x50, 0x60)),
)
COMPRESSIONS = frozenset(name for _, name in _COMPRESSIONS) | {"lzma"}
# Formats whose directory stands at the end, or whose reader goes to and fro.
SEEKING = frozenset({"zip", "7z", "rar", "cab", "xar", "iso9660"})

READ = frozenset(name for *_, name in (*_ARCHIVES, *_ARCHIVES_AT, *_COMPRESSIONS)) | {"lzma", "tar"}

# Formats that are recognised and not read yet, so that they are said and never passed over in silence.
_UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"LRZI", "lrzip"),
    (b"\x89LZO\x00\x0d\x0a\x1a\x0a", "lzop"),
    (b"GRZipII\x00", "grzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\xa0", "compress"),  # gzip's old -H
    (b"\x1f\x1e", "pack"),
    (b"\x60\xea", "arj"),
    (b"hsqs", "squashfs"),
    (b"sqsh", "squashfs"),
    (b"shsq", "squashfs"),
    (b"qshs", "squashfs"),
    (b"\x45\x3d\xcd\x28", "cramfs"),
    (b"\x28\xcd\x3d\x45", "cramfs"),
    (b"-rom1fs-", "romfs"),
    (b"MSWIM\x00\x00\x00", "wim"),
    (b"QFI\xfb", "qcow"),
    (b"KDMV", "vmdk"),
    (b"COWD", "vmdk"),
    (b"conectix", "vhd"),
    (b"vhdxfile", "vhdx"),
)
# The same for marks that stand further behind.
_UNREAD_AT: tuple[tuple[int, bytes, str], ...] = (
    (7, b"**ACE**", "ace"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
    (1024, b"\xe2\xe1\xf5\xe0", "erofs"),
    (32769, b"BEA01", "udf"),
)
_FIRST = frozenset(magic[:1] for magic, _ in (*_ARCHIVES, *_COMPRESSIONS, *_UNREAD))
_FIRST_BYTES = frozenset(first[0] for first in _FIRST)

_MARKS = tuple({(at, magic[0]) for at, magic, _ in (*_ARCHIVES_AT, *_UNREAD_AT)})

_OCTAL = frozenset(b"01234567")
_BLANK = frozenset(b" \t\n\v\f\r")
_SUM_BEGINS = _OCTAL | _BLANK | {0}
_SUM, _SUM_END = 148, 156  # of the checksum field in a tar header
_FEWEST_DIGITS = 3  # of a checksum: the blanks in its own place alone add up to 0400

_LZMA_HEAD = 14  # bytes: properties, dictionary size, size, and the first byte of the data, which is always zero
_LZMA_PROPERTIES = 0x5D  # what every encoder writes unless told otherwise; other bytes begin too much that is no lzma
_LZMA_SMALLEST, _LZMA_LARGEST = 1 << 12, 1 << 38  # a dictionary; a content whose size is stated, as xz has it
_UNKNOWN_SIZE = (1 << 64) - 1
_ARJ_HEADER = range(30, 2601)  # bytes of an ARJ archive's first header
_DISK_IMAGE_TRAILER = 512  # bytes at the end of a dmg, which begin with its mark
_LHA_MARK = 5  # bytes: -lh5-


def detect(head: bytes | memoryview) -> str:
    """The format of content that starts with `head`, `FAR_HEAD` bytes of it if there are as many; empty: none is read.

    `HEAD` bytes are enough for all but an ISO 9660 volume.
    """
    if not head:
        return ""
    if head[0] in _FIRST_BYTES:
        start = bytes(head[:24])
        for magic, name in (*_ARCHIVES, *_COMPRESSIONS):
            if start.startswith(magic):
                return name if name != "bzip2" or start[3:4].isdigit() else ""
    if head[0] == _LZMA_PROPERTIES and len(head) >= _LZMA_HEAD and not head[13] and _is_lzma(head):
        return "lzma"
    # In a tar header a checksum in octal digits stands at 148: two looks spare nearly all other content the rest.
    if len(head) >= HEAD and head[_SUM] in _SUM_BEGINS and head[_SUM + 2] in _SUM_BEGINS and is_tar_header(head):
        return "tar"
    return _marked(head, _ARCHIVES_AT)


def is_plain(content: bytes) -> bool:
    """Whether a whole content is no archive in any way: not by its head, not by its end, not one that is not read.

    Asked of every small member, so single bytes are looked at first: each spares nearly all texts a closer look.
    """
    if content.find(5) >= 0 and _ZIP_END in content:
        return False
    size = len(content)
    if size and (content[0] in _FIRST_BYTES or content[0] == _LZMA_PROPERTIES):
        return not (detect(content) or unread_format(content, content))
    if size >= HEAD and content[_SUM] in _SUM_BEGINS and content[_SUM + 2] in _SUM_BEGINS and detect(content):
        return False
    for at, byte in _MARKS:
        if size > at and content[at] == byte and (detect(content) or unread_format(content)):
            return False
    return content[-_DISK_IMAGE_TRAILER:][:4] != b"koly"


def unread_format(head: bytes | memoryview, tail: bytes = b"") -> str:
    """The format of an archive that pkgscan recognises and cannot read, or an empty string.

    `head` is the first bytes of a content, `FAR_HEAD` if there are as many; `tail` the last ones.
    """
    if not head:
        return ""
    if head[0] in _FIRST_BYTES:
        start = bytes(head[:24])
        for magic, name in _UNREAD:
            if start.startswith(magic) and name == "ole":
                return "msi" if is_msi(bytes(head)) else ""  # documents are no archives
            if start.startswith(magic):
                return name if name != "arj" or int.from_bytes(start[2:4], "little") in _ARJ_HEADER else ""
    return _marked(head, _UNREAD_AT) or ("dmg" if tail[-_DISK_IMAGE_TRAILER:][:4] == b"koly" else "")


def _marked(head: bytes | memoryview, marks: tuple[tuple[int, bytes, str], ...]) -> str:
    for at, magic, name in marks:
        if head[at : at + len(magic)] == magic and (name != "lha" or head[at + _LHA_MARK - 1 : at + _LHA_MARK] == b"-"):
            return name
    return ""


def _is_lzma(head: bytes | memoryview) -> bool:
    """Whether a content starts as .lzma files do, which have no mark: with what liblzma accepts."""
    dictionary, size = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:13], "little")
    # Only 2^n and 2^n + 2^(n-1) are written, and taken.
    plain = _is_power(dictionary) or (dictionary % 3 == 0 and _is_power(dictionary // 3))
    sized = size == _UNKNOWN_SIZE or 0 < size < _LZMA_LARGEST
    return head[0] == _LZMA_PROPERTIES and dictionary >= _LZMA_SMALLEST and plain and sized


def _is_power(number: int) -> bool:
    return number & (number - 1) == 0


def is_tar_header(head: bytes | memoryview) -> bool:
    """Whether a block of 512 bytes is a tar header: by its ustar mark, or in old tars by its checksum alone.

    The checksum is read as GNU tar reads it: behind blanks and one zero byte, up to whatever is no digit; summed up
    from signed or unsigned bytes, as old tars did either.
    """
    if head[257:262] == b"ustar":
        return True
    field = bytes(head[_SUM:_SUM_END])
    field = field.removeprefix(b"\0").lstrip()
    digits = field[: len(field) - len(field.lstrip(b"01234567"))]
    if len(digits) < _FEWEST_DIGITS:
        return False
    rest = bytes(head[:_SUM]) + b" " * (_SUM_END - _SUM) + bytes(head[_SUM_END:HEAD])
    total = sum(rest)
    return int(digits, 8) in {total, total - 256 * sum(byte >> 7 for byte in rest)}
