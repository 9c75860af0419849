"""How a scan is staffed, and how long it may take."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from pkgscan.sandbox.child import Confinement


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """A scan's staff: `jobs` analysers, `timeout` seconds in all (0: none), `progress` told of each archive.

    The time runs from `started`, the monotonic clock when the crew was made, however often a scan is begun anew.
    """

    confinement: Confinement
    jobs: int = 1
    timeout: int = 0
    progress: Callable[[str], None] = lambda _path: None
    started: float = msgspec.field(default_factory=time.monotonic)

    @property
    def deadline(self) -> float:
        """When, on the monotonic clock, the time is over."""
        return self.started + self.timeout if self.timeout else float("inf")
