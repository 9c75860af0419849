"""Decoders of the rarer zip methods that the standard library knows: bzip2, lzma and xz."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pkgscan.archive.zip.record import BZIP2, LZMA

LZMA_HEAD = 9  # bytes: version, length of the properties, properties
# Bytes that a header may ask for: a dictionary of 256 MiB, the largest of any preset of 7-Zip, and the decoder's own.
MEMORY = (256 + 16) << 20


def decoder(method: int) -> tuple[Any, Any]:
    """A decoder in the manner of the standard library's, and what it raises on data that is broken."""
    if method == BZIP2:
        import bz2  # noqa: PLC0415  # rare method

        return bz2.BZ2Decompressor(), (OSError, ValueError)
    import lzma  # noqa: PLC0415  # rare method

    errors = (lzma.LZMAError, EOFError, ValueError)
    if method == LZMA:
        return ZipLzma(lzma.LZMADecompressor), errors
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY), errors


class ZipLzma:
    """An LZMA stream with zip's own short header (APPNOTE section 5.8.8), fed to a decoder of the .lzma format."""

    def __init__(self, decompressor: Callable[..., Any]) -> None:
        import lzma  # noqa: PLC0415  # rare method

        self._inner = decompressor(lzma.FORMAT_ALONE, MEMORY)
        self._head: bytes | None = b""

    def decompress(self, data: bytes, most: int) -> bytes:
        """As the standard library's decoders."""
        if self._head is not None:
            self._head += data
            if len(self._head) < LZMA_HEAD:
                return b""
            if self._head[2:4] != b"\x05\x00":
                raise ValueError("its header is not five bytes long")
            data = self._head[4:9] + b"\xff" * 8 + self._head[9:]  # eight times FF: the length is not known
            self._head = None
        return bytes(self._inner.decompress(data, most))

    @property
    def eof(self) -> bool:
        """Whether an end marker was read."""
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        """Whether more packed bytes are needed."""
        return self._head is not None or bool(self._inner.needs_input)

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end marker."""
        return bytes(self._inner.unused_data)
