"""The heap of a xar: which bytes of it belong to whom, and whether the claims can be true."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.names import name_text
from pkgscan.archive.xar.content import Extent, refuse_encoding
from pkgscan.archive.xar.toc import Record

# How often the heap is read in all. Writers let equal files share their bytes, so some are read again; a heap that is
# read more often than this was made to be. Below the floor it harms nobody.
READINGS = 16
READINGS_FLOOR = 64 << 20  # bytes
_KEPT_NAME = 256  # bytes of a name that are kept until overlaps are known

_WHOLE = re.compile(r"[0-9]{1,18}")  # what fits in 63 bits
_HEX = re.compile(r"[0-9a-fA-F]{1,128}")


def whole_number(text: str) -> int | None:
    """A number as the table of contents has it, or None for anything else."""
    return int(text) if _WHOLE.fullmatch(text) else None


class Heap:
    """Hands out stretches of the heap and keeps the books; `end` is behind the last byte that is anybody's."""

    def __init__(self, window: Window, start: int) -> None:
        self._window = window
        self._start = start
        self._most = READINGS * max(window.size - start, READINGS_FLOOR // READINGS)
        self._claimed = 0
        self._claims: list[tuple[int, int, bytes]] = []
        self.end = start

    def extent(self, record: Record, name: bytes) -> Extent:
        """The bytes that a <data> or <ea> names, for the member `name`."""
        numbers = {key: record.text(key) for key in ("offset", "length", "size")}
        wrong = [f"{key} {text[:40]!r}" for key, text in numbers.items() if text and whole_number(text) is None]
        offset, length, size = (whole_number(text) for text in numbers.values())
        encoding = record.attribute("encoding", "style")
        extent = Extent(
            self._window, self._start + (offset or 0), length or 0, -1 if size is None else size, encoding,
            _checksum(record, "archived-checksum"), _checksum(record, "extracted-checksum"), refuse_encoding(encoding),
        )  # fmt: skip
        if wrong:
            extent.refusal = Damage("damaged", f"no number in the table of contents: {', '.join(wrong)}")
        elif length is None and size:
            extent.refusal = Damage("damaged", "the table of contents does not say how many packed bytes it has")
        else:
            self._claim(extent, name)
        return extent

    def claim(self, record: Record) -> None:
        """A checksum or a signature has its place in the heap, too."""
        offset, size = whole_number(record.text("offset")), whole_number(record.text("size"))
        self.end = max(self.end, self._start + (offset or 0) + (size or 0))

    def _claim(self, extent: Extent, name: bytes) -> None:
        stop = extent.at + extent.length
        self._claimed += max(0, min(stop, self._window.size) - extent.at)
        self.end = max(self.end, stop)
        if extent.length:
            self._claims.append((extent.at, stop, name[:_KEPT_NAME]))
        if self._claimed > self._most:
            detail = f"the members of this archive share their bytes, which were read {READINGS} times over"
            extent.refusal = extent.refusal or Damage("overlap", detail)

    def overlaps(self) -> Iterator[tuple[bytes, bytes]]:
        """Pairs of names whose bytes overlap; equal files that share all of theirs do not count."""
        self._claims.sort()
        last = (0, 0, b"")
        for claim in self._claims:
            if claim[0] < last[1] and claim[:2] != last[:2]:
                yield last[2], claim[2]
            if claim[1] > last[1]:
                last = claim


def _checksum(record: Record, name: str) -> tuple[str, str]:
    text = record.text(name)
    return record.attribute(name, "style"), text.lower() if _HEX.fullmatch(text) else f"{name_text(text.encode())!r}"
