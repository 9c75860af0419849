"""Watches the bytes of a tar pass for members whose size is stated twice and differently.

A pax record may restate the size of a member, which is needed from 8 GiB on. Readers that heed it and readers that go
by the plain header then find the next header in different places, and see different members. Source: pax(1), ustar.
"""

from __future__ import annotations

from collections.abc import Callable

_RECORD = b" size="  # of a pax header; what stands before it is the record's length
_BLOCK = 512
_KEPT = 64 << 10  # bytes in which a pax header with its member's own header must fit; real ones take one or two KiB
_PLAIN_SIZES = 8 << 30  # from here on a plain header cannot hold the size
_PAX = b"xg"  # types of pax headers: of one member, of all that follow
_TYPE, _MAGIC, _SIZE, _SIZE_END = 156, 257, 124, 136
MOST = 100  # differences told of one archive


class PaxAudit:
    """Hands on what `pull` hands out; `differences` are (offset, size by the pax record, size by the header)."""

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._kept = b""
        self._before = 0  # bytes of the archive before what is kept
        self._compared = -1  # the last pax header that was, as an offset in the archive
        self.differences: list[tuple[int, int, int]] = []

    def pull(self) -> bytes:
        """The next block."""
        block = self._pull()
        if block and len(self.differences) < MOST:
            held = self._kept + block
            if _RECORD in held:
                self._look(held)
            self._before += max(0, len(held) - _KEPT)
            self._kept = held[-_KEPT:]
        return block

    def _look(self, held: bytes) -> None:
        """Compare every pax header whose member's own header is here, too."""
        for start in range(-self._before % _BLOCK, len(held) - 2 * _BLOCK, _BLOCK):
            if held[start + _TYPE] in _PAX and self._before + start > self._compared and _is_ustar(held, start):
                length = _size(held, start)
                member = start + _BLOCK + -(-length // _BLOCK) * _BLOCK
                if member + _BLOCK <= len(held):
                    self._compared = self._before + start
                    self._compare(_stated(held[start + _BLOCK : start + _BLOCK + length]), held, member)

    def _compare(self, stated: int, held: bytes, member: int) -> None:
        plain = _size(held, member)
        if 0 <= stated < _PLAIN_SIZES and stated != plain and _is_ustar(held, member):
            self.differences.append((self._before + member, stated, plain))


def _is_ustar(held: bytes, start: int) -> bool:
    return held[start + _MAGIC : start + _MAGIC + 5] == b"ustar"


def _size(held: bytes, start: int) -> int:
    field = held[start + _SIZE : start + _SIZE_END].strip(b" \0")
    return int(field, 8) if field and not field.translate(None, b"01234567") else 0


def _stated(records: bytes) -> int:
    """The size that pax records state, the last one; negative if none does."""
    at, found = 0, -1
    while at < len(records):
        digits, space, _ = records[at : at + 8].partition(b" ")
        if not space or not digits.isdigit() or int(digits) < len(digits) + 2:
            break
        key, _, value = records[at + len(digits) + 1 : at + int(digits)].partition(b"=")
        if key == b"size" and value[:-1].isdigit() and len(value) < 20:  # noqa: PLR2004  # digits of a 64-bit number
            found = int(value[:-1])
        at += int(digits)
    return found
