"""Unpacks the zip methods that libarchive knows and Python does not: zstd and PPMd.

Its zip reader is fed one entry with a header made up for it. It is not asked for sizes or checksums: whoever asks for
the content checks them.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from pkgscan.archive.libarchive.binding import binding
from pkgscan.archive.member import BLOCK, Damage
from pkgscan.archive.zip.record import FULL32, LOCAL, LOCAL_FORM, PPMD, ZIP64_FIELD, ZSTD
from pkgscan.archive.zip.zstd import EMPTY_FRAME, Frames

OK, EOF, FATAL = 0, 1, -30

NAME = b"x"
SIZE = 1 << 62  # more than there can be; what the reader finds wrong with it, and with the checksum,
OWN_VERDICT = b"ZIP "  # it says in messages that begin so, when all is unpacked
WIDE = struct.pack("<2H2Q", ZIP64_FIELD, 16, SIZE, SIZE)

# The PPMd decoder wants a byte before each block, though the last may need none. What it takes from here is missing.
PADDING = bytes(64 << 10)


def unpack_zstd(pieces: Iterator[bytes], say_used: Callable[[int], None]) -> Iterator[bytes]:
    """The content of zstd frames, one after the other. `say_used` is told how many packed bytes they take."""
    frames = Frames(pieces)
    stream = _Stream(chain((_header(ZSTD),), _joined(frames.blocks())))
    try:
        yield from stream.blocks()
    finally:
        stream.close()
    say_used(frames.used)


def _joined(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, none of whose pieces but the last ends where a frame does: there the reader takes it for the end.

    Behind the last comes a frame of nothing, for the reader does not see the end where it has just filled its buffer.
    """
    held = b""
    for block in blocks:
        joined = held + block
        held = joined[-1:]
        if len(joined) > 1:
            yield joined[:-1]
    yield held + EMPTY_FRAME


def unpack_ppmd(pieces: Iterator[bytes], say_used: Callable[[int], None]) -> Iterator[bytes]:
    """The content of a PPMd stream, version I revision 1, up to its end mark. `say_used` is as for zstd."""
    given, header = 0, _header(PPMD)

    def counted() -> Iterator[bytes]:
        nonlocal given
        for piece in pieces:
            given += len(piece)
            yield piece

    stream = _Stream(chain((header,), counted(), (PADDING,)))
    try:
        for block in stream.blocks():
            if stream.taken > len(header) + given:
                break
            yield block
        used = stream.taken - len(header)
    finally:
        stream.close()
    if used > given:
        raise Damage("truncated", "the ppmd data breaks off")
    say_used(used)


def _header(method: int) -> bytes:
    return LOCAL_FORM.pack(LOCAL, 63, 0, method, 0, 0, 0, FULL32, FULL32, len(NAME), len(WIDE)) + NAME + WIDE


class _Stream:
    """One content that the library unpacks while it is fed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._lib = lib = binding()
        self._pieces = pieces
        self._piece = b""  # the library holds a pointer to it
        self._failure: BaseException | None = None
        self._callback = lib.read_callback(self._feed)
        self._handle = lib.new()
        lib.zip_entry(self._handle)

    @property
    def taken(self) -> int:
        """How many of the bytes that it was fed the library has used."""
        return int(self._lib.filter_bytes(self._handle, -1))

    def close(self) -> None:
        self._lib.free(self._handle)

    def blocks(self) -> Iterator[bytes]:
        """The content. Raises Damage where it cannot be unpacked."""
        lib, handle = self._lib, self._handle
        lib.on_read(handle, self._callback)
        lib.on_data(handle, None)  # makes room for the callback, too
        self._check(lib.open(handle))
        self._check(lib.next_header(handle, ctypes.byref(ctypes.c_void_p())))
        buffer, count, offset = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64()
        references = ctypes.byref(buffer), ctypes.byref(count), ctypes.byref(offset)
        while True:
            code = lib.read_block(handle, *references)
            over = code == EOF or (code not in {OK, FATAL} and lib.error(handle).startswith(OWN_VERDICT))
            if not over or self._failure is not None:
                self._check(code)
            if code != EOF and count.value:
                yield from _cut(ctypes.string_at(buffer, count.value))
            if over:
                return

    def _feed(self, _handle: Any, _context: Any, out: Any) -> int:
        try:
            self._piece = next(self._pieces, b"")
        except BaseException as error:  # noqa: BLE001  # may not cross C code; raised again on the other side
            self._failure = error
            return FATAL
        out[0] = ctypes.cast(ctypes.c_char_p(self._piece), ctypes.c_void_p)
        return len(self._piece)

    def _check(self, code: int) -> None:
        if self._failure is not None:
            raise self._failure
        if code != OK:
            text = (self._lib.error(self._handle) or b"no reason given").decode("utf-8", "backslashreplace")
            raise Damage(_reason(text), f"its packed data cannot be read: {text}")


def _cut(block: bytes) -> Iterator[bytes]:
    return (block[at : at + BLOCK] for at in range(0, len(block), BLOCK))


def _reason(text: str) -> str:
    lower = text.lower()
    if "truncated" in lower:
        return "truncated"
    if "unsupported zip compression" in lower:  # a library built without it
        return "unsupported-method"
    return "limit-memory" if "memory" in lower else "corrupt"
