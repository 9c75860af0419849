"""One child as the parent sees it: its port, what it is at, and how it ended."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from pkgscan.processes import messages as say
from pkgscan.sandbox.child import CRASHED, LAYERS, REFUSED, TRACEBACK_SIZE, Confinement, read_layers, spawn
from pkgscan.sandbox.frames import Channel, Frame, FrameError, Port

_OWN = frozenset({LAYERS, REFUSED, CRASHED})
_SIGNALS = {number.value: number.name for number in signal.Signals}  # real-time signals have none


class Worker:
    """A running child. `busy` while it owes an answer; `layers` are its sandbox.

    It `moved` when it was last asked for something, or got on with it; what is progress, its owner says. It `took` when
    it last read of what was sent to it. Once it has ended, `code` says how and `cpu` how many CPU seconds it took.
    """

    def __init__(
        self, main: Callable[[Channel], None], confinement: Confinement, keep: tuple[int, ...], kinds: frozenset[int]
    ) -> None:
        self._child = spawn(main, confinement, keep)
        self.port = Port(self._child.socket, kinds | _OWN, accepts_fds=say.FOUND in kinds)
        self.busy = False
        self.moved = self.took = time.monotonic()
        self.fault = ""
        self.layers: tuple[str, ...] = ()
        self.traceback = ""
        self.code: int | None = None
        self.cpu = 0.0
        self._started = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def frames(self) -> list[Frame]:
        """The frames that came, its own first one and its crash taken out. Sets `code` once the child has ended."""
        found: list[Frame] = []
        try:
            for frame in self.port.read():
                if not self._started:
                    self.layers, self._started = read_layers(frame), True
                elif frame.kind in _OWN or self.traceback:
                    self._end_with(frame)
                else:
                    found.append(frame)
        except FrameError as error:
            self.fail(str(error))
        if self.port.ended:
            self.end()  # where it only closed its channel; the cause of an end under way stays what it is
        return found

    def _end_with(self, frame: Frame) -> None:
        """Its traceback, which must be its last word."""
        if frame.kind != CRASHED or self.traceback:
            raise FrameError("a frame where none belongs")
        self.traceback = frame.payload[-TRACEBACK_SIZE:].decode(errors="backslashreplace")

    def ask(self, kind: int, payload: bytes, fds: tuple[int, ...] = ()) -> None:
        """Send it a frame that it owes an answer to."""
        self.busy = True
        self.moved = time.monotonic()
        self.order(kind, payload, fds)

    def order(self, kind: int, payload: bytes, fds: tuple[int, ...] = ()) -> None:
        """Send it a frame."""
        if not self.port.unsent:
            self.took = time.monotonic()
        self.port.queue(kind, payload, fds)
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as it takes it; a child that is gone shows by the end of its stream."""
        before = self.port.sent
        try:
            self.port.flush()
        except OSError:
            return
        if self.port.sent != before:
            self.took = time.monotonic()

    def fail(self, fault: str) -> None:
        """Kill it for what it did; that is the cause of its end, then."""
        if self.code is None:
            self.fault = fault
            self.end()

    def end(self) -> None:
        """Kill it and wait for its end."""
        if self.code is None:
            self._child.kill()
            self.code, self.cpu = self._child.wait()

    def close(self) -> None:
        """End it and let go of its port."""
        self.end()
        self.port.close()

    @property
    def cause(self) -> str:
        """How it ended, for people: `ended by signal 11 (SIGSEGV)`, `over its CPU limit`, its traceback's last line."""
        if self.fault:
            return f"was ended: {self.fault}"
        if self.out_of_cpu:
            return "over its CPU limit"
        if self.code is not None and self.code < 0:
            return f"ended by signal {-self.code} ({_SIGNALS.get(-self.code, 'of no name')})"
        last = self.traceback.strip().rpartition("\n")[2]
        return last or f"ended with code {self.code}"

    @property
    def out_of_cpu(self) -> bool:
        """Whether its CPU limit ended it."""
        return self.code == -signal.SIGXCPU
