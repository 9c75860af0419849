"""What parent and children say to each other: the kinds of frames, and how their payloads are written.

Every payload is msgpack, decoded into the very types it may hold, for a child may be hostile: what makes no sense is a
FrameError. CONTENT, because it is large, begins with a few bytes laid out by hand, big-endian: length of the entry (4),
length of the cuts (4), truncated (1); then the entry, the cuts, and the content as it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar, Union

import msgspec

from pkgscan.model import Entry, Fact, Gap
from pkgscan.readers.base import Cut, Wants
from pkgscan.registry import Registry
from pkgscan.sandbox.child import FIRST_KIND
from pkgscan.sandbox.frames import Channel
from pkgscan.sandbox.wire import Buffer, FrameError

# From the decoder.
SEEN = FIRST_KIND  # entries, in batches
CONTENT = FIRST_KIND + 1  # an entry and its content, for an analyser
FACTS = FIRST_KIND + 2  # facts; from an analyser too
GAPS = FIRST_KIND + 3  # gaps; from an analyser too
OPENED = FIRST_KIND + 4  # (event number, path)
CLOSED = FIRST_KIND + 5
WALKED = FIRST_KIND + 6  # the input asked for is walked
FOUND = FIRST_KIND + 7  # one wanted content, with its descriptor
FETCHED = FIRST_KIND + 8  # all that could be found was
# From an analyser.
WANTS = FIRST_KIND + 9  # a second look is asked for
ANSWERED = FIRST_KIND + 10  # the entry is read
# From the scanner.
OUTCOME = FIRST_KIND + 11  # a piece of the outcome
FACTS_FILE = FIRST_KIND + 12  # a piece of the facts file
JUDGED = FIRST_KIND + 13  # the outcome is whole
# From the parent.
WALK = FIRST_KIND + 14
FETCH = FIRST_KIND + 15
LOOK = FIRST_KIND + 16
JUDGE = FIRST_KIND + 17
# From the decoder, where the totals are enough.
COUNTED = FIRST_KIND + 18  # (entries, bytes) seen since the last of these

IN_WALK = frozenset({SEEN, COUNTED, CONTENT, FACTS, GAPS, OPENED, CLOSED, WALKED})
IN_FETCH = frozenset({FOUND, FACTS, FETCHED})
FROM_DECODER = IN_WALK | IN_FETCH
FROM_ANALYSER = frozenset({FACTS, GAPS, WANTS, ANSWERED})
FROM_SCANNER = frozenset({OUTCOME, FACTS_FILE, JUDGED})

PIECE = 4 << 20  # bytes of an outcome in one frame
BATCH = 500  # facts in one frame

T = TypeVar("T")
_CONTENT = struct.Struct(">II?")
_ARRAY_16, _ARRAY_32 = struct.Struct(">H"), struct.Struct(">I")
_MALFORMED = (msgspec.DecodeError, ValueError, RecursionError)  # ValueError: text that is no UTF-8
_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode


class WalkOrder(msgspec.Struct, frozen=True):
    """Walk an input; leave out the first `suppress` events, which came in an earlier try, and do not open `skip`."""

    number: int
    skip: tuple[str, ...] = ()
    suppress: int = 0


class FetchOrder(msgspec.Struct, frozen=True):
    """Hand out the whole content of these entries of an input; the overflow file is in use up to `spool_from`.

    `known`: all of them are there. With `digests` state those of entries by algorithms instead.
    """

    number: int
    paths: tuple[str, ...]
    spool_from: int = 0
    known: bool = True
    digests: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """Where in the descriptor beside it a content lies; `size` -1: it was over the spool limit."""

    path: str
    offset: int
    size: int


class LookOrder(msgspec.Struct, frozen=True):
    """A second look: the entry whose reader asked, what for, the contents in the order it asked, and its ring."""

    asker: Entry
    purpose: str
    pieces: tuple[Piece, ...]
    ring: tuple[tuple[Entry, Piece], ...] = ()  # all in the last descriptor


@cache
def decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """The strict decoder of a type."""
    return msgspec.msgpack.Decoder(kind)


def decode(kind: Any, payload: Buffer) -> Any:
    """The value of a type that a child sent. Raises FrameError."""
    return decode_by(decoder(kind), payload)


def decode_by(known: msgspec.msgpack.Decoder[T], payload: Buffer) -> T:
    """The value that a child sent. Raises FrameError."""
    try:
        return known.decode(payload)
    except _MALFORMED as error:
        raise FrameError(f"a frame that makes no sense: {error}") from error


def facts_decoder(registry: Registry) -> msgspec.msgpack.Decoder[list[Fact]]:
    """The decoder of every fact that loaded readers, and the walk, may state."""
    types = tuple(registry.fact_types().values())
    return msgspec.msgpack.Decoder(list[Union[types]])  # type: ignore[valid-type]  # noqa: UP007  # known at run time only


def pack_content(entry: Entry, content: bytes, *, truncated: bool, cuts: tuple[Cut, ...] = ()) -> bytes:
    """The payload of CONTENT."""
    head, left_out = encode(entry), encode(cuts)
    return b"".join((_CONTENT.pack(len(head), len(left_out), truncated), head, left_out, content))


def unpack_entry(payload: bytes) -> Entry:
    """The entry of a CONTENT payload alone."""
    length, _, _ = _unpack(_CONTENT, payload)
    entry: Entry = decode(Entry, memoryview(payload)[_CONTENT.size : _CONTENT.size + length])
    return entry


def unpack_content(payload: bytes) -> tuple[Entry, bytes, bool, tuple[Cut, ...]]:
    """(entry, content, truncated, cuts) of a CONTENT payload."""
    length, more, truncated = _unpack(_CONTENT, payload)
    at = _CONTENT.size + length
    cuts: tuple[Cut, ...] = decode(tuple[Cut, ...], memoryview(payload)[at : at + more])
    return unpack_entry(payload), payload[at + more :], truncated, cuts


def send_readings(channel: Channel, readings: Iterable[Fact | Gap | Wants]) -> None:
    """Send what a reader states, in few frames."""
    facts: list[Fact] = []
    for reading in readings:
        if isinstance(reading, Fact):
            facts.append(reading)
            if len(facts) == BATCH:
                channel.put(FACTS, encode(facts))
                facts = []
        elif isinstance(reading, Gap):
            channel.put(GAPS, encode([reading]))
        else:
            channel.put(WANTS, encode(reading))
    if facts:
        channel.put(FACTS, encode(facts))


def send_pieces(channel: Channel, kind: int, data: bytes) -> None:
    """Send long data in frames of bearable length."""
    for at in range(0, len(data), PIECE):
        channel.send(kind, data[at : at + PIECE])


def pack_totals(entries: list[Entry]) -> bytes:
    """The payload of COUNTED."""
    return encode((len(entries), sum([entry.size for entry in entries])))


def unpack_totals(payload: bytes) -> tuple[int, int]:
    """(entries, bytes) of a COUNTED payload."""
    totals: tuple[int, int] = decode(tuple[int, int], payload)
    if min(totals) < 0:
        raise FrameError("a frame of fewer than no entries")
    return totals


def unpack_entries(payload: bytes) -> list[Entry]:
    """The entries of a SEEN payload."""
    entries: list[Entry] = decode(list[Entry], payload)
    return entries


def array_length(data: Buffer, at: int = 0) -> int:
    """How many values the msgpack array at `at` says it has, before any is made. Raises FrameError."""
    first = data[at] if at < len(data) else 0
    if first & 0xF0 == 0x90:  # noqa: PLR2004  # fixarray
        return first & 0x0F
    if first in {0xDC, 0xDD}:  # array 16, array 32
        (count,) = _unpack(_ARRAY_16 if first == 0xDC else _ARRAY_32, data, at + 1)  # noqa: PLR2004  # as above
        return int(count)
    raise FrameError("a frame without an array where one belongs")


def _unpack(form: struct.Struct, payload: Buffer, at: int = 0) -> tuple[Any, ...]:
    try:
        return form.unpack_from(payload, at)
    except struct.error as error:
        raise FrameError(f"a frame cut short: {error}") from error
