"""The records a zip is made of, as PKWARE's APPNOTE.TXT 6.3.10 lays them out, and what the fields in them mean."""

from __future__ import annotations

import struct
import zlib

import msgspec

from pkgscan.model import EntryType

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
LOCATOR64 = b"PK\x06\x07"
DESCRIPTOR = b"PK\x07\x08"

LOCAL_FORM = struct.Struct("<4s5H3L2H")  # section 4.3.7
CENTRAL_FORM = struct.Struct("<4s6H3L5H2L")  # section 4.3.12
END_FORM = struct.Struct("<4s4H2LH")  # section 4.3.16
END64_FORM = struct.Struct("<4sQ2H2L4Q")  # section 4.3.14
LOCATOR64_FORM = struct.Struct("<4sLQL")  # section 4.3.15

FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF  # "look into the zip64 record"

# General purpose flags, section 4.4.4.
ENCRYPTED, STREAMED, PATCH, STRONG, UTF8, MASKED = 1 << 0, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13

ZIP64_FIELD, STRONG_FIELD, UNICODE_PATH_FIELD, AES_FIELD = 0x0001, 0x0017, 0x7075, 0x9901

UNICODE_PATH_HEAD = 5  # bytes: version and checksum of the header name

STORED, DEFLATED, BZIP2, LZMA, OLD_ZSTD, ZSTD, XZ, PPMD, AES = 0, 8, 12, 14, 20, 93, 95, 98, 99
METHODS = {
    0: "store", 1: "shrink", 2: "reduce 1", 3: "reduce 2", 4: "reduce 3", 5: "reduce 4", 6: "implode", 8: "deflate",
    9: "deflate64", 10: "dcl implode", 12: "bzip2", 14: "lzma", 16: "cmpsc", 18: "terse", 19: "lz77", 20: "zstd",
    93: "zstd", 94: "mp3", 95: "xz", 96: "jpeg", 97: "wavpack", 98: "ppmd", 99: "aes",
}  # fmt: skip

DOS_HOST = 0  # what made the archive, section 4.4.2
UNIX_HOSTS = frozenset({3, 19})  # section 4.4.2: UNIX, and OS X (Darwin); both put st_mode into the upper half
DOS_DIRECTORY = 0x10
FILE_TYPES: dict[int, EntryType] = {
    0o040000: "directory", 0o120000: "symlink", 0o020000: "character-device", 0o060000: "block-device",
    0o010000: "fifo", 0o140000: "socket",
}  # fmt: skip


class Central(msgspec.Struct, gc=False):
    """One record of the central directory. `offset` is as declared, `after` is where the next record begins."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    disk: int
    host: int
    attributes: int
    offset: int
    extra: bytes
    after: int


class Local(msgspec.Struct, gc=False):
    """One local header. `data` is where the packed bytes begin."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    needed: int
    data: int
    extra: bytes = b""

    @property
    def sizes_follow(self) -> bool:
        """Whether the sizes stand behind the data instead, so that zeros here mean nothing."""
        return bool(self.flags & STREAMED) and self.crc == 0 and self.packed in {0, FULL32} and self.size in {0, FULL32}


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """The body of the first extra field of an id; None where there is none or the list is broken before it."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + size]
        at += 4 + size
    return None


def wide(extra: bytes, values: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes and offset with each full 32-bit value replaced from the zip64 field, in the order of section 4.5.3."""
    body = extra_field(extra, ZIP64_FIELD)
    if body is None:
        return values
    found: list[int] = []
    at = 0
    for value in values:
        if value == FULL32 and at + 8 <= len(body):
            found.append(int.from_bytes(body[at : at + 8], "little"))
            at += 8
        else:
            found.append(value)
    return tuple(found)


def parse_local(head: bytes, at: int) -> Local | None:
    """The local header that `head` holds, which was read at `at`; None where there is none or it is cut off."""
    if len(head) < LOCAL_FORM.size or head[:4] != LOCAL:
        return None
    _, needed, flags, method, _, _, crc, packed, size, name_size, extra_size = LOCAL_FORM.unpack_from(head)
    name_end = 30 + name_size
    extra = head[name_end : name_end + extra_size]
    if FULL32 in {packed, size}:
        size, packed = wide(extra, (size, packed))
    return Local(head[30:name_end], flags, method, crc, packed, size, needed, at + name_end + extra_size, extra)


def header_size(head: bytes) -> int:
    """How many bytes the local header that starts `head` takes; 0 where there is none."""
    if len(head) < LOCAL_FORM.size or head[:4] != LOCAL:
        return 0
    return 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")


def dos_path(name: bytes, host: int) -> bytes:
    """A name with the slashes that unpackers give it: DOS programs write backslashes, against section 4.4.17.1.

    Info-ZIP, 7-Zip and libarchive turn them where the maker was DOS and no other slash is in the name.
    """
    return name.replace(b"\\", b"/") if host == DOS_HOST and b"/" not in name else name


def utf8_name(name: bytes, flags: int) -> bytes:
    """A name as UTF-8 bytes.

    Flagged names are kept as they are, valid or not; so are unflagged ones that happen to be valid UTF-8, which is what
    unix tools write. Anything else is code page 437, section 4.4.4 bit 11, where every byte is some character.
    """
    if flags & UTF8 or name.isascii():
        return name
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437").encode("utf-8")
    return name


def unicode_path(name: bytes, extra: bytes) -> bytes | None:
    """The name in the Info-ZIP Unicode path field (section 4.6.9), if it belongs to this header name and differs."""
    if b"up" not in extra:
        return None
    body = extra_field(extra, UNICODE_PATH_FIELD)
    if (
        body is None
        or len(body) <= UNICODE_PATH_HEAD
        or body[0] != 1
        or int.from_bytes(body[1:5], "little") != zlib.crc32(name)
    ):
        return None
    return body[5:] if body[5:] != name else None


def entry_type(name: bytes, host: int, attributes: int, size: int) -> EntryType:
    """What an entry is: a trailing slash wins, as in every unpacker, then the unix mode, then the DOS attribute."""
    if name[-1:] == b"/":
        return "directory"
    if host in UNIX_HOSTS and attributes >> 28:
        return FILE_TYPES.get(attributes >> 16 & 0o170000, "file")
    return "directory" if attributes & DOS_DIRECTORY and size == 0 else "file"
