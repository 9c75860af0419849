"""BER and DER (X.690) taken apart element by element, without recursion and within limits.

Streamed messages are written in BER with lengths that only an end mark tells, and in strings of pieces; both are read.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.crypto.packets import Malformed

NESTING = 32  # levels of elements without a stated length in each other; a streamed message has four
MOST_OID = 64  # bytes of an object identifier; the longest in use has twenty
ELEMENTS = 50_000  # of one element's direct content; a revocation list of a large authority has as many entries

INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
UTC_TIME, GENERAL_TIME = 0x17, 0x18
CONSTRUCTED, CONTEXT = 0x20, 0xA0
_CONTEXT_PRIMITIVE = 0x80
_LONG_TAG = 0x1F
_INDEFINITE = 0x80
_MOST_LENGTH_BYTES = 4  # of a length; nothing that is read here has 4 GiB


class Element(msgspec.Struct, frozen=True):
    """One element of `data`: its tag's first byte, where it starts, where its content is, and where it ends."""

    data: bytes
    tag: int
    start: int
    first: int
    last: int  # behind the content; before the end mark, if there is one
    end: int

    @property
    def raw(self) -> bytes:
        """All of it, with tag and length."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """What stands behind tag and length."""
        return self.data[self.first : self.last]

    @property
    def is_definite(self) -> bool:
        """Whether it states its length."""
        return self.last == self.end

    def children(self) -> Iterator[Element]:
        """The elements in it. Raises Malformed."""
        at = self.first
        for _ in range(ELEMENTS):
            if at >= self.last:
                return
            child = element(self.data, at, self.last)
            yield child
            at = child.end
        raise Malformed(f"over {ELEMENTS} elements in one")

    def integer(self) -> int:
        """The value of an INTEGER."""
        self.expect(INTEGER)
        return int.from_bytes(self.content, "big", signed=True)

    def oid(self) -> str:
        """The value of an OBJECT IDENTIFIER, with dots."""
        self.expect(OID)
        arcs: list[int] = []
        value = 0
        for byte in self.content[:MOST_OID]:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(value)
                value = 0
        if not arcs:
            raise Malformed("an object identifier of nothing")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def octets(self) -> bytes:
        """The value of an OCTET STRING, or of the implicit tag of one, put together where it is in pieces."""
        if not self.tag & CONSTRUCTED:
            return self.content
        pieces: list[bytes] = []
        pending = [self.children()]
        while pending:
            piece = next(pending[-1], None)
            if piece is None:
                pending.pop()
            elif not piece.tag & CONSTRUCTED:
                piece.expect(OCTETS)
                pieces.append(piece.content)
            elif len(pending) >= NESTING:
                raise Malformed(f"strings in strings over {NESTING} deep")
            else:
                pending.append(piece.children())
        return b"".join(pieces)

    def expect(self, tag: int) -> Element:
        """Itself, if it has a tag. Raises Malformed."""
        if self.tag != tag:
            raise Malformed(f"an element of tag {self.tag:#04x} where {tag:#04x} belongs")
        return self


def context(number: int, *, primitive: bool = False) -> int:
    """The first byte of a context-specific tag."""
    return (_CONTEXT_PRIMITIVE if primitive else CONTEXT) | number


def element(data: bytes, at: int = 0, end: int = -1) -> Element:
    """The element that begins at `at`, none of it behind `end`. Raises Malformed."""
    end = len(data) if end < 0 else end
    tag, first, length = _header(data, at, end)
    if length >= 0:
        if first + length > end:
            raise Malformed("an element that is longer than what holds it")
        return Element(data, tag, at, first, first + length, first + length)
    last = _end_of_contents(data, first, end)
    return Element(data, tag, at, first, last, last + 2)


def _header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(tag, where the content begins, its length); -1 for a length that only an end mark tells."""
    if at + 2 > end:
        raise Malformed("an element that is cut short")
    tag, length = data[at], data[at + 1]
    if tag & _LONG_TAG == _LONG_TAG:
        raise Malformed("a tag of more than one byte")
    if length < _INDEFINITE:
        return tag, at + 2, length
    if length == _INDEFINITE:
        if not tag & CONSTRUCTED:
            raise Malformed("a plain element without a length")
        return tag, at + 2, -1
    count = length & 0x7F
    if count > _MOST_LENGTH_BYTES or at + 2 + count > end:
        raise Malformed("a length that cannot be")
    return tag, at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")


def _end_of_contents(data: bytes, at: int, end: int) -> int:
    """Where the end mark of an element stands whose content begins at `at`."""
    depth = 1
    while True:
        if data[at : at + 2] == b"\0\0" and at + 2 <= end:
            depth -= 1
            if not depth:
                return at
            at += 2
            continue
        _, first, length = _header(data, at, end)
        if length >= 0:
            at = first + length
        else:
            depth += 1
            at = first
            if depth > NESTING:
                raise Malformed(f"elements without a length over {NESTING} deep in each other")
