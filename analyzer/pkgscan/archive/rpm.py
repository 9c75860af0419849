"""The scriptlets in an rpm's header, each a member of its own, and where the payload begins.

Layout (rpm file format, version 3 and 4): a lead of 96 bytes, the signature header padded to 8, the main header, then
the compressed cpio. A header is magic, two counts, an index of 16-byte records (tag, type, offset, count), a store.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator

from pkgscan.archive.member import Damage, Member

_LEAD = 96
_MAGIC = b"\x8e\xad\xe8\x01"
_INTRO = 16
_RECORD = 16
_TEXTS = frozenset({6, 8, 9})  # string, string array, translated string: rpm runs the first string of any
_MOST_RECORDS = 0xFFFF  # rpm's own HEADER_TAGS_MAX: it refuses a header with more
# The kernel's own rpm, with its tens of thousands of files, has a header of 10 MiB.
_HEADER_LIMIT = 64 << 20
_SAID = -1  # in place of an offset: that a tag names more than one text was said

_SCRIPTLETS = {
    1023: b"%pre",
    1024: b"%post",
    1025: b"%preun",
    1026: b"%postun",
    1151: b"%pretrans",
    1152: b"%posttrans",
    1079: b"%verifyscript",
}

Pull = Callable[[], bytes]


def scriptlets(pull: Pull) -> Generator[Member | Damage, None, Pull]:
    """The scriptlets as members called `%post` and so on; returns a pull that hands out the payload.

    Raises fatal Damage where the headers are not as they should be.
    """
    ahead = _Ahead(pull)
    try:
        start = ahead.header_end(_LEAD)
        start += -start % 8
        end = ahead.header_end(start)
        store = ahead.bytes(start, end)
    except _NotRpmError:
        raise Damage("damaged", "its headers are not laid out as an rpm's", fatal=True) from None
    for text in _texts(store):
        if isinstance(text, Damage):
            yield text
            continue
        name, script = text
        yield Member(name=name, content=iter((script,)), size=len(script), mode=0o755, uid=0, gid=0, user="root")
    return ahead.rest(end)


class _NotRpmError(Exception):
    """The headers are not as they should be."""


class _Ahead:
    """Bytes read ahead of where the reading goes on."""

    def __init__(self, pull: Pull) -> None:
        self._pull = pull
        self._have = bytearray()

    def bytes(self, start: int, end: int) -> bytes:
        if end > _HEADER_LIMIT:
            raise Damage("limit-header", f"an rpm header of over {_HEADER_LIMIT} bytes", fatal=True)
        while len(self._have) < end:
            block = self._pull()
            if not block:
                raise _NotRpmError
            self._have += block
        return bytes(self._have[start:end])

    def header_end(self, start: int) -> int:
        intro = self.bytes(start, start + _INTRO)
        if intro[:4] != _MAGIC:
            raise _NotRpmError
        records, store = struct.unpack(">II", intro[8:16])
        if records > _MOST_RECORDS:
            raise Damage("limit-header", f"an rpm header of {records} tags, over {_MOST_RECORDS}", fatal=True)
        return int(start + _INTRO + records * _RECORD + store)

    def rest(self, start: int) -> Pull:
        ready = [bytes(self._have[start:])] if len(self._have) > start else []
        self._have = bytearray()
        return lambda: ready.pop() if ready else self._pull()


def _texts(header: bytes) -> Iterator[tuple[bytes, bytes] | Damage]:
    """Each scriptlet of a header, once; where a tag names another text as well, that it does."""
    records = struct.unpack(">I", header[8:12])[0]
    base = _INTRO + records * _RECORD
    seen: dict[int, int] = {}
    for tag, kind, offset, _count in struct.iter_unpack(">IIII", memoryview(header)[_INTRO:base]):
        if tag not in _SCRIPTLETS or kind not in _TEXTS:
            continue
        if tag in seen:
            if seen[tag] not in {offset, _SAID}:
                seen[tag] = _SAID
                yield Damage("damaged", f"the header names {_SCRIPTLETS[tag].decode()} twice, the first was read")
            continue
        seen[tag] = offset
        end = header.find(b"\0", base + offset)
        if end >= 0:
            yield _SCRIPTLETS[tag], header[base + offset : end]
        else:
            yield Damage("damaged", f"{_SCRIPTLETS[tag].decode()} lies outside of the header")
