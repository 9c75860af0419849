"""Archives that stand behind other content: self-extracting programs and scripts, and polyglots."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive import ole, payload
from pkgscan.archive.formats import FAR_HEAD, detect, is_plain
from pkgscan.archive.member import Window
from pkgscan.archive.stream import TAIL, Stream
from pkgscan.archive.tail import ends_like_zip, is_zip_behind
from pkgscan.archive.volumes import part_of
from pkgscan.facts.archive import ZipDisagreement
from pkgscan.model import Span

_HOLDERS = b"\x7fM" + payload.SCRIPT_BEGINS  # first bytes of what may hold a payload
# What ends in something of its own, or in padding: in others a zip that is the last member may end the file.
_KNOW_THEIR_END = frozenset({"7z", "iso9660", "rar"})


def may_hold(stream: Stream) -> bool:
    """Whether a content that was read to its end may hold an archive behind what it is by its first bytes.

    A cheap look, for every content is asked; `find` then needs all of it.
    """
    is_archive = bool(detect(stream.head))
    if stream.head[: len(ole.MAGIC)] == ole.MAGIC and ole.is_msi(stream.head) is None:
        return True
    if stream.may_end_a_zip and ends_like_zip(stream.tail, stream.size, to_the_end=is_archive):
        return True
    return not is_archive and payload.may_hold(stream.head, stream.tail, stream.size)


def is_mere(inner: str, data: bytes, kind: str) -> bool:
    """Whether a small content, at hand as a whole, holds no archive in any way and is part of none.

    `inner` is its path in its archive. Asked of every small member, so each look spares nearly all a closer one.
    """
    if not is_plain(data):
        return False
    may_hold = data and (data[0] in _HOLDERS or data.find(0) >= 0)  # what is packed holds a zero byte sooner or later
    if may_hold and payload.may_hold(data, data, len(data)):
        return False
    return kind != "binary" or not part_of(inner, data, len(data))


def follows(window: Window) -> bool:
    """Whether a zip stands behind the archive that a content is by its first bytes."""
    tail = window.read(max(0, window.size - TAIL), TAIL)
    return ends_like_zip(tail, window.size, to_the_end=True) and is_zip_behind(window)


def second_archive(window: Window, path: str) -> Iterator[ZipDisagreement]:
    """That a content with a zip behind it is an archive of another format by its first bytes, where that is sure."""
    form = detect(window.read(0, FAR_HEAD))
    if form in _KNOW_THEIR_END:
        text = f"a zip stands behind the {form}, and which of the two is unpacked depends on the unpacker"
        yield ZipDisagreement(span=Span(path), text=text, disagreement="second-archive")


def find(window: Window, searched: int) -> tuple[str, int] | None:
    """(format, offset) of the archive behind other content; the format may be one that is recognised and not read.

    No format where the `searched` bytes were not all that may hold one, and the offset where the search ended.
    """
    if is_zip_behind(window):
        return "zip", 0
    return ("msi", 0) if ole.is_installer(ole.class_id(window)) else payload.find(window, searched)
