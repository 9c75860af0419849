"""A second look: walks to entries that are known from the first, for somebody who needs all of their content."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

from pkgscan.archive import behind
from pkgscan.archive.budget import Budget
from pkgscan.archive.formats import READ, SEEKING, detect
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.names import member_path
from pkgscan.archive.opening import opened
from pkgscan.archive.root import Place, Root, in_place
from pkgscan.archive.spool import Held, InPlace, Spool
from pkgscan.archive.stream import Stream
from pkgscan.model import MEMBER

Finds: TypeAlias = "Iterator[tuple[str, Held | InPlace | Damage]]"


def fetch(root: Root, wanted: Collection[str], limits: Limits, spool: Spool, *, known: bool = False) -> Finds:
    """The whole content of each wanted entry, seekable until the next is asked for, or why there is none.

    What was damaged at the first look is damaged still; what was within the limits then is so now. `known`: all of them
    were seen at the first look, so that one that is not met is searched for where reading alone shows it.
    """
    first = _Fetch(root.name, frozenset(wanted), limits, spool)
    yield from first.members(root.members(), root.place)
    missing = first.missing
    if first.doubled:  # archives in a stream, with another one behind them
        below = frozenset(path for path in wanted if not first.doubled.isdisjoint(_ancestors(path)))
        second = _Fetch(root.name, below, limits, spool, first.doubled)
        yield from second.members(root.members(), root.place)
        missing -= second.found
    if lost := frozenset(path for path in missing if known and not first.has_failed(path)):
        third = _Fetch(root.name, lost, limits, spool, thorough=True)
        yield from third.members(root.members(), root.place)
        missing -= third.found
    for path in sorted(missing):
        yield path, first.why_missing(path)


def _ancestors(path: str) -> Iterator[str]:
    """The paths of the archives that a path lies in, the nearest first."""
    while MEMBER in path:
        path = path.rpartition(MEMBER)[0]
        yield path


class _Fetch:
    """One pass. Of the archives that are `doubled` already, only what is behind them is looked at.

    `thorough`: reads what nobody wants as well, for what stands behind the end of its data shows only then.
    """

    def __init__(  # noqa: PLR0913  # what is wanted, of what, within what, and how
        self,
        root: str,
        wanted: frozenset[str],
        limits: Limits,
        spool: Spool,
        doubled: Collection[str] = (),
        *,
        thorough: bool = False,
    ) -> None:
        self._root = root
        self._wanted = wanted
        self._above = frozenset(above for path in wanted for above in _ancestors(path))
        self._limits = limits
        self._spool = spool
        self._budget = Budget(limits)
        self._behind_only = frozenset(doubled)
        self._thorough = thorough
        self._failures: dict[str, Damage] = {}
        self.doubled: set[str] = set()
        self.found: set[str] = set()

    @property
    def missing(self) -> frozenset[str]:
        """What was wanted and not met."""
        return self._wanted - self.found

    def why_missing(self, path: str) -> Damage:
        """What kept a wanted entry from being met: the failure of the nearest archive around it that failed."""
        return self._failure(path) or Damage("not-seen-again", "it was not met at a second look")

    def has_failed(self, path: str) -> bool:
        """Whether an archive around a wanted entry failed."""
        return self._failure(path) is not None

    def _failure(self, path: str) -> Damage | None:
        return next((self._failures[above] for above in _ancestors(path) if above in self._failures), None)

    def members(self, members: Iterable[object], place: Place) -> Finds:
        """What is wanted of an archive's members, and of what is in them."""
        odd = self._thorough
        for member in members:
            odd = odd or not isinstance(member, Member)
            if not isinstance(member, Member) or member.type != "file":
                continue
            path = member_path(place[0], member.name[: self._limits.name]) if place[0] else self._root
            more = path in self._above
            if path in self._wanted:
                whole = in_place(member, place[2])
                depth = place[1] + 1 if more else -1
                if whole is None:
                    yield from self._hold(path, self._stream(member.content), depth)
                else:
                    yield from self._point(path, whole, depth)
            elif more:
                stream, inner = self._stream(member.content), in_place(member, place[2])
                yield from self._within(stream, inner, path, place[1] + 1)
            elif odd:
                self._pass_over(member)

    def _pass_over(self, member: Member) -> None:
        """Read what nobody wants: in an archive that is not as it should be, the next member begins where it ends."""
        with suppress(Damage):  # the first look told of it
            Stream(member.content, self._budget.unpacked_already(), self._limits.entry).drain()

    def _stream(self, blocks: Iterator[bytes]) -> Stream:
        return Stream(blocks, self._budget.unpacked_already(), sys.maxsize)

    def _point(self, path: str, whole: Window, depth: int) -> Finds:
        """The same for a content whose bytes are at hand as they are, such as the package itself."""
        self.found.add(path)
        yield path, InPlace(whole)
        if depth >= 0:
            yield from self._within(self._stream(whole.blocks()), whole, path, depth)

    def _hold(self, path: str, stream: Stream, depth: int) -> Finds:
        """A content, and what is wanted of the archive that it is, if it has a depth: -1 where nothing is."""
        self.found.add(path)
        try:
            held = self._spool.hold(stream.read)
        except Damage as damage:
            yield path, damage
            return
        try:
            yield path, held
            if depth >= 0:
                yield from self._within(self._stream(held.window.blocks()), held.window, path, depth)
        finally:  # also where whoever asked goes no further
            held.leave()

    def _within(self, stream: Stream, inner: Window | None, path: str, depth: int) -> Finds:
        """What is wanted of an archive, and of one behind it."""
        form = detect(stream.head)
        try:
            if not form or path in self._behind_only:
                with self._sought(stream, inner) as window:
                    yield from self._behind(window, path, depth)
            elif form == "zip":
                yield from self._opened(form, stream, inner, path, depth)
            elif form in SEEKING or inner is not None:
                with self._sought(stream, inner) as window:
                    yield from self._opened(form, self._stream(window.blocks()), window, path, depth)
                    if behind.follows(window):
                        yield from self._behind(window, path, depth)
            else:
                yield from self._opened(form, stream, None, path, depth)
                stream.drain()
                if behind.may_hold(stream):
                    self.doubled.add(path)
        except Damage as damage:
            self._failures.setdefault(path, damage)
            if damage is stream.failure and damage.fatal:
                raise

    @contextmanager
    def _sought(self, stream: Stream, inner: Window | None) -> Iterator[Window]:
        held = self._spool.hold(stream.read) if inner is None else None
        try:
            yield inner or (held.window if held is not None else Window(-1, 0, 0))
        finally:
            if held is not None:
                held.close()

    def _opened(self, form: str, stream: Stream, window: Window | None, path: str, depth: int) -> Finds:
        """What is wanted of one archive. Its own damage ends it alone; the stream's own is raised."""
        budget = self._budget.unpacked_already()
        try:
            with opened(form, stream.read, window, path, budget, self._spool, all_read=False) as (found, seekable):
                yield from self.members(found, (path, depth, seekable))
        except Damage as damage:
            self._failures.setdefault(path, damage)
            if damage is stream.failure:
                raise

    def _behind(self, window: Window, path: str, depth: int) -> Finds:
        """What is wanted of the archive that stands behind other content."""
        form, start = behind.find(window, self._limits.payload) or ("", 0)
        if form in READ:
            part = window.part(start, window.size - start)
            yield from self._opened(form, self._stream(part.blocks()), part, path, depth)
