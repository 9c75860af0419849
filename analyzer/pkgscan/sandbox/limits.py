"""Resource limits of a child, kept by the kernel: memory, CPU seconds, file size, open files, no core file."""

from __future__ import annotations

import math
import resource
import time
from types import TracebackType

from pkgscan.archive.limits import Limits

OPEN_FILES = 256  # archives 12 deep, each with its file and its spool, and libraries' own; a leak ends far below harm
NO_MEMORY_LIMIT = "resource limits without memory"  # the layer where the system does not say what is in use
TIME_TO_DIE = 1  # seconds between SIGXCPU, by which the parent knows the cause, and SIGKILL, which tells nothing


def limit_resources(limits: Limits) -> str:
    """Set this process's limits for good; the layer's name. Raises OSError."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, limits.spool)
    _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.cpu, TIME_TO_DIE)
    size = _address_space()
    if size is None:
        return NO_MEMORY_LIMIT
    _lower(resource.RLIMIT_AS, size + limits.memory)
    return "resource limits"


def _lower(which: int, most: int, more: int = 0) -> None:
    """Set the limit to `most`, its hard end to `more` above, and neither above what was allowed before."""
    _, allowed = resource.getrlimit(which)
    hard = most + more if allowed == resource.RLIM_INFINITY else min(most + more, allowed)
    resource.setrlimit(which, (min(most, hard), hard))


def _address_space() -> int | None:
    """Bytes of address space in use; None where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux, or a Linux without /proc
        return None


class cpu_budget:  # noqa: N801  # reads as a statement: with cpu_budget(30)
    """A stretch of code that SIGXCPU ends after `seconds` of CPU, even in a C loop that holds the interpreter.

    The kernel counts whole seconds, so up to one more is granted. A budget within a budget never reaches past it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._outer = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def __enter__(self) -> None:
        """Lower the soft limit."""
        self._outer = soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = math.ceil(time.process_time() + self._seconds)
        if soft == resource.RLIM_INFINITY or wanted < soft:
            resource.setrlimit(resource.RLIMIT_CPU, (wanted, hard))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the outer budget back."""
        resource.setrlimit(resource.RLIMIT_CPU, self._outer)
