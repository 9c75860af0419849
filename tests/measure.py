"""What a command costs: CPU seconds of its whole process tree, and the peak memory of the tree, in separate runs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

PATIENCE = 600  # seconds until a command counts as hung
SAMPLE = 0.005  # seconds between two looks at a process tree
KIB = 1024


@dataclass(frozen=True)
class Run:
    """How a command ended. `cpu`: seconds, user and system, of it and of every child it waited for."""

    code: int
    cpu: float
    errors: str


def run(command: Sequence[str], timeout: float = PATIENCE, output: str = os.devnull, **more: Any) -> Run:
    """Runs a command to its end, its standard output going to a file; one that hangs is killed and has code -9.

    `more` goes to Popen.
    """
    with tempfile.TemporaryFile() as errors, open(os.devnull, "rb") as null, open(output, "wb") as out:
        child = subprocess.Popen(command, stdin=null, stdout=out, stderr=errors, start_new_session=True, **more)
        timer = threading.Timer(timeout, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip()
    return Run(child.returncode, usage.ru_utime + usage.ru_stime, said)


def peak_memory(command: Sequence[str]) -> int:
    """The peak of the tree's summed PSS plus the bytes of its memfds that nobody has mapped, in bytes, as sampled.

    PSS counts mapped memfd pages already; counting the files whole as well errs on the high side.
    """
    with open(os.devnull, "r+b") as null:
        child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
        peak = 0
        while child.poll() is None:
            peak = max(peak, tree_memory(child.pid))
            time.sleep(SAMPLE)
    return peak


def tree_memory(root: int) -> int:
    """Summed PSS of a process and its descendants plus their memfds, each file counted once."""
    members = list(descendants(root))
    files = {inode: size for pid in members for inode, size in memfds(pid)}
    return sum(map(proportional, members)) + sum(files.values())


def descendants(root: int) -> Iterator[int]:
    """A process and all below it, as far as they live while we look."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                    waiting.extend(map(int, file.read().split()))


def proportional(pid: int) -> int:
    """Proportional set size in bytes; 0 for a process that is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            found = re.search(r"^Pss:\s+(\d+) kB", file.read(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * KIB if found else 0


def memfds(pid: int) -> Iterator[tuple[int, int]]:
    """Inode and bytes in use of each memfd a process holds."""
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        for number in os.listdir(folder):
            with contextlib.suppress(OSError):
                if os.readlink(f"{folder}/{number}").startswith("/memfd:"):
                    status = os.stat(f"{folder}/{number}")
                    yield status.st_ino, status.st_blocks * 512
