"""Serves all children at once: hears who may speak, sends what waits, and ends who hangs or whose time is over."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import Protocol

from pkgscan.processes.worker import Worker
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import FrameError, close_all

TICK = 1.0  # seconds between looks at the clock


class Stopped(Exception):  # noqa: N818  # what happened, not an error of ours
    """The time the user allowed is over."""


class Owner(Protocol):
    """Whoever started a child and is told what becomes of it."""

    def hear(self, worker: Worker, frame: Frame) -> None:
        """A frame of the child, its descriptors now the owner's. Raises FrameError where the child is not to go on."""

    def lose(self, worker: Worker) -> None:
        """The child has ended; `worker.cause` says how."""

    def listens(self, worker: Worker) -> bool:
        """Whether frames of the child are welcome now; until then it blocks once its socket is full."""


class Loop:
    """The children and their owners. `patience`: seconds without progress after which a child counts as hung."""

    def __init__(self, deadline: float, patience: float) -> None:
        self._selector = selectors.DefaultSelector()
        self._owners: dict[Worker, Owner] = {}
        self._watched: dict[Worker, int] = {}
        self._deadline = deadline
        self._patience = patience

    def add(self, worker: Worker, owner: Owner) -> Worker:
        """Serve one more child."""
        self._owners[worker] = owner
        return worker

    def run(self, until: Callable[[], bool]) -> None:
        """Serve the children until something holds. Raises Stopped when the time is over."""
        while not until():
            self._choose()
            for key, events in self._selector.select(TICK):
                worker: Worker = key.data
                if events & selectors.EVENT_WRITE:
                    worker.flush()
                if events & selectors.EVENT_READ:
                    self._hear(worker)
            self._watch()

    def put_off(self, deadline: float) -> None:
        """What is left to do may take longer: until then, on the monotonic clock."""
        self._deadline = deadline

    def close(self) -> None:
        """End every child that is left."""
        for worker in tuple(self._owners):
            worker.close()
        self._selector.close()

    def _choose(self) -> None:
        for worker, owner in self._owners.items():
            events = selectors.EVENT_READ if owner.listens(worker) else 0
            if worker.port.unsent:
                events |= selectors.EVENT_WRITE
            before = self._watched.get(worker, 0)
            if events and before and events != before:
                self._selector.modify(worker.port, events, worker)
            elif events and not before:
                self._selector.register(worker.port, events, worker)
            elif before and not events:
                self._selector.unregister(worker.port)
            self._watched[worker] = events

    def _hear(self, worker: Worker) -> None:
        owner = self._owners[worker]
        frames = worker.frames()
        for number, frame in enumerate(frames):
            try:
                owner.hear(worker, frame)
            except FrameError as error:
                worker.fail(str(error))
                close_all(fd for unheard in frames[number + 1 :] for fd in unheard.fds)
                break
        if worker.code is not None:
            self._selector.unregister(worker.port)
            del self._owners[worker], self._watched[worker]
            worker.close()
            owner.lose(worker)

    def _watch(self) -> None:
        now = time.monotonic()
        if now > self._deadline:
            raise Stopped
        for worker, owner in self._owners.items():
            if not owner.listens(worker):
                worker.moved = now  # it waits for us
            if (worker.busy and now - worker.moved > self._patience) or (
                worker.port.unsent and now - worker.took > self._patience
            ):  # its stream ends, and the next round hears of it
                worker.fail(f"it got no further for {self._patience:.0f} seconds")
