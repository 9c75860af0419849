"""The header of a 7z, followed as far as to its files. What is not laid out as it should be is libarchive's to say.

Source: 7zFormat.txt of the LZMA SDK.
"""

from __future__ import annotations

import lzma
import struct

from pkgscan.archive.member import Charge, Window

_FRONT = 32  # bytes before everything else, which say where the header is
_MOST_LAYERS = 4  # of headers packed in headers: 7-Zip makes one
_END, _HEADER, _EXTRA, _STREAMS, _FILES = 0, 1, 3, 4, 5
_PACKED, _UNPACKED, _PARTS, _SIZES, _SUMS, _FOLDERS, _OUT_SIZES, _COUNTS = 6, 7, 8, 9, 10, 11, 12, 13
_EMPTY, _ANTI, _NAMES, _ENCODED = 14, 16, 17, 23
_ATTRIBUTES, _ID_SIZE, _IS_COMPLEX, _HAS_PROPERTIES = 2, 0x0F, 0x10, 0x20
_LZMA, _LZMA2 = b"\3\1\1", b"\x21"
_MOST = 1 << 20  # files, folders or streams of one archive: four times what a walk takes, and each costs memory here
_LARGEST_DICTIONARY = 64 << 20  # of a packed header, which takes no larger one than its own size
_LZMA_CODES = 225  # of the first byte of LZMA's properties: (pb * 5 + lp) * 9 + lc


class _OddError(Exception):
    """The header is not laid out as it should be."""


class _Coder:
    """How the first folder is packed: one coder, or None in its place."""

    method: bytes | None = None
    properties = b""
    packed_at = packed = size = 0


def anti_items(window: Window, charge: Charge) -> list[bytes]:
    """The names of the items that delete files; none where the header cannot be followed."""
    try:
        return _anti(_up_to_files(_Fields(_header(window, charge))))
    except (_OddError, lzma.LZMAError):
        return []


def _up_to_files(fields: _Fields) -> _Fields:
    """The fields behind the mark of the files."""
    while (kind := fields.number()) != _FILES:
        if kind == _ATTRIBUTES:
            fields.skip_attributes()
        elif kind in {_EXTRA, _STREAMS}:
            fields.streams()
        else:
            raise _OddError
    return fields


def _header(window: Window, charge: Charge) -> bytes:
    """The header, unpacked where it is packed, behind its mark."""
    start, size = struct.unpack("<2Q", window.read(12, 16).ljust(16, b"\0"))
    charge(min(size, window.size))
    header = window.read(_FRONT + start, min(size, window.size))
    for _ in range(_MOST_LAYERS):
        if header[:1] != bytes((_ENCODED,)):
            break
        coder = _Fields(header[1:]).streams()
        charge(coder.size)
        header = _unpacked(window, coder)
    if header[:1] != bytes((_HEADER,)):
        raise _OddError
    return header[1:]


def _unpacked(window: Window, coder: _Coder) -> bytes:
    packed = window.read(_FRONT + coder.packed_at, min(coder.packed, window.size))
    if coder.method == b"\0":
        return packed
    chain = _filters(coder.method, coder.properties)
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain).decompress(packed, coder.size)


def _filters(method: bytes | None, properties: bytes) -> list[dict[str, int]]:
    if method == _LZMA and len(properties) == 5 and properties[0] < _LZMA_CODES:  # noqa: PLR2004  # a byte and a size
        size = int.from_bytes(properties[1:], "little")
        rest, lc = divmod(properties[0], 9)
        pb, lp = divmod(rest, 5)
        chain = {"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": lc, "lp": lp, "pb": pb}
    elif method == _LZMA2 and len(properties) == 1:
        size = (2 | properties[0] & 1) << properties[0] // 2 + 11
        chain = {"id": lzma.FILTER_LZMA2, "dict_size": size}
    else:
        raise _OddError
    if size > _LARGEST_DICTIONARY:
        raise _OddError
    return [{**chain, "dict_size": max(size, 4096)}]


def _anti(fields: _Fields) -> list[bytes]:
    count = fields.number()
    found: dict[int, bytes] = {}
    while (kind := fields.number()) != _END:
        found[kind] = fields.take(fields.number())
    if not any(found.get(_ANTI, b"")) or _EMPTY not in found or found.get(_NAMES, b"")[:1] != b"\0":
        return []
    empty = [at for at, bit in enumerate(_Fields(found[_EMPTY]).bits(count)) if bit]
    anti = _Fields(found[_ANTI]).bits(len(empty))
    names = found[_NAMES][1:].decode("utf-16-le", "replace").split("\0", count)
    return [names[at].encode() for at, bit in zip(empty, anti, strict=True) if bit and at < len(names)]


def _check(count: int) -> None:
    if count > _MOST:
        raise _OddError


class _Fields:
    """The fields of a header, one after the other. Raises _OddError where there are none left."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if count > len(self._data) - self._at:
            raise _OddError
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self) -> int:
        """A number: the leading ones of its first byte say how many bytes follow, the other bits are its highest."""
        first = self.take(1)[0]
        more = 8 - (first ^ 0xFF).bit_length()
        low = int.from_bytes(self.take(more), "little")
        return low | (first & (0x7F >> more)) << 8 * more

    def numbers(self, count: int) -> list[int]:
        """So many numbers."""
        _check(count)
        return [self.number() for _ in range(count)]

    def bits(self, count: int) -> list[bool]:
        """So many bits, the highest of each byte first."""
        _check(count)
        data = self.take((count + 7) // 8)
        return [bool(data[at // 8] & 0x80 >> at % 8) for at in range(count)]

    def sums(self, count: int) -> list[bool]:
        """Which of so many have a checksum; these are passed over."""
        _check(count)
        known = [True] * count if self.take(1) != b"\0" else self.bits(count)
        self.take(4 * sum(known))
        return known

    def skip_attributes(self) -> None:
        """Pass over what is said of the archive as a whole."""
        while self.number() != _END:
            self.take(self.number())

    def streams(self) -> _Coder:
        """Pass over what is said of the packed streams; returns how the first folder is packed."""
        coder, folders, summed = _Coder(), 0, [False]
        while (kind := self.number()) != _END:
            if kind == _PACKED:
                self._packed(coder)
            elif kind == _UNPACKED:
                folders, summed = self._unpacked(coder)
            elif kind == _PARTS:
                self._parts(folders, summed)
            else:
                raise _OddError
        return coder

    def _packed(self, coder: _Coder) -> None:
        coder.packed_at, count = self.number(), self.number()
        while (kind := self.number()) != _END:
            if kind == _SIZES:
                coder.packed = (self.numbers(count) or [0])[0]
            elif kind == _SUMS:
                self.sums(count)
            else:
                raise _OddError

    def _unpacked(self, coder: _Coder) -> tuple[int, list[bool]]:
        """How many folders there are, and which have a checksum of their own."""
        if self.number() != _FOLDERS:
            raise _OddError
        folders = self.number()
        _check(folders)
        if self.take(1) != b"\0":  # they stand elsewhere, as no program has it
            raise _OddError
        outs = [self._folder(coder if not at else _Coder()) for at in range(folders)]
        summed = [False] * folders
        while (kind := self.number()) != _END:
            if kind == _OUT_SIZES:
                sizes = [self.numbers(count) for count in outs]
                coder.size = (sizes[0] or [0])[-1] if sizes else 0
            elif kind == _SUMS:
                summed = self.sums(folders)
            else:
                raise _OddError
        return folders, summed

    def _folder(self, coder: _Coder) -> int:
        """Pass over a folder; returns how many streams come out of its coders."""
        coders, ins, outs = self.number(), 0, 0
        _check(coders)
        for _ in range(coders):
            flags = self.take(1)[0]
            method = self.take(flags & _ID_SIZE)
            into, out = self.numbers(2) if flags & _IS_COMPLEX else (1, 1)
            properties = self.take(self.number()) if flags & _HAS_PROPERTIES else b""
            ins, outs = ins + into, outs + out
            coder.method, coder.properties = (method, properties) if coders == 1 else (None, b"")
        self.numbers(2 * max(0, outs - 1))
        if (packed := ins - outs + 1) > 1:
            self.numbers(packed)
        return outs

    def _parts(self, folders: int, summed: list[bool]) -> None:
        counts, kind = [1] * folders, self.number()
        if kind == _COUNTS:
            counts, kind = self.numbers(folders), self.number()
        if kind == _SIZES:
            for count in counts:
                self.numbers(max(0, count - 1))
            kind = self.number()
        unknown = sum(count for count, known in zip(counts, summed, strict=True) if count != 1 or not known)
        while kind != _END:
            if kind != _SUMS:
                raise _OddError
            self.sums(unknown)
            kind = self.number()
