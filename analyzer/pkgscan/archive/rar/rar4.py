"""The block headers of RAR 1.5 to 4. Source: the technical note that comes with the RAR archiver."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.rar.block import Block, Kind, in_order, misfit

MARK = b"Rar!\x1a\x07\x00"
_MAIN, _FILE, _SERVICE, _END = 0x73, 0x74, 0x7A, 0x7B
_OLD = frozenset((0x75, 0x76, 0x77, 0x78, 0x79))  # comment, authenticity, sub-block, recovery, signature
_KINDS: dict[int, Kind] = {_MAIN: "main", _FILE: "file", _SERVICE: "service", _END: "end"}
_HEAD = struct.Struct("<HBHH")
_FIELDS = struct.Struct("<IIBIIBBHI")
_HAS_DATA, _SKIP = 0x8000, 0x4000
_VOLUME, _COMMENT_INSIDE, _LOCKED_HEADERS = 0x0001, 0x0002, 0x0080  # of the archive
_SPLIT, _LOCKED, _COMMENTED, _FOLDER = 0x0003, 0x0004, 0x0008, 0x00E0  # of a file
_LARGE, _UNICODE, _SALTED, _TIMES = 0x0100, 0x0200, 0x0400, 0x1000
_NEW = _UNICODE | _SALTED | _TIMES  # flags that RAR 3 came with
_NEW_VERSION, _FOLDERS_BY_FLAG = 29, 20
_UNIX = frozenset((3, 5))
_STORED = 0x30
_UNKNOWN_SIZE = 0xFFFFFFFF
_LINK, _TYPE, _DOS_FOLDER = 0o120000, 0o170000, 0x10
_MAIN_SIZE = 13
_READ = 4096  # bytes read for one header: nearly all are shorter


def blocks(window: Window) -> Iterator[Block | Damage]:
    """The blocks in their order, up to the end block, or to a `Damage` that tells why there are no more."""
    return in_order(window, len(MARK), _block_at)


def _block_at(window: Window, at: int) -> Block | Damage:
    head = window.read(at, _READ)
    size = int.from_bytes(head[5:7], "little")
    if len(head) < _HEAD.size or size > window.size - at:
        return Damage("truncated", f"the rar breaks off in the block at byte {at}")
    if size < _HEAD.size:
        return Damage("corrupt", f"the block at byte {at} of the rar is said to be {size} bytes long")
    return _block(at, head[:size] if size <= _READ else window.read(at, size)) or misfit(at)


def _block(at: int, raw: bytes) -> Block | None:
    """The block in `raw`, its whole header; None where it is shorter than its fields."""
    crc, mark, flags, _ = _HEAD.unpack_from(raw)
    start = at + len(raw)
    if mark in {_FILE, _SERVICE}:
        return _file(at, raw, flags)
    if flags & _HAS_DATA and len(raw) < _HEAD.size + 4:
        return None
    packed = int.from_bytes(raw[7:11], "little") if flags & _HAS_DATA else 0
    if mark == _MAIN:
        sound = _is_sum(crc, raw, _MAIN_SIZE if flags & _COMMENT_INSIDE else 0)
        kind: Kind = "locked" if flags & _LOCKED_HEADERS else "main"
        return Block(at=at, data=start, kind=kind, sound=sound, volume=bool(flags & _VOLUME), modern=False)
    kind = _KINDS.get(mark) or ("old" if mark in _OLD or flags & _SKIP else "unknown")
    sound = mark in _OLD or _is_sum(crc, raw, 0)  # those have sums of other things
    return Block(at=at, data=start, kind=kind, packed=packed, sound=sound, modern=mark == _END)


def _is_sum(stated: int, raw: bytes, also: int) -> bool:
    """Whether the checksum is that of the header; or, in old archives, of its first bytes, without a comment."""
    sums = {zlib.crc32(raw[2:]), zlib.crc32(raw[2 : also or len(raw)])}
    return stated in {one & 0xFFFF for one in sums}


def _file(at: int, raw: bytes, flags: int) -> Block | None:
    start = _HEAD.size + _FIELDS.size + (8 if flags & _LARGE else 0)
    if len(raw) < start:
        return None
    packed, size, host, crc, _, version, method, length, attributes = _FIELDS.unpack_from(raw, _HEAD.size)
    if flags & _LARGE:
        packed |= int.from_bytes(raw[start - 8 : start - 4], "little") << 32
        size |= int.from_bytes(raw[start - 4 : start], "little") << 32
    if len(raw) < start + length:
        return None
    name, old = _names(raw[start : start + length], is_unicode=bool(flags & _UNICODE))
    salt = 8 if flags & _SALTED else 0
    is_folder = flags & _FOLDER == _FOLDER or (version < _FOLDERS_BY_FLAG and bool(attributes & _DOS_FOLDER))
    is_link = host in _UNIX and attributes & _TYPE == _LINK
    return Block(
        at=at,
        data=at + len(raw),
        kind=_KINDS[raw[2]],
        packed=packed,
        sound=_is_sum(int.from_bytes(raw[:2], "little"), raw, start + length + salt if flags & _COMMENTED else 0),
        name=name,
        old_name=old,
        size=-1 if size & _UNKNOWN_SIZE == _UNKNOWN_SIZE else size,
        crc=crc,
        stored=method == _STORED,
        outdated=method != _STORED and version < _NEW_VERSION,
        locked=bool(flags & _LOCKED),
        split=bool(flags & _SPLIT),
        directory=is_folder,
        mode=attributes if host in _UNIX else -1,
        redirection=1 if is_link else 0,
        modern=raw[2] == _SERVICE or bool(flags & _NEW) or version >= _NEW_VERSION,
    )


def _names(field: bytes, *, is_unicode: bool) -> tuple[bytes, bytes]:
    """(name as UTF-8 if it is known as such, the one in the system's character set where both are there)."""
    old, nul, packed = field.partition(b"\0")
    if not is_unicode or not nul:
        return field.replace(b"\\", b"/"), b""
    return _unpacked(old, packed).replace(b"\\", b"/"), old.replace(b"\\", b"/")


def _unpacked(old: bytes, packed: bytes) -> bytes:
    """A Unicode name that is packed as differences from the old one."""
    units: list[int] = []
    high = packed[0] << 8 if packed else 0
    codes, left, at = 0, 0, 1
    while at < len(packed) and len(units) < 0xFFFF:  # noqa: PLR2004  # a name is no longer than its header can be
        if not left:
            codes, left, at = packed[at], 4, at + 1
            continue
        code, codes, left = codes >> 6, codes << 2 & 0xFF, left - 1
        here = packed[at : at + 2]
        at += 1 if code < 2 else 2  # noqa: PLR2004  # the codes: a byte, a byte with the high one, two bytes, a run
        if code < 3:  # noqa: PLR2004
            units.append(here[0] | (high if code == 1 else here[1] << 8 if code and len(here) > 1 else 0))
            continue
        is_shifted = here[0] >= 0x80  # noqa: PLR2004
        at -= not is_shifted
        shift = here[1] if is_shifted and len(here) > 1 else 0
        run = old[len(units) : len(units) + (here[0] & 0x7F) + 2]
        units += [byte + shift & 0xFF | (high if is_shifted else 0) for byte in run]
    return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
