"""Compressed streams that Python's own bindings read best: gzip (isal, twice zlib's speed) and bzip2.

The other compressions are libarchive's. Several streams one after the other are one content, as gzip and bzip2 have
it. What follows the last one and is none is dropped by both tools, and so here, but it stays in the hash. A stream
behind zeros is dropped as well, as gzip(1) and bzip2(1) do, and said: Python's gzip skips the zeros and reads on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from pkgscan.archive.libarchive.complaints import in_words
from pkgscan.archive.member import BLOCK, Damage

_MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh"}


class _Decompressor(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def decompressed(form: str, pull: Callable[[], bytes], leftover: list[bytes]) -> Iterator[bytes]:
    """The content behind a gzip or bzip2 stream, block by block. Raises Damage "truncated" or "damaged".

    What follows the last stream and is no padding goes to `leftover`, its first bytes that is.
    """
    start, faults = _engine(form)
    engine = start()
    data = pull()
    while True:
        try:
            block = engine.decompress(data, BLOCK)
        except faults as error:
            reason = _reason(str(error))
            raise Damage(reason, in_words(f"the {form} stream", reason, str(error)), fatal=True) from error
        if block:
            yield block
        if engine.eof:
            data = _next_stream(engine.unused_data, _MAGIC[form], pull)
            if not data.startswith(_MAGIC[form]):
                leftover.append(_behind_zeros(data, pull))
                return
            engine = start()
        else:
            data = pull() if engine.needs_input else b""
            if engine.needs_input and not data:
                detail = in_words(f"the {form} stream", "truncated", "it has no end mark")
                raise Damage("truncated", detail, fatal=True)


def _reason(text: str) -> str:
    """Of a checksum isal says so; of bzip2, Python names no cause."""
    return "bad-checksum" if "checksum" in text else "damaged"


def _next_stream(rest: bytes, magic: bytes, pull: Callable[[], bytes]) -> bytes:
    while len(rest) < len(magic) and (block := pull()):
        rest += block
    return rest


def _behind_zeros(rest: bytes, pull: Callable[[], bytes]) -> bytes:
    """The first bytes behind the padding, however long that is; nothing where there is padding alone."""
    while not (found := rest.lstrip(b"\0")) and (rest := pull()):
        pass
    return found


def _engine(form: str) -> tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]:
    start: Any
    if form == "bzip2":
        import bz2  # noqa: PLC0415  # only for the few packages that hold one

        start = bz2.BZ2Decompressor
        return start, (OSError, ValueError)
    from isal import igzip_lib  # noqa: PLC0415  # only for the packages that hold one

    start = partial(igzip_lib.IgzipDecompressor, flag=igzip_lib.DECOMP_GZIP)
    fault: Any = igzip_lib.error
    return start, (fault,)
