"""The children that read entries: one entry in flight each, a bounded queue before them; a dead one costs its entry."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable

import msgspec

from pkgscan.model import Entry, Gap, Span
from pkgscan.processes import messages as say
from pkgscan.processes.bounds import ANSWER_BYTES, ANSWER_FRAMES, WISH_BYTES, Bound
from pkgscan.processes.loop import Loop
from pkgscan.processes.worker import Worker
from pkgscan.readers.base import Wants
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import FrameError

QUEUE = 64 << 20  # bytes of contents waiting: two of the largest


class Job(msgspec.Struct, frozen=True):
    """One order to an analyser. `fds` are ours and are closed once it is done."""

    kind: int
    payload: bytes
    fds: tuple[int, ...] = ()

    @property
    def entry(self) -> Entry:
        """The entry it is about."""
        if self.kind == say.CONTENT:
            return say.unpack_entry(self.payload)
        order: say.LookOrder = say.decode(say.LookOrder, self.payload)
        return order.asker


class Answer:
    """What a child said of one entry so far."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._bytes = Bound("bytes about one entry", ANSWER_BYTES)
        self._count = Bound("frames about one entry", ANSWER_FRAMES)

    def add(self, frame: Frame) -> None:
        """One more frame. Raises FrameError."""
        self._count.add(1)
        self._bytes.add(len(frame.payload))
        self.frames.append(frame)

    def wishes(self) -> list[bytes]:
        """The payloads that ask for second looks."""
        return [frame.payload for frame in self.frames if frame.kind == say.WANTS]


class Uses(msgspec.Struct, frozen=True):
    """Who takes a finished entry's frames, and its wishes for a second look; no more are heard until all is `ready`."""

    keep: Callable[[int, bytes], None]
    want: Callable[[Entry, Wants], None]
    ready: Callable[[], bool]


class Analysers:
    """At most `most` children at a time, each forked by `start`."""

    def __init__(self, loop: Loop, most: int, start: Callable[[], Worker], uses: Uses) -> None:
        self._loop = loop
        self._most = most
        self._start = start
        self._uses = uses
        self._queue: deque[Job] = deque()
        self._queued = 0
        self._idle: list[Worker] = []
        self._busy: dict[Worker, tuple[Job, Answer]] = {}
        self._wishes = Bound("bytes of second looks", WISH_BYTES)

    @property
    def is_full(self) -> bool:
        """Whether no more contents are welcome for now."""
        return self._queued > QUEUE

    @property
    def is_idle(self) -> bool:
        """Whether everything asked for is done."""
        return not self._queue and not self._busy

    def put(self, job: Job) -> None:
        """One more entry to read."""
        self._queue.append(job)
        self._queued += len(job.payload)
        self._dispatch()

    def drop(self) -> int:
        """Forget what waits; how many entries that are."""
        count = len(self._queue) + len(self._busy)
        self._queue.clear()
        for worker in tuple(self._busy):
            worker.end()
        return count

    def listens(self, worker: Worker) -> bool:  # noqa: ARG002  # as every owner's
        """Answers are welcome unless they pile up."""
        return self._uses.ready()

    def hear(self, worker: Worker, frame: Frame) -> None:
        """Keep an entry's frames back until it is done: of a child that dies over it nothing is taken."""
        if worker not in self._busy:
            raise FrameError("an answer to nothing")
        job, answer = self._busy[worker]
        if frame.kind != say.ANSWERED:
            answer.add(frame)
            return
        wishes = answer.wishes()
        self._wishes.add(sum(len(payload) for payload in wishes))
        wanted = [say.decode(Wants, payload) for payload in wishes]
        self._finish(worker, job)
        for wants in wanted:
            self._uses.want(msgspec.structs.replace(job.entry, kind=wants.kind), wants)
        for stated in answer.frames:
            if stated.kind != say.WANTS:
                self._uses.keep(stated.kind, stated.payload)
        self._idle.append(worker)
        self._dispatch()

    def lose(self, worker: Worker) -> None:
        """A child has died: its entry is a Gap, and another takes its place when there is work."""
        if worker in self._idle:
            self._idle.remove(worker)
        if worker in self._busy:
            job, _ = self._busy[worker]
            self._finish(worker, job)
            self._uses.keep(say.GAPS, say.encode([_lost(worker, job.entry)]))
        self._dispatch()

    def _finish(self, worker: Worker, job: Job) -> None:
        del self._busy[worker]
        worker.busy = False
        for fd in job.fds:
            os.close(fd)

    def _dispatch(self) -> None:
        while self._queue and (self._idle or len(self._busy) < self._most):
            worker = self._idle.pop() if self._idle else self._loop.add(self._start(), self)
            job = self._queue.popleft()
            self._queued -= len(job.payload)
            self._busy[worker] = (job, Answer())
            worker.ask(job.kind, job.payload, job.fds)


def _lost(worker: Worker, entry: Entry) -> Gap:
    reason = "limit-entry-cpu" if worker.out_of_cpu else "analyser-crash"
    hint = "; raise it with --limit entry_cpu=N" if worker.out_of_cpu else ""
    detail = f"the entry was not read: its reader {worker.cause}{hint}"
    return Gap(
        effect="unread",
        stage="read",
        reason=reason,
        detail=detail,
        span=Span(entry.path),
        sha256=entry.sha256,
        traceback=worker.traceback,
    )
