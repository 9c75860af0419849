"""Unpacks the bytes of one member of a xar, in blocks, and checks them against what its table of contents says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pkgscan.archive.member import BLOCK, Damage, Window

PIECE = 128 << 10  # packed bytes handed to a decoder at once
LZMA_MEMORY = 256 << 20  # bytes; a dictionary of 64 MiB is the largest that common presets write
ANY_ZLIB = 47  # to zlib: the largest window, and a gzip or zlib header; "x-gzip" is zlib data by the format
STORED = "application/octet-stream"
_ENCODINGS = {
    "application/x-gzip": "zlib",
    "application/zlib": "zlib",
    "application/x-bzip2": "bzip2",
    "application/x-lzma": "lzma",
    "application/x-xz": "xz",
}
_DIGESTS: dict[str, Callable[..., Any]] = {
    "sha1": hashlib.sha1, "md5": hashlib.md5, "sha256": hashlib.sha256, "sha512": hashlib.sha512,
    "sha224": hashlib.sha224, "sha384": hashlib.sha384,
}  # fmt: skip


class Extent(msgspec.Struct):
    """The packed bytes of one member and what they should become.

    `size` is -1 where it is not stated; checksums are (kind, hex digits), empty ones are not checked. `refusal` is why
    it cannot be read at all.
    """

    window: Window
    at: int
    length: int
    size: int
    encoding: str
    archived: tuple[str, str] = ("", "")
    extracted: tuple[str, str] = ("", "")
    refusal: Damage | None = None


def digest(kind: str) -> Any:
    """A new hash of a kind as a xar names it; None for one that is not known."""
    make = _DIGESTS.get(kind)
    return None if make is None else make(usedforsecurity=False)


def is_stored(extent: Extent) -> bool:
    """Whether the bytes stand in the archive as they are, all of them."""
    whole = extent.refusal is None and 0 <= extent.at <= extent.window.size - extent.length
    return whole and extent.encoding in {"", STORED} and extent.size in {-1, extent.length}


def unpack(extent: Extent) -> Iterator[bytes]:
    """The member's bytes. Raises Damage, at the end also for a wrong checksum or size."""
    if extent.refusal is not None:
        raise extent.refusal
    packed, unpacked = digest(extent.archived[0]), digest(extent.extracted[0])
    produced = 0
    rest: list[int] = []
    for block in _decoded(extent, _pieces(extent, packed), rest):
        produced += len(block)
        if unpacked is not None:
            unpacked.update(block)
        yield block
    _check(unpacked, extent.extracted, "the content")
    if extent.size not in {-1, produced}:
        raise Damage("wrong-size", f"{produced} bytes came out, the table of contents says {extent.size}")
    if any(rest):
        raise Damage("data-after-end", f"{sum(rest)} packed bytes stand behind the end of its data")
    _check(packed, extent.archived, "the packed data")


def _check(seen: Any, expected: tuple[str, str], what: str) -> None:
    if seen is not None and seen.hexdigest() != expected[1]:
        kind, text = expected
        raise Damage("bad-checksum", f"{kind} of {what} is {seen.hexdigest()}, the table of contents says {text[:128]}")


def _pieces(extent: Extent, packed: Any) -> Iterator[bytes]:
    """The packed bytes in pieces, hashed, up to the end of the member or of the file."""
    window, at = extent.window, extent.at
    stop = at + extent.length
    while at < stop:
        piece = window.read(at, min(PIECE, stop - at))
        if not piece:
            raise Damage("truncated", f"the archive ends {stop - at} bytes before the member does")
        at += len(piece)
        if packed is not None:
            packed.update(piece)
        yield piece


def _decoded(extent: Extent, pieces: Iterator[bytes], rest: list[int]) -> Iterator[bytes]:
    """The content; how many packed bytes were left over goes to `rest`."""
    if extent.encoding in {"", STORED}:
        yield from pieces
        return
    name = _ENCODINGS[extent.encoding]
    decoder, errors = _decoder(name)
    try:
        for piece in pieces:
            block = decoder.decompress(piece, BLOCK)
            while block:
                yield block
                block = b"" if decoder.eof else decoder.decompress(b"", BLOCK)
            if decoder.eof:
                rest.append(len(decoder.unused_data))
                rest.extend(map(len, pieces))
                return
    except errors as error:
        raise _broken(name, str(error)) from error
    if extent.length or extent.size > 0:
        raise Damage("truncated", f"the {name} data breaks off")


def _broken(name: str, said: str) -> Damage:
    if "emory usage limit" in said:
        return Damage("unsupported-method", f"the {name} data takes more than {LZMA_MEMORY} bytes of memory to unpack")
    return Damage("corrupt", f"the {name} data is broken: {said}")


def refuse_encoding(encoding: str) -> Damage | None:
    """Why content of an encoding cannot be unpacked; None if it can."""
    if encoding in {"", STORED} or encoding in _ENCODINGS:
        return None
    return Damage("unsupported-method", f"packed as {encoding[:100]}, which is not supported")


class _Inflater:
    """zlib's decoder with the face of the others."""

    def __init__(self) -> None:
        import zlib  # noqa: PLC0415  # only for packages that hold one

        self._inner: Any = zlib.decompressobj(ANY_ZLIB)

    def decompress(self, data: bytes, most: int) -> bytes:
        """As the standard library's decoders."""
        return bytes(self._inner.decompress(self._inner.unconsumed_tail + data, most))

    @property
    def eof(self) -> bool:
        """Whether the end of the data was read."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """What stands behind that end."""
        return bytes(self._inner.unused_data)


def _decoder(name: str) -> tuple[Any, Any]:
    if name == "zlib":
        import zlib  # noqa: PLC0415  # only for packages that hold one

        return _Inflater(), (zlib.error, ValueError)
    if name == "bzip2":
        import bz2  # noqa: PLC0415  # rare method

        return bz2.BZ2Decompressor(), (OSError, ValueError)
    import lzma  # noqa: PLC0415  # rare method

    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, LZMA_MEMORY), (lzma.LZMAError, EOFError, ValueError)
