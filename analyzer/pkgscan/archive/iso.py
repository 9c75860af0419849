"""Reads ISO 9660 volumes, which may hold several directory trees: systems differ in the one they show.

libarchive reads the tree with Rock Ridge names where there is one, Windows the Joliet tree. Both are walked here, and
what stands in the second alone is read as well. A UDF tree beside them is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pkgscan.archive.libarchive.reader import members_alone
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Fact, Span

SECTOR = 2048
FIRST_DESCRIPTOR = 16  # sectors before it belong to the system
MOST_DESCRIPTORS = 64  # real volumes have three to six
SUPPLEMENTARY = 2  # the type of a descriptor that may be Joliet's
_ESCAPES_AT, _ESCAPES = 88, (b"%/@", b"%/C", b"%/E")  # by which Joliet is known: UCS-2 of three levels
JOLIET = b"<Joliet tree>/"


def read_iso(window: Window, path: str) -> Iterator[Member | Fact | Damage]:
    """Members of the volume that `window` holds, `path` being its entry path. Raises fatal Damage."""
    joliet, udf = _other_trees(window)
    seen: set[bytes] = set()
    for item in members_alone("iso9660", window=window):
        if joliet and isinstance(item, Member) and item.type == "file":
            item.content = _noted(item.content, seen)
        yield item
    if joliet:
        yield from _joliet_alone(window, path, seen)
    if udf:
        detail = "it holds a UDF tree, too, which is not read: it may show other files"
        yield Damage("unsupported-format", detail)


def _joliet_alone(window: Window, path: str, seen: set[bytes]) -> Iterator[Member | Fact | Damage]:
    """Files of the Joliet tree whose contents the first tree has not: names may be cut in either, sizes be alike.

    Empty files are passed over: a link of the first tree is one of these in Joliet's.
    """
    unseen = {number for number, member in enumerate(_joliet_files(window)) if not _is_seen(member, seen)}
    if not unseen:
        return
    text = "its Joliet tree, which Windows shows, holds files that its other tree has not"
    yield Disagreement(span=Span(path), text=text, disagreement="second-directory")
    for number, member in enumerate(_joliet_files(window)):
        if number in unseen:
            member.name = JOLIET + member.name
            yield member


def _joliet_files(window: Window) -> Iterator[Member]:
    for item in members_alone("iso9660", window=window, without=("rockridge",)):
        if isinstance(item, Member) and item.type == "file" and item.size:
            yield item


def _noted(blocks: Iterator[bytes], seen: set[bytes]) -> Iterator[bytes]:
    """The blocks; their hash goes to `seen` once all have passed."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
        yield block
    seen.add(digest.digest())


def _is_seen(member: Member, seen: set[bytes]) -> bool:
    found: set[bytes] = set()
    try:
        for _ in _noted(member.content, found):
            pass
    except Damage:
        return False  # and whoever reads it is told why
    return found <= seen


def _other_trees(window: Window) -> tuple[bool, bool]:
    """Whether there are a Joliet tree and a UDF tree, by the volume descriptors."""
    joliet = udf = False
    for number in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + MOST_DESCRIPTORS):
        head = window.read(number * SECTOR, _ESCAPES_AT + 3)
        mark = head[1:6]
        if mark in {b"NSR02", b"NSR03"}:
            udf = True
        elif mark not in {b"CD001", b"BEA01", b"TEA01", b"BOOT2"}:
            break
        joliet = joliet or (mark == b"CD001" and head[0] == SUPPLEMENTARY and head[_ESCAPES_AT:] in _ESCAPES)
    return joliet, udf
