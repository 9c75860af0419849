"""Which archive format some bytes are in: by content, never by name."""

from __future__ import annotations

_ZIP_END = b"PK\5\6"
HEAD = 512  # bytes needed to tell every format below: a tar header ends there

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
)
_COMPRESSIONS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
COMPRESSIONS = frozenset(name for _, name in _COMPRESSIONS)
SEEKING = frozenset({"zip"})  # formats whose directory stands at the end

# Formats that are recognised and not read yet, so that they are said and never passed over in silence.
_UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\x00\x00\x00\x00", "cab"),
    (b"xar!", "xar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lzip"),
    (b"\x1f\x9d", "compress"),
    (b"LRZI", "lrzip"),
    (b"\x89LZO\x00\x0d\x0a\x1a\x0a", "lzop"),
    (b"GRZipII\x00", "grzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)
_FIRST = frozenset(magic[:1] for magic, _ in (*_ARCHIVES, *_COMPRESSIONS, *_UNREAD))
_FIRST_BYTES = frozenset(first[0] for first in _FIRST)


_OCTAL = frozenset(b"01234567 \0")


def detect(head: bytes | memoryview) -> str:
    """The format of content that starts with `head`: `HEAD` bytes, if there are as many. Empty: none that is read."""
    if not head:
        return ""
    if head[0] in _FIRST_BYTES:
        start = bytes(head[:24])
        for magic, name in (*_ARCHIVES, *_COMPRESSIONS):
            if start.startswith(magic):
                return name if name != "bzip2" or start[3:4].isdigit() else ""
    # In a tar header a checksum in octal digits stands at 148: two looks spare nearly all other content the rest.
    return "tar" if len(head) >= HEAD and head[150] in _OCTAL and head[153] in _OCTAL and is_tar_header(head) else ""


def is_plain(content: bytes) -> bool:
    """Whether a whole content is no archive in any way: not by its head, not by its end, not one that is not read."""
    # One byte of the end record's mark is looked for first: that is ten times as fast, and few texts have it.
    if content.find(5) >= 0 and _ZIP_END in content:
        return False
    known = content[:1] in _FIRST and (detect(content) or unread_format(content))
    return not known and not (len(content) >= HEAD and detect(content))


def unread_format(head: bytes | memoryview) -> str:
    """The format of an archive that pkgscan recognises and cannot read, or an empty string."""
    if not head or head[0] not in _FIRST_BYTES:
        return ""
    start = bytes(head[:24])
    return next((name for magic, name in _UNREAD if start.startswith(magic)), "")


def is_tar_header(head: bytes | memoryview) -> bool:
    """Whether a block of 512 bytes is a tar header: by its ustar mark, or in old tars by its checksum alone."""
    if head[257:262] == b"ustar":
        return True
    field = bytes(head[148:156]).strip(b" \0")
    if len(field) < 3 or not field.isdigit() or not head[0]:  # noqa: PLR2004  # a real checksum has at least 3 digits
        return False
    try:
        stated = int(field, 8)
    except ValueError:
        return False
    block = bytes(head[:HEAD])
    return stated == sum(block[:148]) + 8 * 32 + sum(block[156:])
