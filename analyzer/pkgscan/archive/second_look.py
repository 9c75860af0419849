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
            more = any(other.startswith(path + MEMBER) for other in self._wanted)
            if path in self._wanted:
                yield from self._hold(path, self._stream(member.content), place[1] + 1 if more else -1)
            elif more:
                stream, inner = self._stream(member.content), in_place(member, place[2])
                yield from self._within(stream, inner, path, place[1] + 1)

    def _stream(self, blocks: Iterator[bytes]) -> Stream:
        return Stream(blocks, self._budget.unpacked_already(), sys.maxsize)

    def _hold(self, path: str, stream: Stream, depth: int) -> Finds:
        """A content, and what is wanted of the archive that it is, if it has a depth: -1 where nothing is."""
        try:
            held = self._spool.hold(stream.read)
        except Damage:
            yield path, None
            return
        try:
            yield path, held
            if depth >= 0:
                yield from self._within(self._stream(held.window.blocks()), held.window, path, depth)
        finally:  # also where whoever asked goes no further
            held.leave()

    def _within(self, stream: Stream, inner: Window | None, path: str, depth: int) -> Finds:
        form = detect(stream.head)
        if not form:
            yield from self._behind(stream, inner, path, depth)
            return
        budget = self._budget.unpacked_already()
        try:
            with opened(form, stream.read, inner, path, budget, self._spool) as (found, seekable):
                yield from self.members(found, (path, depth, seekable))
        except Damage as damage:
            if damage is stream.failure and damage.fatal:
                raise

    def _behind(self, stream: Stream, inner: Window | None, path: str, depth: int) -> Finds:
        """What is in an archive that stands behind other content: something is, so there is one."""
        try:
            held = self._spool.hold(stream.read) if inner is None else None
        except Damage as damage:
            if damage.fatal:
                raise
            return
        try:
            window = inner or (held.window if held is not None else None)
            found = behind.find(window) if window is not None else None
            if window is not None and found is not None:
                yield from self._part(found[0], window.part(found[1], window.size - found[1]), path, depth)
        finally:
            if held is not None:
                held.close()

    def _part(self, form: str, part: Window, path: str, depth: int) -> Finds:
        again, budget = self._stream(part.blocks()), self._budget.unpacked_already()
        try:
            with opened(form, again.read, part, path, budget, self._spool) as (items, place):
                yield from self.members(items, (path, depth, place))
        except Damage:
            pass  # as at the first look, where it was said
