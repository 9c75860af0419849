"""The child that walks and fetches, and its successors: a dead one costs the innermost archive it was in."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from pkgscan.archive.events import gap as unread
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Window
from pkgscan.model import Entry, Gap
from pkgscan.processes import looks
from pkgscan.processes import messages as say
from pkgscan.processes.bounds import FRAME_BYTES, MORE_DEPTH, MORE_ENTRIES, WALK_BYTES, Bound, path_bytes
from pkgscan.processes.loop import Loop
from pkgscan.processes.worker import Worker
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import FrameError, close_all

RESTARTS = 20  # of the decoder; a package whose archives kill it more often is not worth the time


class Uses(msgspec.Struct, frozen=True):
    """Who takes what a decoder says: entries to read with their CONTENT payloads, archives opened, contents found, all
    else; and when.
    """

    read: Callable[[Entry, bytes], None]
    opened: Callable[[str], None]
    found: Callable[[str, Window | None], None]
    keep: Callable[[int, bytes], None]
    ready: Callable[[], bool]


class Walker:
    """`start` forks a decoder. What it says is believed as far as it answers what it was asked, and is bounded."""

    def __init__(self, loop: Loop, start: Callable[[], Worker], uses: Uses, limits: Limits, inputs: int) -> None:
        self._loop = loop
        self._start = start
        self._uses = uses
        self._limits = limits
        self._worker: Worker | None = None
        self._name = ""
        self._welcome: frozenset[int] = frozenset()  # what may come in answer; nothing while nothing is asked
        self._cpu = 0.0  # of decoders that have ended
        self._open: list[tuple[int, str]] = []  # archives it is in, as (event number, path)
        self._entries = Bound("entries", (limits.entries + MORE_ENTRIES) * inputs)
        self._bytes = Bound("bytes about entries", WALK_BYTES)

    @property
    def pid(self) -> int:
        """The process id of the decoder at work; 0 where there is none."""
        return self._worker.pid if self._worker is not None else 0

    def walk(self, number: int, name: str) -> None:
        """Walk an input; archives that end a decoder are left out the next time. Raises Stopped."""
        self._name = name
        order = say.WalkOrder(number)
        for _ in range(RESTARTS):
            if self._ask(say.WALK, say.encode(order), say.IN_WALK):
                return
            at, culprit = self._open[-1] if self._open else (0, name)
            if culprit == name or self._is_out_of_cpu:
                return
            order = say.WalkOrder(number, (*order.skip, culprit), at - 1)
        self._say(unread(name, "decoder-crash", f"given up after {RESTARTS} archives"))

    def fetch(self, order: say.FetchOrder, name: str) -> None:
        """Have contents of an input handed out. Raises Stopped."""
        self._name = name
        self._ask(say.FETCH, say.encode(order), say.IN_FETCH)

    def stop(self) -> None:
        """Whatever it is at, it is not to go on."""
        self._welcome = frozenset()
        if self._worker is not None:
            self._worker.end()

    @property
    def _is_out_of_cpu(self) -> bool:
        return self._cpu >= self._limits.cpu

    def _ask(self, kind: int, payload: bytes, welcome: frozenset[int]) -> bool:
        """Have it do something; whether it survived."""
        self._open.clear()
        self._worker = self._worker or self._loop.add(self._start(), self)
        self._welcome = welcome
        self._worker.ask(kind, payload)
        self._loop.run(lambda: not self._welcome)
        return self._worker is not None

    # What the loop tells.

    def listens(self, worker: Worker) -> bool:  # noqa: ARG002  # as every owner's
        """Not while contents, or what the scanner is to have, pile up."""
        return self._uses.ready()

    def hear(self, worker: Worker, frame: Frame) -> None:
        """Take a frame. A content begun, or an archive opened, is no progress yet: of those a child may always say."""
        if frame.kind not in self._welcome:
            close_all(frame.fds)
            raise FrameError("it said what it was not asked for")
        if frame.kind in {say.OPENED, say.CLOSED}:
            self._turn(frame)
        elif frame.kind == say.FOUND:
            self._find(frame)
        elif frame.kind in {say.WALKED, say.FETCHED}:
            self._welcome, worker.busy = frozenset(), False
        else:
            self._take(frame)
        if frame.kind in {say.SEEN, say.COUNTED, say.CLOSED, say.FOUND}:
            worker.moved = time.monotonic()

    def _turn(self, frame: Frame) -> None:
        if frame.kind == say.CLOSED:
            del self._open[-1:]
            return
        if len(frame.payload) > path_bytes(self._limits) or len(self._open) >= self._limits.depth + MORE_DEPTH:
            raise FrameError("it opened an archive beyond the limits")
        self._open.append(say.decode(tuple[int, str], frame.payload))
        self._uses.opened(self._open[-1][1])

    def _find(self, frame: Frame) -> None:
        try:
            piece: say.Piece = say.decode(say.Piece, frame.payload)
        except FrameError:
            close_all(frame.fds)
            raise
        self._uses.found(piece.path, looks.content(piece, frame.fds))

    def _take(self, frame: Frame) -> None:
        if frame.kind == say.CONTENT:
            self._uses.read(say.unpack_entry(frame.payload), frame.payload)
            return
        self._bytes.add(FRAME_BYTES + len(frame.payload))
        if frame.kind == say.SEEN:
            self._entries.add(say.array_length(frame.payload))
        elif frame.kind == say.COUNTED:
            self._entries.add(say.unpack_totals(frame.payload)[0])
        self._uses.keep(frame.kind, frame.payload)

    def lose(self, worker: Worker) -> None:
        """It has ended: the rest of what it was in was not seen, unless everything asked of it had been said."""
        was_at_work, self._welcome = bool(self._welcome), frozenset()
        self._worker = None
        if not was_at_work:
            return
        path = self._open[-1][1] if self._open else self._name
        self._cpu += worker.cpu
        limit = "" if not worker.out_of_cpu else "cpu" if self._is_out_of_cpu else "archive_cpu"
        reason = f"limit-{limit.replace('_', '-')}" if limit else "decoder-crash"
        hint = f"; raise it with --limit {limit}=N" if limit else ""
        gap = unread(path, reason, f"the rest of the archive was not seen: its decoder {worker.cause}{hint}")
        self._say(msgspec.structs.replace(gap, traceback=worker.traceback))

    def _say(self, gap: Gap) -> None:
        self._uses.keep(say.GAPS, say.encode([gap]))
