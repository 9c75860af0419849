"""The fields of a tar's header and the records of a pax header, as libarchive takes them.

Sources: pax(1), ustar and pax interchange format; tar(5) of FreeBSD; and the tools, where these leave something open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pkgscan.archive.capabilities import ATTRIBUTE, capabilities_text, decoded

BLOCK = 512
NAME_END, SIZE, SIZE_END, SUM, TYPE, LINK_END, MAGIC = 100, 124, 136, 148, 156, 257, 257
MOST_SIZE_DIGITS = 19  # of a 64-bit number
SPARSE_NAME, _MAPS = b"GNU.sparse.name", (b"GNU.sparse.major", b"GNU.sparse.map", b"GNU.sparse.numblocks")
SPARSE_SIZES = (b"GNU.sparse.realsize", b"GNU.sparse.size")
CAPABILITIES, CODED_CAPABILITIES = b"SCHILY.xattr." + ATTRIBUTE, b"LIBARCHIVE.xattr." + ATTRIBUTE
# Keys of the records that restate what the header says, or add to it what matters.
SAID = frozenset((
    b"path", b"linkpath", b"size", SPARSE_NAME, *SPARSE_SIZES, *_MAPS, CAPABILITIES, CODED_CAPABILITIES,
))  # fmt: skip

PREFIX, _PREFIX_END = 345, 500
_ATIME_END = 357  # GNU tar keeps times where ustar has the prefix
_OCTAL = re.compile(rb"[ \t]*(-?[0-7]*)")
# What all readers take for one number: digits up to a space or NUL, with nothing behind the spaces; or nothing at all.
# A field of 12 bytes bounds the steps.
_PLAIN = re.compile(rb" *[0-7]+ *(?:\0.*)?|[ \0]*", re.DOTALL)
_DECIMAL = re.compile(rb"[ \t]*([0-9]*)")


def capabilities_of(said: Mapping[bytes, bytes]) -> str:
    """The capabilities that records give a member; empty for none."""
    own, coded = said.get(CAPABILITIES), said.get(CODED_CAPABILITIES)
    return capabilities_text(own) if own else capabilities_text(decoded(coded)) if coded else ""


def is_size(value: bytes) -> bool:
    """Whether the value of a record is a size."""
    return value.isdigit() and len(value) <= MOST_SIZE_DIGITS


def is_ustar(head: bytes) -> bool:
    """Whether a header is ustar's by its mark, or GNU tar's, which is much the same."""
    return head.startswith(b"ustar", MAGIC)


def is_gnu(head: bytes) -> bool:
    """Whether a header is GNU tar's own."""
    return head.startswith(b"ustar  \0", MAGIC)


def is_summed(head: bytes) -> bool:
    """Whether a block has the checksum of a header, by bytes without or with a sign."""
    total = sum(head) - sum(head[SUM:TYPE]) + (TYPE - SUM) * ord(" ")
    signs = sum(byte > 127 for byte in head) - sum(byte > 127 for byte in head[SUM:TYPE])  # noqa: PLR2004
    return number(head[SUM:TYPE]) in {total, total - 256 * signs}


def padded(size: int) -> int:
    """What a content of `size` bytes takes, in whole blocks."""
    return size + BLOCK - 1 & -BLOCK


def number(field: bytes) -> int:
    """A number as tars write it: octal digits, or base 256, which has the first bit set and the second for a sign."""
    if field[0] < 0x80:  # noqa: PLR2004  # the first bit
        match = _OCTAL.match(field)
        digits = match[1] if match else b""
        return int(digits, 8) if digits.strip(b"-") else 0
    bits = 8 * len(field) - 1
    value = int.from_bytes(field, "big") & (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def is_plain(field: bytes) -> bool:
    """Whether every reader takes this number for the same one; of base 256 libarchive itself refuses the odd ones."""
    return field[0] > 127 or _PLAIN.fullmatch(field) is not None  # noqa: PLR2004  # the first bit


def decimal(value: bytes) -> int:
    """The number of a record as libarchive reads it: digits up to what is none."""
    match = _DECIMAL.match(value)
    return int(match[1][:MOST_SIZE_DIGITS] or b"0") if match else 0


def name_of(head: bytes) -> bytes:
    """The name that a header gives by itself."""
    name = until_nul(head[:NAME_END])
    prefix = until_nul(head[PREFIX:_PREFIX_END]) if is_ustar(head) and not is_gnu(head) else b""
    return prefix + b"/" * (not prefix.endswith(b"/")) + name if prefix else name


def stray_prefix(head: bytes) -> bytes:
    """What stands in the prefix's place of a header that has none: some readers put it before the name all the same.

    Empty where that is a time of GNU tar's, as its incremental archives have it.
    """
    prefix = until_nul(head[PREFIX:_PREFIX_END])
    is_time = len(prefix) == 1 or (len(prefix) < _ATIME_END - PREFIX and is_plain(head[PREFIX:_ATIME_END]))
    return b"" if is_time or (is_ustar(head) and not is_gnu(head)) else prefix


def stands_for(name: bytes, sparse_name: bytes) -> bool:
    """Whether GNU tar would write a sparse file of this name under that one, for readers that know no sparse files.

    It adds a folder of its own before the last part, and cuts what a header has no room for.
    """
    parts = [part for part in name.split(b"/") if not part.startswith(b"GNUSparseFile.")]
    plain, cut = b"/".join(parts).removeprefix(b"./"), len(name) >= NAME_END
    bare = sparse_name.removeprefix(b"./")
    return bare.startswith(plain) if cut else bare == plain


def has_map(said: Mapping[bytes, bytes]) -> bool:
    """Whether records say where the holes of a sparse file are."""
    return any(key in said for key in _MAPS)


def until_nul(field: bytes) -> bytes:
    """A text without what stands behind its end."""
    return field.partition(b"\0")[0]


def records(text: bytes) -> dict[bytes, bytes]:
    """The values of `SAID` that pax records give, the last of each, up to the first record that is none."""
    at, found = 0, {}
    while at < len(text):
        digits, space, _ = text[at : at + 8].partition(b" ")
        if not space or not digits.isdigit() or int(digits) < len(digits) + 2:
            break
        key, _, value = text[at + len(digits) + 1 : at + int(digits)].partition(b"=")
        if key in SAID:
            found[key] = value[:-1]
        at += int(digits)
    return found
