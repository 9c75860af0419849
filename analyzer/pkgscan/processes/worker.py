"""One child as the parent sees it: its port, what it is at, and how it ended."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from pkgscan.processes import messages as say
from pkgscan.sandbox.child import CRASHED, LAYERS, REFUSED, Confinement, read_layers, spawn
from pkgscan.sandbox.frames import Channel, Frame, FrameError, Port

_OWN = frozenset({LAYERS, REFUSED, CRASHED})


class Worker:
    """A running child. `busy` while it owes an answer, `since` it last moved; `layers` are its sandbox.

    Once it has ended, `code` says how and `cpu` how many CPU seconds it took.
    """

    def __init__(
        self, main: Callable[[Channel], None], confinement: Confinement, keep: tuple[int, ...], kinds: frozenset[int]
    ) -> None:
        self._child = spawn(main, confinement, keep)
        self.port = Port(self._child.socket, kinds | _OWN, accepts_fds=say.FOUND in kinds)
        self.busy = False
        self.since = time.monotonic()
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
                elif frame.kind == CRASHED:
                    self.traceback = frame.payload.decode(errors="backslashreplace")
                else:
                    found.append(frame)
        except FrameError as error:
            self.traceback = f"{error}\n"
            self.end()
        if self.port.ended and self.code is None:
            self.code, self.cpu = self._child.wait()
        if found:
            self.since = time.monotonic()
        return found

    def order(self, kind: int, payload: bytes, fds: tuple[int, ...] = ()) -> None:
        """Send it a frame."""
        self.since = time.monotonic()
        self.port.queue(kind, payload, fds)
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as it takes it; a child that is gone shows by the end of its stream."""
        try:
            self.port.flush()
        except OSError:
            return

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
        if self.code is not None and self.code < 0:
            if -self.code == signal.SIGXCPU:
                return "over its CPU limit"
            return f"ended by signal {-self.code} ({signal.Signals(-self.code).name})"
        last = self.traceback.strip().rpartition("\n")[2]
        return last or f"ended with code {self.code}"

    @property
    def out_of_cpu(self) -> bool:
        """Whether its CPU limit ended it."""
        return self.code == -signal.SIGXCPU
