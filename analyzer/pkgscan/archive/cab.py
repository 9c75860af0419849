"""Reads cabinets, of which one file may hold several: cabextract unpacks all of them, other programs the first.

Source: [MS-CAB], section 2.1; the header states where the cabinet ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive.libarchive.reader import members_alone
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Fact, Span

_MARK, _HEADER = b"MSCF\0\0\0\0", 36
_SIZE, _SIZE_END = 8, 12  # of the size in the header
NEXT = b"<cabinet behind the first>"


def read_cab(window: Window, path: str) -> Iterator[Member | Fact | Damage]:
    """Members of the cabinet that `window` holds, and what follows it as one that is opened in its turn."""
    yield from members_alone("cab", window=window)
    end = int.from_bytes(window.read(_SIZE, _SIZE_END - _SIZE), "little")
    if end < _HEADER or window.read(end, len(_MARK)) != _MARK:
        return
    text = "another cabinet stands behind the first: some unpackers go on there"
    yield Disagreement(span=Span(path), text=text, disagreement="second-archive")
    rest = window.part(end, window.size - end)
    yield Member(name=NEXT, size=rest.size, has_mode=False, content=rest.blocks(), stored_at=(end, rest.size))
