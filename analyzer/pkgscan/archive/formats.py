"""Which archive format some bytes are in: by content, never by name."""

from __future__ import annotations

from pkgscan.archive.disks import LEAST, disk_image
from pkgscan.archive.marks import ARCHIVES, COMPRESSED, DISK_IMAGE, DISK_IMAGE_TRAILER, UNREAD, Mark

_ZIP_END = b"PK\5\6"
HEAD = 512  # bytes needed to tell every format that is read: a tar header ends there
# Bytes needed to tell every format: an ISO 9660 volume is named at sector 16, and its size is stated behind that.
FAR_HEAD = 32898

COMPRESSIONS = frozenset(mark.form for mark in COMPRESSED) | {"lzma"}
# Formats whose directory stands at the end, or whose reader goes to and fro.
SEEKING = frozenset({"zip", "7z", "rar", "cab", "xar", "iso9660"})
READ = frozenset(mark.form for mark in (*ARCHIVES, *COMPRESSED)) | {"lzma", "tar"}


def _at_start(marks: tuple[Mark, ...]) -> dict[int, tuple[Mark, ...]]:
    """The marks that begin a content, by their first byte."""
    first = {mark.magic[0] for mark in marks if not mark.at}
    return {byte: tuple(mark for mark in marks if not mark.at and mark.magic[0] == byte) for byte in first}


_READ_AT_START, _UNREAD_AT_START = _at_start((*ARCHIVES, *COMPRESSED)), _at_start(UNREAD)
_FIRST_BYTES = frozenset(_READ_AT_START) | frozenset(_UNREAD_AT_START)
_READ_FURTHER = tuple(mark for mark in ARCHIVES if mark.at)
_UNREAD_FURTHER = tuple(mark for mark in UNREAD if mark.at)
_FURTHER = tuple({(mark.at, mark.magic[0]) for mark in (*_READ_FURTHER, *_UNREAD_FURTHER)})

_OCTAL = frozenset(b"01234567")
_BLANK = frozenset(b" \t\n\v\f\r")
_SUM_BEGINS = _OCTAL | _BLANK | {0}
_SUM, _SUM_END = 148, 156  # of the checksum field in a tar header
_FEWEST_DIGITS = 3  # of a checksum: the blanks in its own place alone add up to 0400

_LZMA_HEAD = 14  # bytes: properties, dictionary size, size, and the first byte of the data, which is always zero
_LZMA_PROPERTIES = 0x5D  # what every encoder writes unless told otherwise; other bytes begin too much that is no lzma
_LZMA_SMALLEST, _LZMA_LARGEST = 1 << 12, 1 << 38  # a dictionary; a content whose size is stated, as xz has it
_UNKNOWN_SIZE = (1 << 64) - 1


def detect(head: bytes | memoryview) -> str:
    """The format of content that starts with `head`, `FAR_HEAD` bytes of it if there are as many; empty: none is read.

    `HEAD` bytes are enough for all but an ISO 9660 volume.
    """
    if not head:
        return ""
    if form := _named(head, _READ_AT_START):
        return form
    if head[0] == _LZMA_PROPERTIES and len(head) >= _LZMA_HEAD and not head[13] and _is_lzma(head):
        return "lzma"
    # In a tar header a checksum in octal digits stands at 148: two looks spare nearly all other content the rest.
    if len(head) >= HEAD and head[_SUM] in _SUM_BEGINS and head[_SUM + 2] in _SUM_BEGINS and is_tar_header(head):
        return "tar"
    return _further(head, _READ_FURTHER)


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
    for at, byte in _FURTHER:
        if size > at and content[at] == byte and (detect(content) or unread_format(content)):
            return False
    if size >= LEAST and disk_image(content):
        return False
    return not content.startswith(DISK_IMAGE, max(0, size - DISK_IMAGE_TRAILER))


def unread_format(head: bytes | memoryview, tail: bytes = b"") -> str:
    """The format of an archive that pkgscan recognises and cannot read, or an empty string.

    `head` is the first bytes of a content, `FAR_HEAD` if there are as many; `tail` the last ones.
    """
    if not head:
        return ""
    if form := _named(head, _UNREAD_AT_START) or _further(head, _UNREAD_FURTHER):
        return form
    return "dmg" if tail[-DISK_IMAGE_TRAILER:].startswith(DISK_IMAGE) else disk_image(head)


def _named(head: bytes | memoryview, marks: dict[int, tuple[Mark, ...]]) -> str:
    candidates = marks.get(head[0])
    if candidates is None:
        return ""
    start = bytes(head)
    return next((mark.form for mark in candidates if mark.begins(start)), "")


def _further(head: bytes | memoryview, marks: tuple[Mark, ...]) -> str:
    for mark in marks:
        if head[mark.at : mark.at + len(mark.magic)] == mark.magic and mark.begins(bytes(head)):
            return mark.form
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
