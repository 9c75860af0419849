"""Second looks: which contents readers asked for after the walk, and what was found of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

import msgspec

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.nameless import memory_file
from pkgscan.model import MEMBER, Entry, Gap, Span
from pkgscan.readers.base import THE_PACKAGE, Source, Wants

ENTRIES = 4  # contents of one wish: a signature and what it may sign are three; with a ring they fill a frame
CONTENTS = 128  # held at a time, a descriptor each; a child may have 256 of them
ROUNDS = 16  # of as many contents, each a walk over the package; a repository with a thousand signatures needs them all
RING = 48  # entries of one package in a ring; a vendor has a handful of keys, and the user's own come first anyway
THEIRS = frozenset({"package", "previous"})  # roles of what a vendor sent; all else the user named
RING_BYTES = 16 << 20  # of a ring; the keys of a whole distribution are a tenth of it

DigestOrder: TypeAlias = "tuple[tuple[str, tuple[str, ...]], ...]"  # (path, algorithms)
Ring: TypeAlias = "tuple[tuple[Entry, Window], ...]"


class Look(msgspec.Struct, frozen=True):
    """One second look: the entry whose reader asked, what for, and (path, content) in the order it asked.

    `ring` are the entries of the kinds it asked for, in windows of one descriptor.
    """

    asker: Entry
    purpose: str
    contents: tuple[tuple[str, Window], ...]
    ring: Ring = ()

    def sources(self) -> tuple[Source, ...]:
        """What its reader is handed."""
        wanted = (
            Source(Entry(path=path, size=at.size), "", blocks=at.blocks, whole=partial(at.read, 0, at.size))
            for path, at in self.contents
        )
        return (*wanted, *(Source(entry, entry.kind, window.read(0, window.size)) for entry, window in self.ring))


class Looks:
    """Collects wishes, says what to fetch, and puts together what each asker gets. Owns the descriptors it is given.

    `files`: descriptors of the inputs, in which a content may lie as it is.
    """

    def __init__(self, files: tuple[int, ...] = ()) -> None:
        self._files = frozenset(_file(fd) for fd in files)
        self._waiting: list[tuple[Entry, Wants]] = []
        self._wishes: list[tuple[Entry, Wants]] = []  # of this round
        self._rounds = 0
        self._digests: dict[str, set[str]] = {}
        self._asked: frozenset[str] = frozenset()
        self._found: dict[str, Window] = {}
        self._seen: dict[tuple[str, bool], dict[str, Entry]] = {}  # by kind and whose they are, then by path
        self._rings: dict[tuple[str, ...], Ring] = {}
        self._package = ""

    def saw(self, entry: Entry) -> None:
        """An entry that some reader reads, and that a ring may be made of; of a package's own the first are enough."""
        theirs = entry.role in THEIRS
        seen = self._seen.setdefault((entry.kind, theirs), {})
        if not theirs or len(seen) < RING:
            seen.setdefault(entry.path, entry)

    def add(self, asker: Entry, wants: Wants) -> None:
        """One more wish."""
        if not wants.digests:
            self._waiting.append((asker, wants))
            return
        for path in wants.entries:
            self._digests.setdefault(path, set()).update(wants.digests)

    @property
    def is_waiting(self) -> bool:
        """Whether there are wishes that no round was for."""
        return bool(self._waiting or self._digests)

    def digest_orders(self, names: tuple[str, ...]) -> Iterator[tuple[int, DigestOrder]]:
        """(input number, what digests of which entries) by the names the inputs' paths start with, once."""
        asked, self._digests = self._digests, {}
        wanted = {path or names[0]: algorithms for path, algorithms in asked.items()}
        for number, name in enumerate(names):
            mine = (path for path in sorted(wanted) if path == name or path.startswith(name + MEMBER))
            if order := tuple((path, tuple(sorted(wanted[path]))) for path in mine):
                yield number, order

    def orders(self, names: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(input number, paths to fetch) of one round, by the names the inputs' paths start with; first the package.

        A round is for as many wishes as contents can be held at a time.
        """
        self._package = names[0]
        self._rounds += 1
        self._waiting.sort(key=lambda wish: (wish[0].path, wish[0].number, wish[1].purpose, wish[1].entries))
        wanted: dict[str, None] = {}
        while self._waiting:
            asker, wants = self._waiting[0]
            more = wanted | dict.fromkeys((*self._new_members(asker, wants), *self._paths(wants)))
            if len(more) > CONTENTS and wanted and self._rounds < ROUNDS:
                break
            wanted = more
            self._wishes.append(self._waiting.pop(0))
        self._asked = frozenset(tuple(wanted)[:CONTENTS])
        for number, name in enumerate(names):
            mine = tuple(sorted(path for path in self._asked if path == name or path.startswith(name + MEMBER)))
            if mine:
                yield number, mine

    @property
    def are_known(self) -> bool:
        """Whether all that this round is for was seen in the walk, and must be there."""
        return not any(wants.optional for _, wants in self._wishes)

    def _new_members(self, asker: Entry, wants: Wants) -> tuple[str, ...]:
        """The entries of a wish's ring, where it is not made yet."""
        made = not wants.ring or _ring_key(asker, wants) in self._rings
        return () if made else tuple(entry.path for entry in self._members(asker, wants))

    def _paths(self, wants: Wants) -> tuple[str, ...]:
        return tuple(self._package if path == THE_PACKAGE else path for path in wants.entries)

    def _members(self, asker: Entry, wants: Wants) -> list[Entry]:
        """Who is to be in a wish's ring: the user's own, then the package's; a previous package's only for its own."""
        whose = "previous" if asker.role == "previous" else "package"
        own = [entry for kind in wants.ring for entry in self._seen.get((kind, False), {}).values()]
        theirs = [entry for kind in wants.ring for entry in self._seen.get((kind, True), {}).values()]
        return [*sorted(own, key=_place), *sorted((entry for entry in theirs if entry.role == whose), key=_place)]

    def found(self, path: str, window: Window | None) -> None:
        """A content, None where it was too large. The last of a path counts, as it is the one unpacking leaves behind.

        What nobody asked for is closed at once.
        """
        before = self._found.pop(path, None)
        if before is not None:
            os.close(before.fd)
        if window is None:
            return
        if path in self._asked:
            self._found[path] = window
        else:
            os.close(window.fd)

    @property
    def spool_end(self) -> int:
        """The end of what was found so far, in the file it may lie in when it is not in an input."""
        spooled = (window for window in self._found.values() if _file(window.fd) not in self._files)
        return max((window.offset + window.size for window in spooled), default=0)

    def ready(self) -> Iterator[Look | Gap]:
        """What each wish gets, in a fixed order; a Gap where something is missing."""
        for asker, wants in self._wishes:
            if failure := self._failure(wants):
                detail = f"{failure} for {wants.purpose}"
                yield Gap(effect="unread", stage="read", reason="not-seen-again", detail=detail, span=Span(asker.path))
            else:
                there = tuple((path, self._found[path]) for path in self._paths(wants) if path in self._found)
                yield Look(asker, wants.purpose, there, self._ring(asker, wants))
        self._wishes.clear()

    def done(self) -> None:
        """The round is over: let go of what was handed in for it."""
        for window in self._found.values():
            os.close(window.fd)
        self._found.clear()

    def _failure(self, wants: Wants) -> str:
        paths = self._paths(wants)
        if len(paths) > ENTRIES:
            return f"over {ENTRIES} entries asked for together"
        if not self._asked.issuperset(paths):
            return f"over {CONTENTS} contents asked for in {ROUNDS} rounds"
        missing = [path for path in paths[: 1 if wants.optional else None] if path not in self._found]
        return f"{', '.join(missing)} could not be handed in again" if missing else ""

    def _ring(self, asker: Entry, wants: Wants) -> Ring:
        """The contents of a wish's ring, one behind the other in one file; what is over the limit is left out."""
        if not wants.ring:
            return ()
        key = _ring_key(asker, wants)
        if key not in self._rings:
            self._rings[key] = _copied(
                (entry, self._found[entry.path]) for entry in self._members(asker, wants) if entry.path in self._found
            )
        return self._rings[key]

    def close(self) -> None:
        """Close what was handed in."""
        self.done()
        for ring in self._rings.values():
            if ring:
                os.close(ring[0][1].fd)
        self._rings.clear()


def _ring_key(asker: Entry, wants: Wants) -> tuple[str, ...]:
    return ("previous" if asker.role == "previous" else "", *wants.ring)


def _file(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def _place(entry: Entry) -> tuple[str, int]:
    return entry.path, entry.number


def _copied(contents: Iterator[tuple[Entry, Window]]) -> Ring:
    fd, end = memory_file("ring"), 0
    ring: list[tuple[Entry, Window]] = []
    for entry, window in contents:
        if end + window.size > RING_BYTES:
            continue
        try:
            data = b"".join(window.blocks())
        except Damage:  # a file that somebody cut while we read it
            continue
        view = memoryview(data)
        while view:
            view = view[os.pwrite(fd, view, end + len(data) - len(view)) :]
        ring.append((entry, Window(fd, end, len(data))))
        end += len(data)
    if not ring:
        os.close(fd)
    return tuple(ring)
