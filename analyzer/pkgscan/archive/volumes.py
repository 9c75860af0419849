"""Volumes of split archives: which file is only a part of an archive, and not the whole of one.

By content where the format says it, by name where the name can mean nothing else. Sources: the RAR 4 technical note
(main header flags), the RAR 5 description (main archive header), [MS-CAB] section 2.1, APPNOTE 8.5.3 (zip), 7zFormat
(start header), the GNU tar manual (multi-volume archives). LHA has a header kept free for volumes that nothing writes.
"""

from __future__ import annotations

import re

from pkgscan.archive.formats import COMPRESSIONS, detect, is_tar_header
from pkgscan.patterns import pattern

_RAR4, _RAR5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_RAR4_MAIN, _RAR5_MAIN = 0x73, 1  # header types
_VOLUME = 0x0001  # flag of either main header
_RAR5_EXTRA, _RAR5_DATA, _RAR5_NUMBER = 0x0001, 0x0002, 0x0002  # header flags; archive flag
_CAB, _CAB_HEADER = b"MSCF\0\0\0\0", 36
_CAB_PREVIOUS, _CAB_NEXT = 0x0001, 0x0002
_ZIP_SPLIT = b"PK\x07\x08PK\x03\x04"
_7Z, _7Z_HEADER = b"7z\xbc\xaf\x27\x1c", 32
_TAR_HEADER = 512
_VINT_BYTES = 10  # of a RAR 5 number of 64 bits

_ENDINGS = r"7z|zip|jar|war|rar|tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|lzma|lz4|lz|Z|cpio|iso|cab|wim|deb|rpm"
_NUMBERED = pattern(rf"\.({_ENDINGS})\.(\d{{2,4}})\Z", re.IGNORECASE)
# As split names them. There is no later part without the first 26, and other letters are endings: .tar.gz, .tar.br.
_LETTERED = pattern(rf"\.({_ENDINGS})\.?(a(?!r)[a-z])\Z")
_RAR_PART = pattern(r"\.part(\d{1,5})\.(?:rar|exe)\Z", re.IGNORECASE)
_ZIP_PART = pattern(r"\.z(?!00|80)(\d\d)\Z", re.IGNORECASE)  # .z80 is a program, or a snapshot of its machine
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))  # what texts do not hold, and compressed data does
_SPLIT_DIGITS = 3  # of a part's number, as 7-Zip and its like write it: .001
_PROBE = 4096  # bytes looked at to tell text from data
_LONGEST_ENDING = 32  # characters of a name that the patterns can match


def part_of(name: str, head: bytes, size: int = -1) -> str:
    """Of what a file is one part, in a few words; empty if it stands for itself.

    `name`: of the file, with or without a path. `head`: its first bytes, 1024 or more if there are as many. `size`:
    of the whole file, if known; a first volume that holds all of its archive is then told from others.
    """
    return _by_content(head, name) or _by_name(name[-_LONGEST_ENDING:], head, size)


def _by_content(head: bytes, name: str) -> str:
    if head.startswith(b"Rar!"):
        return _rar(head)
    if head.startswith(_CAB) and len(head) >= _CAB_HEADER:
        flags, number = _number(head, 30, 2), _number(head, 34, 2) + 1
        return f"cabinet {number} of a set" if flags & (_CAB_PREVIOUS | _CAB_NEXT) else ""
    if head.startswith(_ZIP_SPLIT) and not name.lower().endswith(".zip"):  # so named, the parts were put together
        return "the first part of a split zip"
    return "a later volume of a split tar" if _is_tar_volume(head) else ""


# What GNU tar says of the member that goes on in a volume; a label alone stands in whole archives, too.
_PAX_PART = (b" GNU.volume.filename=", b" GNU.volume.offset=", b" GNU.volume.size=")


def _is_tar_volume(head: bytes) -> bool:
    """Whether a tar begins in the middle of a member; a first volume is an ordinary tar that ends early."""
    if len(head) < _TAR_HEADER or head[156] not in b"Mgx" or not is_tar_header(head[:_TAR_HEADER]):
        return False
    said = head[_TAR_HEADER : 2 * _TAR_HEADER]
    return head[156] == ord("M") or any(key in said for key in _PAX_PART)


def _rar(head: bytes) -> str:
    """A RAR volume by its main header, which is plain even where the rest is encrypted (RAR 4)."""
    if head.startswith(_RAR4):
        is_volume = head[9:10] == bytes((_RAR4_MAIN,)) and _number(head, 10, 2) & _VOLUME
        return "a volume of a split rar" if is_volume else ""
    if not head.startswith(_RAR5):
        return ""
    _, at = _vint(head, len(_RAR5) + 4)  # the checksum, then the header's size
    kind, at = _vint(head, at)
    flags, at = _vint(head, at)
    for flag in (_RAR5_EXTRA, _RAR5_DATA):
        if flags & flag:
            _, at = _vint(head, at)
    about, at = _vint(head, at)
    if kind != _RAR5_MAIN or not about & _VOLUME:
        return ""
    number = _vint(head, at)[0] if about & _RAR5_NUMBER else 0
    return f"volume {number + 1} of a split rar"


def _vint(head: bytes, at: int) -> tuple[int, int]:
    """A number of RAR 5: seven bits a byte, the lowest first; and where the next one stands."""
    value = 0
    for step, byte in enumerate(head[at : at + _VINT_BYTES]):
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:  # noqa: PLR2004  # the eighth bit: more follows
            return value, at + step + 1
    return 0, len(head)


def _by_name(name: str, head: bytes, size: int) -> str:
    if found := _NUMBERED.search(name):
        # Other numbers are dates and versions too: what begins a stream is read, and said to be cut if it is.
        if len(found[2]) != _SPLIT_DIGITS and detect(head) in COMPRESSIONS:
            return ""
        return "" if _is_whole_7z(head, size) else f"part {int(found[2])} of a split {found[1].lower()}"
    if found := _RAR_PART.search(name):
        return f"volume {int(found[1])} of a split rar" if not head.startswith(_RAR4) and _is_data(head) else ""
    if (found := _ZIP_PART.search(name)) and _is_data(head):
        return f"part {int(found[1])} of a split zip"
    if (found := _LETTERED.search(name)) and _is_data(head):
        return f"part {found[2]} of a split {found[1].lower()}"
    return ""


def _is_whole_7z(head: bytes, size: int) -> bool:
    """Whether a 7z ends where its start header says: the one volume of an archive that fitted into it."""
    if not head.startswith(_7Z) or len(head) < _7Z_HEADER:
        return False
    return _7Z_HEADER + _number(head, 12, 8) + _number(head, 20, 8) == size


def _is_data(head: bytes) -> bool:
    probe = head[:_PROBE]
    return len(probe.translate(None, _CONTROLS)) < len(probe)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
