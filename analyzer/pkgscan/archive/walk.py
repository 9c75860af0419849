"""Walks a package: every entry of every archive in it, each hashed, named and said once, within the limits.

The walk is a stream of events. Nothing is unpacked to disk under a name; what cannot be seen is a `Gap` event.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator

from pkgscan.archive import behind
from pkgscan.archive.budget import ArchiveBudget, Budget
from pkgscan.archive.command_lines import CommandLines
from pkgscan.archive.condensed import Condensed, condensed
from pkgscan.archive.crowd import Crowd
from pkgscan.archive.events import Closed, Event, Opened, Seen, gap, stated
from pkgscan.archive.formats import READ, detect, unread_format
from pkgscan.archive.libarchive import use as library_use
from pkgscan.archive.limits import Limits
from pkgscan.archive.links import Links
from pkgscan.archive.member import Damage, Exhausted, Member, Window
from pkgscan.archive.names import inner_path, member_path, name_text
from pkgscan.archive.opening import opened
from pkgscan.archive.root import Place, Root, in_place
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Held, InPlace, Spool
from pkgscan.archive.stream import Stream
from pkgscan.archive.volumes import part_of
from pkgscan.kinds import KindTable
from pkgscan.model import MEMBER, Entry, Fact, Gap, Role, Span

SHA256_OF_NOTHING = hashlib.sha256().hexdigest()  # worked out once: empty members may come by the hundred thousand


class Walk:
    """The walk over one input.

    `reads`: the kinds table; content of the kinds it names goes into the event, and with `texts` that of every text.
    `skip`: archives not to open, since one of them ended a walk before.
    """

    def __init__(  # noqa: PLR0913  # each is one thing the caller knows and the walk does not
        self,
        kinds: KindTable,
        limits: Limits,
        *,
        texts: bool = False,
        skip: Collection[str] = (),
        role: Role = "package",
        overflow: int = -1,
    ) -> None:
        self._kinds = kinds
        self._limits = limits
        self._texts = texts
        self._skip = frozenset(skip)
        self._role: Role = role
        self._number = 0
        self._budget = Budget(limits)
        self._lines = CommandLines(kinds, limits.commands)
        self._spool = Spool(limits, overflow)
        self._late: list[str] = []
        self._links = Links(kinds)
        self._root = ""

    def walk(self, root: Root) -> Iterator[Event]:
        """The events of an input, each entry once."""
        crowd = Crowd(self._limits.gaps)
        for event in self._events(root):
            if isinstance(event, Seen):
                if event.content is None:  # nearly all
                    yield event
                else:
                    yield from self._lines.bounded(event, event.content)
            elif crowd.admits(event):
                yield event
        yield from crowd.rest()

    def _events(self, root: Root) -> Iterator[Event]:
        self._root, before = root.name, library_use.count()
        try:
            yield from self._members(root.members(), root.place, self._budget.unpacked_already())
            while self._late:
                late, self._late = self._late, []
                for path, held in fetch(root, late, self._limits, self._spool, known=True):
                    yield from self._late_archive(path, held)
        except Damage as damage:  # of the input's own bytes, or of the whole run's limits
            yield gap(root.name, damage.reason, damage.detail)
        yield from self._links.settle(lambda paths: fetch(root, paths, self._limits, self._spool), self._limits.buffer)
        if detail := library_use.refused(before):
            yield Gap(effect="not-judged", stage="walk", reason="old-libarchive", detail=detail, span=Span(root.name))
        if root.is_directory:
            directory = Member(name=b"", type="directory", content=iter(()))
            yield Seen(self._entry(directory, root.name, "", kind="directory"))

    def _late_archive(self, path: str, held: Held | InPlace | Damage) -> Iterator[Event]:
        if isinstance(held, Damage):
            yield gap(path, held.reason, f"what may stand behind other content: {held.detail}")
        else:
            yield from self._found_behind(held.window, path, path.count(MEMBER) - 1)

    def _members(self, members: Iterable[object], place: Place, budget: ArchiveBudget) -> Iterator[Event]:
        archive = place[0]
        prefix = archive + MEMBER if archive else ""
        for member in members:
            if isinstance(member, Member):
                inner = inner_path(member.name) if archive else self._root
                path = prefix + inner
                budget.count_entry(len(path))
                if member.data is not None and (seen := self._plain(member, path, inner, archive, budget)):
                    yield seen
                else:
                    yield from self._member(member, path, place, budget)
            elif isinstance(member, Damage):
                yield gap(archive, member.reason, member.detail)
            elif isinstance(member, Fact):
                yield from stated(member)

    def _member(self, member: Member, path: str, place: Place, budget: ArchiveBudget) -> Iterable[Event]:
        """The events of one member."""
        archive, most = place[0], self._limits.name
        if len(member.name) > most or len(member.link_target) > most:
            return self._misnamed(member, place, budget)
        if member.type != "file":
            entry = self._entry(member, path, archive, kind=member.type)
            return self._links.put(entry) if member.link_target else (Seen(entry),)
        stream = Stream(member.content, budget, self._limits.entry if archive else sys.maxsize)
        form, inner = detect(stream.head), path[len(archive) + len(MEMBER) :] if archive else path
        part = part_of(inner, stream.head, member.size)
        if form and (form == "zip" or not part):  # a zip says itself what it is a part of
            taken_for = self._kinds.by_place(inner, stream.head) if archive else ""
            if taken_for in self._kinds.names:
                return self._both(member, stream, (form, taken_for), path, place)
            return self._archive(member, stream, form, path, place)
        return self._leaf(member, stream, path, place, part)

    def _plain(self, member: Member, path: str, inner: str, archive: str, budget: ArchiveBudget) -> Seen | None:
        """A small member at a glance, for there are thousands; None for all that deserves a closer look."""
        data, limits = member.data or b"", self._limits
        size = len(data)
        too_long = len(member.name) > limits.name or size > limits.entry
        if member.type != "file" or member.link_target or too_long or self._texts:
            return None
        kind = self._kinds.identify(inner, data, member.mode)
        if kind in self._kinds.names or not behind.is_mere(inner, data, kind):
            return None
        try:
            budget.count_bytes(size)
        except Damage:
            return None  # and the closer look says it
        digest = hashlib.sha256(data).hexdigest() if size else SHA256_OF_NOTHING
        return Seen(self._entry(member, path, archive, kind=kind, size=size, sha256=digest))

    def _misnamed(self, member: Member, place: Place, budget: ArchiveBudget) -> Iterator[Event]:
        """A member whose name or link is longer than any system takes: cut, and said."""
        most = self._limits.name
        yield gap(place[0], "limit-name", f"a name of over {most} bytes; raise it with --limit name=N")
        member.name, member.link_target = member.name[:most], member.link_target[:most]
        yield from self._member(member, member_path(place[0], member.name), place, budget)

    def _archive(self, member: Member, stream: Stream, form: str, path: str, place: Place) -> Iterator[Event]:
        """A member that is an archive: what is in it, then itself."""
        archive, depth, window = place
        whole = False
        try:
            if path in self._skip:
                pass
            elif depth >= self._limits.depth:
                yield self._too_deep(path)
            else:
                yield from self._nested(form, stream, path, (path, depth + 1, in_place(member, window)))
            stream.drain()
            whole = True
        except Damage as damage:
            if damage.fatal:
                yield Seen(self._entry(member, path, archive, kind=form, size=stream.size))
                raise
            yield gap(path, damage.reason, damage.detail)
        digest = stream.sha256 if whole else ""
        yield Seen(self._entry(member, path, archive, kind=form, size=stream.size, sha256=digest, format=form))
        if whole and form != "zip":
            yield from self._behind(stream, path, place, member)

    def _both(self, member: Member, stream: Stream, kinds: tuple[str, str], path: str, place: Place) -> Iterator[Event]:
        """A member that its place makes one thing and its content an archive: read as both. `kinds` are those two."""
        form, taken_for = kinds
        try:
            content, truncated = stream.collect(self._limits.buffer)
        except Damage as damage:
            yield Seen(self._entry(member, path, place[0], kind=taken_for, size=stream.size))
            if damage.fatal:
                raise
            yield gap(path, damage.reason, damage.detail)
            return
        if truncated:
            detail = f"a {form} of over {self._limits.buffer} bytes was not opened; raise it with --limit buffer=N"
            yield gap(path, "limit-buffer", detail)
        elif place[1] >= self._limits.depth:
            yield self._too_deep(path)
        elif path not in self._skip:
            again = Stream(iter((content,)), self._budget.unpacked_already(), sys.maxsize)
            yield from self._nested(form, again, path, (path, place[1] + 1, None))
        digest, size = stream.sha256, stream.size
        entry = self._entry(member, path, place[0], kind=taken_for, size=size, sha256=digest, format=form)
        yield Seen(entry, content, truncated)

    def _leaf(self, member: Member, stream: Stream, path: str, place: Place, part: str) -> Iterator[Event]:
        """A member that is no archive by its head, or only a part of one; with its content if a reader wants it."""
        archive = place[0]
        kind = self._kinds.identify(path[len(archive) + len(MEMBER) :] if archive else path, stream.head, member.mode)
        found: Condensed | None = None
        try:
            if kind in self._kinds.names or (self._texts and kind != "binary"):
                condense = None if self._texts else self._kinds.condensers.get(kind)
                found = condensed(stream, path, condense, self._limits.buffer)
            else:
                stream.drain()
        except Damage as damage:
            yield Seen(self._entry(member, path, archive, kind=kind, size=stream.size))
            if damage.fatal:
                raise
            yield gap(path, damage.reason, damage.detail)
            return
        entry = self._entry(member, path, archive, kind=kind, size=stream.size, sha256=stream.sha256)
        yield Seen(entry, found.content, found.truncated, found.cuts) if found else Seen(entry)
        yield from found.gaps(path, self._limits.buffer) if found else ()
        if part:
            yield gap(path, "multi-volume", f"{part}, not read: join the parts and scan the whole")
        elif unread := unread_format(stream.head, stream.tail):
            yield gap(path, "unsupported-format", f"{unread} is recognised and not read")
        else:
            yield from self._behind(stream, path, place, member)

    def _behind(self, stream: Stream, path: str, place: Place, member: Member) -> Iterator[Event]:
        """An archive behind other content; where that cannot be sought, it is looked at once the walk is over."""
        if path in self._skip or not behind.may_hold(stream):
            return
        inner = in_place(member, place[2])
        if inner is None:
            self._late.append(path)
        else:
            yield from self._found_behind(inner, path, place[1])

    def _found_behind(self, window: Window, path: str, depth: int) -> Iterator[Event]:
        most = self._limits.payload
        form, start = behind.find(window, most) or ("", 0)
        if not form:
            if start:
                detail = f"an archive may begin behind the {most} bytes that were searched for one"
                yield gap(path, "limit-payload", f"{detail}; raise it with --limit payload=N")
            return
        yield from behind.second_archive(window, path)
        if form not in READ:
            yield gap(path, "unsupported-format", f"{form} behind other content is recognised and not read")
        elif depth >= self._limits.depth:
            yield self._too_deep(path)
        else:
            part = window.part(start, window.size - start)
            stream = Stream(part.blocks(), self._budget.unpacked_already(), sys.maxsize)
            yield from self._nested(form, stream, path, (path, depth + 1, part))

    def _too_deep(self, path: str) -> Gap:
        detail = f"archives nested over {self._limits.depth} deep; raise it with --limit depth=N"
        return gap(path, "limit-depth", detail)

    def _nested(self, form: str, stream: Stream, path: str, place: Place) -> Iterator[Event]:
        """The events of an archive in the stream. Its own damage ends it alone; the stream's own damage is raised."""
        yield Opened(path)
        budget = self._budget.archive()
        failure: Damage | None = None
        try:
            with opened(form, stream.read, place[2], path, budget, self._spool) as (members, seekable):
                yield from self._members(members, (path, place[1], seekable), budget)
        except Damage as damage:
            failure = damage
        yield Closed(path)
        if failure is not None:
            if isinstance(failure, Exhausted) or failure is stream.failure:
                raise failure
            yield gap(path, failure.reason, failure.detail)

    def _entry(  # noqa: PLR0913  # an entry has these parts
        self,
        member: Member,
        path: str,
        archive: str,
        *,
        kind: str,
        size: int = 0,
        sha256: str = "",
        format: str = "",  # noqa: A002  # the field's own word
    ) -> Entry:
        self._number += 1
        target = name_text(member.link_target) if member.link_target else ""
        # By position, in the order of the fields: by name it takes nine times as long.
        return Entry(
            path, self._number, member.name, kind, member.type, size, member.mode, member.uid, member.gid, member.user,
            member.group, sha256, target, archive, format, member.has_mode, self._role,
        )  # fmt: skip
