"""A child process that may read what it was handed and compute, and nothing else.

Steps of `spawn`: 1. fork; 2. in the child: die with the parent, forget the parent's signals and files; 3. confine;
4. tell the layers in force; 5. run; 6. leave by _exit, whatever happened.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Literal, NoReturn

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.errors import UserError
from pkgscan.sandbox import landlock, seccomp
from pkgscan.sandbox.frames import Channel, Frame, FrameError
from pkgscan.sandbox.kernel import die_with_parent, drop_capabilities
from pkgscan.sandbox.limits import NO_MEMORY_LIMIT, limit_resources
from pkgscan.sandbox.paths import interpreter_paths

__all__ = [
    "CRASHED",
    "FIRST_KIND",
    "LAYERS",
    "REFUSED",
    "Child",
    "Confinement",
    "SandboxUnavailable",
    "confine",
    "interpreter_paths",
    "read_layers",
    "spawn",
]

LAYERS = 0  # frame: the names of the layers in force, a msgpack array of strings; always the first of a child
REFUSED = 1  # frame instead of the first: why the child would not start, UTF-8
CRASHED = 2  # frame: the traceback of a child that ends because of it, UTF-8, not yet safe to print
FIRST_KIND = 16  # kinds below are this module's
TRACEBACK_SIZE = 16 << 10  # bytes of a traceback kept, its end; more helps nobody


SandboxMode = Literal["auto", "require"]


class SandboxUnavailable(UserError):  # noqa: N818  # what the user is told
    """`--sandbox require` was asked for, and a layer is missing."""


class Confinement(msgspec.Struct, frozen=True):
    """What a child may use: `read_paths` with all below them, `limits`; `mode` says whether every layer must hold."""

    read_paths: tuple[str, ...] = ()
    limits: Limits = Limits()
    mode: SandboxMode = "auto"


class Child(msgspec.Struct, frozen=True):
    """A child that was started: its process id and the parent's end of its channel."""

    pid: int
    socket: socket.socket

    def kill(self) -> None:
        """End the child now; harmless when it has ended. It stays to be waited for."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> tuple[int, float]:
        """Wait for the child's end: its exit code, or minus the signal that ended it, and the CPU seconds it took."""
        _, status, used = os.wait4(self.pid, 0)
        return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def confine(confinement: Confinement) -> tuple[str, ...]:
    """Confine this process for good; the layers in force, outermost first. Raises SandboxUnavailable."""
    try:
        layers = ["child process", limit_resources(confinement.limits)]
        drop_capabilities()
        found = {"landlock": landlock.restrict(confinement.read_paths), "seccomp": seccomp.install()}
        whole = {"limit of memory": None if layers[-1] == NO_MEMORY_LIMIT else layers[-1], **found}
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(f"the sandbox cannot be set up: {error}", "report this as a fault") from error
    missing = [name for name, layer in whole.items() if layer is None]
    if missing and confinement.mode == "require":
        raise SandboxUnavailable(
            f"{sys.platform} {os.uname().release} has no {' and no '.join(missing)} to confine the scan with",
            "scan on a system that has it, or accept the remaining layers with --sandbox auto",
        )
    return (*layers, *filter(None, found.values()))


def read_layers(frame: Frame | None) -> tuple[str, ...]:
    """The layers that a child's first frame names. Raises SandboxUnavailable, FrameError."""
    if frame is not None and frame.kind == REFUSED:
        message, _, hint = frame.payload.decode(errors="replace").partition("\n")
        raise SandboxUnavailable(message, hint)
    if frame is None or frame.kind != LAYERS:
        raise FrameError("a child that does not begin with its layers")
    try:
        return msgspec.msgpack.decode(frame.payload, type=tuple[str, ...])
    except msgspec.DecodeError as error:
        raise FrameError(f"a child that names its layers badly: {error}") from error


def spawn(main: Callable[[Channel], None], confinement: Confinement, keep_fds: Iterable[int] = ()) -> Child:
    """Fork a child that runs `main` confined; it keeps `keep_fds` and its channel, all else is closed, 0 to 2 are null.

    The child never returns from here. It dies with the thread that calls this: call it from the main thread. Its first
    frame is for `read_layers`; when `main` raises, its last is CRASHED. Raises OSError when no process can be made.
    """
    import ctypes  # noqa: F401, PLC0415  # loaded once, here, and not again in every child

    ours, theirs = socket.socketpair()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _run_child(main, confinement, (ours, theirs), frozenset(keep_fds), parent)
    theirs.close()
    return Child(pid, ours)


def _run_child(
    main: Callable[[Channel], None],
    confinement: Confinement,
    pair: tuple[socket.socket, socket.socket],
    keep_fds: frozenset[int],
    parent: int,
) -> NoReturn:
    """Steps 2 to 6, in the child."""
    code = 1
    channel = Channel(pair[1])
    try:
        _detach(parent, pair[0], keep_fds | {channel.fileno()})
        channel.send(LAYERS, msgspec.msgpack.encode(confine(confinement)))
        main(channel)
        channel.flush()
        code = 0
    except SandboxUnavailable as error:
        channel.send(REFUSED, f"{error.message}\n{error.hint}".encode())
    except BaseException:  # noqa: BLE001  # whatever it was, nothing of the parent's code may run here
        _report_crash(channel)
    finally:
        os._exit(code)


def _detach(parent: int, other_end: socket.socket, keep_fds: frozenset[int]) -> None:
    """Let go of all that is the parent's: its life, signals, files, garbage."""
    import faulthandler  # noqa: PLC0415  # built in; it would write to a descriptor number that is no longer its own

    if sys.platform.startswith("linux"):
        die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    faulthandler.disable()
    sys.dont_write_bytecode = True  # it may not, and need not try
    other_end.close()
    _reset_signals()
    _close_others(keep_fds)
    gc.freeze()  # the parent's objects stay shared pages, and no finaliser of theirs closes a number reused here
    gc.enable()  # what a child makes of a package is not little


def _reset_signals() -> None:
    """Default dispositions, but for those that must not end a child on their own."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # an error of the write, not a death
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the same
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _close_others(keep_fds: frozenset[int]) -> None:
    """Close every descriptor but these; 0, 1 and 2 become /dev/null, for a child speaks through frames alone."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard not in keep_fds:
            os.dup2(null, standard)
    for fd in _open_fds():
        if fd > 2 and fd not in keep_fds:  # noqa: PLR2004  # standard error
            _close(fd)


def _open_fds() -> list[int]:
    for directory in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(directory)]
        except OSError:
            continue
    return list(range(3, min(os.sysconf("SC_OPEN_MAX"), 1 << 16)))


def _close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        return  # the listing's own descriptor


def _report_crash(channel: Channel) -> None:
    """Send the traceback, unless the parent is gone or half a frame is under way."""
    import traceback  # noqa: PLC0415

    if channel.intact:
        channel.send(CRASHED, traceback.format_exc().encode(errors="backslashreplace")[-TRACEBACK_SIZE:])
