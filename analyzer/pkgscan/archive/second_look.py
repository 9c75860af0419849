"""A second look: walks to entries that are known from the first, for somebody who needs all of their content."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from pkgscan.archive import behind
from pkgscan.archive.budget import Budget
from pkgscan.archive.formats import detect
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.names import member_path
from pkgscan.archive.opening import opened
from pkgscan.archive.root import Place, Root, in_place
from pkgscan.archive.spool import Held, Spool
from pkgscan.archive.stream import Stream
from pkgscan.model import MEMBER

Finds: TypeAlias = "Iterator[tuple[str, Held | None]]"


def fetch(root: Root, wanted: Collection[str], limits: Limits, spool: Spool) -> Finds:
    """The whole content of each wanted entry, seekable until the next is asked for; None over the spool limit.

    What was damaged at the first look is damaged still, and is not said again; what was within the limits then is so
    now.
    """
    return _Fetch(root.name, frozenset(wanted), limits, spool).members(root.members(), root.place)


class _Fetch:
    def __init__(self, root: str, wanted: frozenset[str], limits: Limits, spool: Spool) -> None:
        self._root = root
        self._wanted = wanted
        self._limits = limits
        self._spool = spool
        self._budget = Budget(limits)

    def members(self, members: Iterable[object], place: Place) -> Finds:
        for member in members:
            if not isinstance(member, Member) or member.type != "file":
                continue
            path = member_path(place[0], member.name) if place[0] else self._root
            if path in self._wanted:
                yield from self._hold(path, self._stream(member))
            elif any(other.startswith(path + MEMBER) for other in self._wanted):
                yield from self._within(member, path, place)

    def _stream(self, member: Member) -> Stream:
        return Stream(member.content, self._budget.unpacked_already(), sys.maxsize)

    def _hold(self, path: str, stream: Stream) -> Finds:
        try:
            held = self._spool.hold(stream.read)
        except Damage:
            yield path, None
            return
        yield path, held
        held.leave()

    def _within(self, member: Member, path: str, place: Place) -> Finds:
        stream, inner = self._stream(member), in_place(member, place[2])
        form = detect(stream.head)
        if not form:
            yield from self._behind(stream, inner, path, place[1] + 1)
            return
        budget = self._budget.unpacked_already()
        try:
            with opened(form, stream.read, inner, path, budget, self._spool) as (found, seekable):
                yield from self.members(found, (path, place[1] + 1, seekable))
        except Damage as damage:
            if damage is stream.failure:
                raise

    def _behind(self, stream: Stream, inner: Window | None, path: str, depth: int) -> Finds:
        """What is in an archive that stands behind other content: something is, so there is one."""
        held = self._spool.hold(stream.read) if inner is None else None
        window = inner or (held.window if held is not None else None)
        found = behind.find(window) if window is not None else None
        if window is None or found is None:
            return
        part = window.part(found[1], window.size - found[1])
        again = Stream(part.blocks(), self._budget.unpacked_already(), sys.maxsize)
        try:
            with opened(found[0], again.read, part, path, self._budget.unpacked_already(), self._spool) as (
                items,
                place,
            ):
                yield from self.members(items, (path, depth, place))
        except Damage:
            pass  # as at the first look, where it was said
        finally:
            if held is not None:
                held.close()
