"""The block headers of RAR 5. Source: "RAR 5.0 archive format", published by the maker of the RAR archiver."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.rar.block import Block, Kind, in_order, misfit

MARK = b"Rar!\x1a\x07\x01\x00"
_KINDS: dict[int, Kind] = {1: "main", 2: "file", 3: "service", 4: "locked", 5: "end"}
_EXTRA, _DATA, _SKIP, _SPLIT = 0x01, 0x02, 0x04, 0x18  # flags of any block
_VOLUME = 0x01  # flag of the archive
_FOLDER, _TIME, _SUM, _NO_SIZE = 0x01, 0x02, 0x04, 0x08  # flags of a file
_LOCKING, _HASH, _VERSION, _REDIRECTION = 1, 2, 4, 5  # extra records of a file
_BLAKE, _BLAKE_SIZE = 0, 32
_METHOD = 0x0380  # bits of the compression: zero where the data is stored
_UNIX = 1
_NO_NUMBER = "a number that does not end"
_VINT = 10  # bytes of a number of 64 bits
_SIZE_BYTES = 3  # of a header's size: no header is longer than 2 MiB
_READ = 4096  # bytes read for one header: nearly all are shorter


class _Fields:
    """The fields of a header, read one after another. Raises `ValueError` behind its end."""

    def __init__(self, raw: bytes, at: int = 0) -> None:
        self.raw, self.at = raw, at

    def number(self, most: int = _VINT) -> int:
        """Seven bits a byte, the lowest first."""
        value = 0
        for step, byte in enumerate(self.raw[self.at : self.at + most]):
            value |= (byte & 0x7F) << 7 * step
            if byte < 0x80:  # noqa: PLR2004  # the eighth bit: more follows
                self.at += step + 1
                return value & (1 << 64) - 1
        raise ValueError(_NO_NUMBER)

    def take(self, size: int) -> bytes:
        """So many bytes."""
        taken = self.raw[self.at : self.at + size]
        if len(taken) < size:
            raise ValueError
        self.at += size
        return taken


def blocks(window: Window) -> Iterator[Block | Damage]:
    """The blocks in their order, up to the end block, or to a `Damage` that tells why there are no more."""
    return in_order(window, len(MARK), _block_at)


def _block_at(window: Window, at: int) -> Block | Damage:
    raw = _header(window, at)
    if isinstance(raw, Damage):
        return raw
    try:
        return _block(at, raw)
    except ValueError:
        return misfit(at)


def _header(window: Window, at: int) -> bytes | Damage:
    """A whole header, with its checksum and its size."""
    head = window.read(at, _READ)
    fields = _Fields(head, 4)
    try:
        size = fields.number(_SIZE_BYTES)
    except ValueError:
        if len(head) < 4 + _SIZE_BYTES:
            return Damage("truncated", f"the rar breaks off in the block at byte {at}")
        return Damage("corrupt", f"the block at byte {at} of the rar has no size")
    size += fields.at
    if size > window.size - at:
        return Damage("truncated", f"the rar breaks off in the block at byte {at}")
    return head[:size] if size <= len(head) else window.read(at, size)


def _block(at: int, raw: bytes) -> Block:
    fields = _Fields(raw, 4)
    fields.number(_SIZE_BYTES)
    mark, flags = fields.number(), fields.number()
    extra = fields.number() if flags & _EXTRA else 0
    packed = fields.number() if flags & _DATA else 0
    if extra > len(raw) - fields.at:
        raise ValueError
    kind: Kind = _KINDS.get(mark) or ("old" if flags & _SKIP else "unknown")
    about: dict[str, Any] = {}
    if kind == "main":
        about = {"volume": bool(fields.number() & _VOLUME)}
    elif kind in {"file", "service"}:
        about = _file(_Fields(raw[: len(raw) - extra], fields.at)) | {"split": bool(flags & _SPLIT)}
        version = b""
        for record, content in _records(_Fields(raw, len(raw) - extra)):
            if record == _VERSION:
                content.number()
                version = b";%d" % content.number()
            else:
                about |= _told(record, content)
        about["name"] += version
    sound = zlib.crc32(raw[4:]) == int.from_bytes(raw[:4], "little")
    return Block(at=at, data=at + len(raw), kind=kind, packed=packed, sound=sound, **about)


def _file(fields: _Fields) -> dict[str, Any]:
    flags, size, attributes = fields.number(), fields.number(), fields.number()
    if flags & _TIME:
        fields.take(4)
    crc = int.from_bytes(fields.take(4), "little") if flags & _SUM else -1
    compression, host = fields.number(), fields.number()
    return {
        "size": -1 if flags & _NO_SIZE else size,
        "crc": crc,
        "stored": not compression & _METHOD,
        "directory": bool(flags & _FOLDER),
        "mode": attributes if host == _UNIX else -1,
        "name": fields.take(fields.number()),
    }


def _records(fields: _Fields) -> Iterator[tuple[int, _Fields]]:
    """Type and content of the extra records."""
    while fields.at < len(fields.raw):
        content = _Fields(fields.take(fields.number()))
        yield content.number(), content


def _told(record: int, content: _Fields) -> dict[str, Any]:
    if record == _LOCKING:
        return {"locked": True}
    if record == _HASH and content.number() == _BLAKE:
        return {"blake": content.take(_BLAKE_SIZE)}
    if record == _REDIRECTION:
        kind, _, length = content.number(), content.number(), content.number()
        return {"redirection": kind, "target": content.take(length)}
    return {}
