"""Archives that stand behind other content: self-extracting programs and scripts, and polyglots."""

from __future__ import annotations

from pkgscan.archive import ole
from pkgscan.archive.formats import detect
from pkgscan.archive.member import Window
from pkgscan.archive.stream import Stream
from pkgscan.archive.tail import ends_like_zip, is_zip_behind


def may_hold(stream: Stream) -> bool:
    """Whether a content that was read to its end may hold an archive behind what it is by its first bytes.

    A cheap look, for every content is asked; `find` then needs all of it.
    """
    is_archive = bool(detect(stream.head))
    if stream.head[: len(ole.MAGIC)] == ole.MAGIC and ole.is_msi(stream.head) is None:
        return True
    return stream.may_end_a_zip and ends_like_zip(stream.tail, stream.size, to_the_end=is_archive)


def find(window: Window) -> tuple[str, int] | None:
    """(format, offset) of the archive behind other content; the format may be one that is recognised and not read."""
    if is_zip_behind(window):
        return "zip", 0
    return ("msi", 0) if ole.is_installer(ole.class_id(window)) else None
