"""Unpacks the bytes of one zip member, in blocks, and checks them against what the archive says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from isal import igzip_lib, isal_zlib

from pkgscan.archive.blocks import SMALL
from pkgscan.archive.member import BLOCK, Damage, Window
from pkgscan.archive.zip.encryption import encrypted
from pkgscan.archive.zip.record import (
    AES,
    BZIP2,
    DEFLATED,
    ENCRYPTED,
    LZMA,
    METHODS,
    OLD_ZSTD,
    PATCH,
    PPMD,
    STORED,
    XZ,
    ZSTD,
)

UNSURE_PIECE = 8 << 10  # the same where nothing says how long the member is
PIECE = 128 << 10  # packed bytes handed to a decoder at once
READ = frozenset({STORED, DEFLATED, BZIP2, LZMA, OLD_ZSTD, ZSTD, XZ, PPMD})  # the methods


class Packed(msgspec.Struct):
    """The packed bytes of one member and what they should become. -1 stands for "not known".

    `used` is set once the content was read to its end: how many packed bytes the stream really took.
    """

    window: Window
    at: int
    packed: int
    size: int
    crc: int
    method: int
    flags: int
    head: bytes = b""  # the first packed bytes, where they were read already
    refusal: Damage | None = None  # why it cannot be read at all
    used: int = -1
    extra: bytes = b""  # the extra fields of an encrypted member, which say how


def unpack(source: Packed) -> Iterator[bytes]:
    """The member's bytes. Raises Damage, at the end also for a wrong checksum or size."""
    refusal = source.refusal or refuse(source)
    if refusal is not None:
        raise refusal
    produced = crc = 0
    checksum = isal_zlib.crc32
    for block in _READERS.get(source.method, _decoded)(source):
        crc = checksum(block, crc)
        produced += len(block)
        yield block
    if source.crc not in {-1, crc}:
        raise Damage("bad-checksum", f"CRC-32 is {crc:08x}, the archive says {source.crc:08x}")
    if source.size not in {-1, produced}:
        raise Damage("wrong-size", f"{produced} bytes came out, the archive says {source.size}")


def whole(source: Packed) -> bytes | None:
    """The bytes of a small member whose packed bytes are at hand, checked; None for what takes `unpack`.

    Most members are such, and this takes a quarter of the time.
    """
    head, size = source.head, source.size
    is_here = 0 <= size <= SMALL and len(head) == source.packed and source.refusal is None
    if not is_here or source.flags & (ENCRYPTED | PATCH) or source.method not in {STORED, DEFLATED}:
        return None
    data = head
    if source.method == DEFLATED:
        decoder, errors = _decoder(DEFLATED)
        try:
            data = decoder.decompress(head, size + 1)
        except errors:
            return None
        if not decoder.eof or decoder.unused_data:
            return None
    if len(data) != size or isal_zlib.crc32(data) != source.crc:
        return None
    source.used = source.packed
    return data


def refuse(source: Packed) -> Damage | None:
    """Why a member cannot be unpacked; None if it can."""
    if source.flags & ENCRYPTED or source.method == AES:
        return encrypted(source.method, source.flags, source.extra)
    if source.flags & PATCH:
        return Damage("unsupported-method", "holds patch data, which no current tool reads")
    if source.method not in READ:
        name = METHODS.get(source.method, "unknown")
        detail = f"packed with method {source.method} ({name}), which is not read; ask for it packed with deflate"
        return Damage("unsupported-method", detail)
    return None


def _stored(source: Packed) -> Iterator[bytes]:
    left = source.packed
    for piece in _pieces(source, BLOCK):
        left -= len(piece)
        yield piece
    source.used = max(source.packed, 0)
    if left > 0:
        raise Damage("truncated", f"the archive ends {left} bytes before the member does")


def _pieces(source: Packed, size: int) -> Iterator[bytes]:
    """The packed bytes in pieces, up to the end of the member or of the file."""
    window, at = source.window, source.at
    stop = window.size if source.packed < 0 else min(at + source.packed, window.size)
    if source.head:
        piece = source.head[: stop - at]
        at += len(piece)
        yield piece
    while at < stop:
        piece = window.read(at, min(size if source.packed >= 0 else UNSURE_PIECE, stop - at))
        if not piece:
            raise Damage("truncated", "the file is shorter than it was when opened", fatal=True)
        at += len(piece)
        yield piece


def _decoded(source: Packed) -> Iterator[bytes]:
    decoder, errors = _decoder(source.method)
    taken = 0
    try:
        for piece in _pieces(source, PIECE):
            taken += len(piece)
            block = decoder.decompress(piece, BLOCK)
            while block or not decoder.needs_input:
                if block:
                    yield block
                if decoder.eof or not block:
                    break
                block = decoder.decompress(b"", BLOCK)
            if decoder.eof:
                source.used = taken - len(decoder.unused_data)
                return
    except errors as error:
        name = METHODS[source.method]
        if "Memory usage limit" in str(error):
            raise Damage("limit-memory", f"its {name} header asks for more memory than any preset needs") from error
        raise Damage("corrupt", f"the {name} data is broken: {error}") from error
    _check_end(source, taken)


def _check_end(source: Packed, taken: int) -> None:
    """All packed bytes were read and the stream did not say that it ends; LZMA need not."""
    if source.method == LZMA and taken == source.packed:
        source.used = taken
        return
    if source.packed > 0 or source.size != 0:
        raise Damage("truncated", f"the {METHODS[source.method]} data breaks off")


def _pulled(source: Packed) -> Iterator[bytes]:
    """What libarchive unpacks."""
    from pkgscan.archive.zip.library import unpack_ppmd, unpack_zstd  # noqa: PLC0415  # rare methods

    def say_used(count: int) -> None:
        source.used = count

    unpacked = unpack_ppmd if source.method == PPMD else unpack_zstd
    yield from unpacked(_pieces(source, PIECE), say_used)


def _decoder(method: int) -> tuple[Any, Any]:
    if method == DEFLATED:
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE), (igzip_lib.IsalError, ValueError)
    from pkgscan.archive.zip.decoders import decoder  # noqa: PLC0415  # rare methods

    return decoder(method)


_READERS = {STORED: _stored, OLD_ZSTD: _pulled, ZSTD: _pulled, PPMD: _pulled}
