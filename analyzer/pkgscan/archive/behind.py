"""Archives that stand behind other content: self-extracting programs and scripts, and polyglots."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive import ole
from pkgscan.archive.carriers import Carrier, carrier_of
from pkgscan.archive.formats import FAR_HEAD, detect, is_plain
from pkgscan.archive.member import Window
from pkgscan.archive.payload import search as payload
from pkgscan.archive.payload.marks import LOOKAHEAD, first_archive
from pkgscan.archive.stream import TAIL, Stream
from pkgscan.archive.tail import ends_like_zip, is_zip_behind
from pkgscan.archive.volumes import part_of
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Span

_HOLDERS = b"\x7fM" + payload.SCRIPT_BEGINS  # first bytes of what may hold a payload
# What ends in something of its own, or in padding: in others a zip that is the last member may end the file.
_KNOW_THEIR_END = frozenset({"7z", "iso9660", "rar"})
# Archives that state where they end; a cabinet may well end in a member that is a zip.
_STATE_THEIR_END = frozenset({"7z", "cab", "iso9660"})


def may_hold(stream: Stream) -> bool:
    """Whether a content that was read to its end may hold an archive behind what it is by its first bytes.

    A cheap look, for every content is asked; `find` then needs all of it.
    """
    form = detect(stream.head)
    if stream.head[: len(ole.MAGIC)] == ole.MAGIC and ole.is_msi(stream.head) is None:
        return True
    if stream.may_end_a_zip and ends_like_zip(stream.tail, stream.size, to_the_end=bool(form)):
        return True
    if stream.carrier is not None and (not form or form in _STATE_THEIR_END):
        return _goes_on(stream.carrier, stream.tail, stream.size)
    return not form and payload.may_hold(stream.head, stream.tail, stream.size)


def is_mere(inner: str, data: bytes, kind: str) -> bool:
    """Whether a small content, at hand as a whole, holds no archive in any way and is part of none.

    `inner` is its path in its archive. Asked of every small member, so each look spares nearly all a closer one.
    """
    if not is_plain(data):
        return False
    may_hold = data and (data[0] in _HOLDERS or data.find(0) >= 0)  # what is packed holds a zero byte sooner or later
    if may_hold and _holds(data):
        return False
    return kind != "binary" or not part_of(inner, data, len(data))


def follows(window: Window) -> bool:
    """Whether another archive may stand behind the one that a content is by its first bytes; `find` tells."""
    tail = window.read(max(0, window.size - TAIL), TAIL)
    if ends_like_zip(tail, window.size, to_the_end=True) and is_zip_behind(window):
        return True
    return _ends_early(window)


def second_archive(window: Window, path: str) -> Iterator[Disagreement]:
    """That a content with an archive behind it is one of another format by its first bytes, where that is sure."""
    form = detect(window.read(0, FAR_HEAD))
    if form in _KNOW_THEIR_END or (form in _STATE_THEIR_END and _ends_early(window)):
        text = f"another archive stands behind the {form}, and which of the two is unpacked depends on the unpacker"
        yield Disagreement(span=Span(path), text=text, disagreement="second-archive")


def find(window: Window, searched: int) -> tuple[str, int] | None:
    """(format, offset) of the archive behind other content; the format may be one that is recognised and not read.

    No format where the `searched` bytes were not all that may hold one, and the offset where the search ended.
    """
    if is_zip_behind(window):
        return "zip", 0
    if ole.is_installer(ole.class_id(window)):
        return "msi", 0
    carrier = _carrier(window)
    return payload.find(window, searched) if carrier is None else _behind_carrier(carrier, window, searched)


def _carrier(window: Window) -> Carrier | None:
    """What states its own end by its first bytes, if it is no archive in another format as well."""
    head = window.read(0, FAR_HEAD)
    form = detect(head)
    return carrier_of(head) if not form or form in _STATE_THEIR_END else None


def _ends_early(window: Window) -> bool:
    """Whether other bytes stand behind an archive that states its end."""
    carrier = _carrier(window)
    return carrier is not None and 0 <= carrier.end <= window.size - payload.SMALLEST


def _holds(data: bytes) -> bool:
    carrier = carrier_of(data)
    if carrier is None:
        return payload.may_hold(data, data, len(data))
    carrier.feed(data)
    return _goes_on(carrier, data, len(data))


def _goes_on(carrier: Carrier, tail: bytes, size: int) -> bool:
    """Whether an archive may stand behind the end of a content that was followed; `tail` is its last bytes."""
    rest = size - carrier.end
    if carrier.end < 0 or rest < payload.SMALLEST:
        return False
    return rest > len(tail) or _first(carrier, tail[-rest:], rest) is not None


def _behind_carrier(carrier: Carrier, window: Window, searched: int) -> tuple[str, int] | None:
    blocks = window.blocks()
    while not carrier.is_done and (block := next(blocks, b"")):
        carrier.feed(block)
    if not 0 <= carrier.end < window.size:
        return None
    data = window.read(carrier.end, searched + LOOKAHEAD)
    if found := _first(carrier, data, searched):
        return found[0], carrier.end + found[1]
    goes_on = carrier.sure and not carrier.may_be_long and window.size - carrier.end > len(data)
    return ("", carrier.end + searched) if goes_on else None


def _first(carrier: Carrier, data: bytes, searched: int) -> tuple[str, int] | None:
    """The first archive in what stands behind a carrier."""
    if carrier.sure:
        found = first_archive(data, searched)
    else:
        padding = len(data) - len(data.lstrip(b"\0"))
        there = first_archive(data[padding:], 1)
        found = there and (there[0], padding + there[1])
    return None if found is not None and found[0] == carrier.followed_by else found
