"""The parent: starts children, routes their frames, and outlives what happens to them. It parses no untrusted byte.

Decoder, analysers and scanner speak to the parent alone. A dead analyser costs the entry it was reading, a dead decoder
the innermost archive it was in; either is said as a Gap. While contents pile up the decoder is not listened to, and
blocks. A child that does not keep to the protocol is ended like one that died.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import islice

from pkgscan.archive.events import gap as unread
from pkgscan.archive.nameless import disk_file
from pkgscan.inputs import Input
from pkgscan.looks import Looks
from pkgscan.model import Entry, Gap
from pkgscan.outcome import Outcome
from pkgscan.plan import Plan
from pkgscan.processes import analysers, looks, roles, walker
from pkgscan.processes import messages as say
from pkgscan.processes.analysers import Analysers, Job
from pkgscan.processes.crew import Crew
from pkgscan.processes.judge import Judge
from pkgscan.processes.loop import Loop, Stopped
from pkgscan.processes.walker import Walker
from pkgscan.processes.worker import Worker
from pkgscan.readers.base import Wants
from pkgscan.registry import Registry

LOOKS = 16  # second looks under way at a time, for each has descriptors of its own
GRACE = 60.0  # seconds without progress beyond twice a child's CPU limit before it counts as hung: machines are busy
JUDGING = 900.0  # seconds for joining and judging, however large the package; the largest known take one of a hundred
LAST_WORDS = 30.0  # seconds to judge what was seen where the user's time is over: soon, yet not for nothing


class Tree:
    """What a mere walk saw: the totals, the gaps, and the entries unless the totals are enough."""

    def __init__(self) -> None:
        self.count = 0
        self.bytes = 0
        self.entries: list[Entry] = []
        self.gaps: list[Gap] = []

    def take(self, kind: int, payload: bytes) -> None:
        """One frame of the decoder."""
        if kind == say.GAPS:
            self.gaps.extend(say.decode(list[Gap], payload))
        elif kind == say.SEEN:
            entries = say.unpack_entries(payload)
            self.entries.extend(entries)
            self._add(len(entries), sum(entry.size for entry in entries))
        elif kind == say.COUNTED:
            self._add(*say.unpack_totals(payload))

    def _add(self, count: int, size: int) -> None:
        self.count += count
        self.bytes += size


class Supervisor:
    """One scan's children. After `run` or `tree`, `layers` names the sandbox they were in."""

    def __init__(self, registry: Registry, inputs: tuple[Input, ...], plan: Plan, crew: Crew) -> None:
        self._registry = registry
        self._inputs = inputs
        self._plan = plan
        self._crew = crew
        limits = plan.limits
        self._loop = Loop(crew.deadline, 2 * max(limits.archive_cpu, limits.entry_cpu) + GRACE)
        self._overflow = disk_file()
        answers = analysers.Uses(self._keep, self._want, self._is_taken_up)
        self._analysers = Analysers(self._loop, crew.jobs, self._start_analyser, answers)
        self._looks = Looks(tuple(source.fd for source in inputs))
        events = walker.Uses(self._read, crew.progress, self._looks.found, self._keep, self._is_ready)
        self._decoder = Walker(self._loop, self._start_decoder, events, limits, len(inputs))
        self._scanner: Judge | None = None
        self._tree: Tree | None = None
        self._first: Worker | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The sandbox of the children, as the first of them told."""
        return self._first.layers if self._first is not None else ()

    @property
    def facts_file(self) -> bytes:
        """The facts file, where it was asked for."""
        return bytes(self._scanner.facts_file) if self._scanner is not None else b""

    def run(self) -> Outcome:
        """Scan. Raises SandboxUnavailable; whatever else happens to children is in the outcome."""
        try:
            main = roles.scanner(self._registry, self._inputs, self._plan)
            self._scanner = Judge(self._loop, self._start(main, say.FROM_SCANNER), self._registry)
            self._walk_all()
            self._scanner.judge(self._last_moment())
            return self._scanner.conclusion(self._inputs[0])
        finally:
            self._close()

    def run_alone(self) -> Outcome | None:
        """Scan in a single child; None where it did not survive and nothing is known."""
        try:
            main = roles.alone(self._registry, self._inputs, self._plan)
            keep = tuple(source.fd for source in self._inputs)
            self._scanner = Judge(self._loop, self._start(main, say.FROM_SCANNER, keep), self._registry)
            self._scanner.wait()
            return self._scanner.conclusion(self._inputs[0]) if self._scanner.outcome is not None else None
        except Stopped:
            return None
        finally:
            self._close()

    def tree(self) -> Tree:
        """Walk, identify and hash, and nothing more."""
        try:
            self._tree = Tree()
            self._walk_all()
            if not self._tree.count and not self._tree.gaps:
                self._say_gap(unread(self._inputs[0].name, "no-root", "the walk ended without seeing anything"))
            return self._tree
        finally:
            self._close()

    def _close(self) -> None:
        self._loop.close()
        self._looks.close()
        os.close(self._overflow)

    def _last_moment(self) -> float:
        """When judging has to be done."""
        if self._crew.timeout:
            return max(self._crew.deadline, time.monotonic()) + LAST_WORDS
        return time.monotonic() + JUDGING

    def _walk_all(self) -> None:
        try:
            for number, source in enumerate(self._inputs):
                self._decoder.walk(number, source.name)
            self._loop.run(lambda: self._analysers.is_idle)
            while self._looks.is_waiting:
                self._fetch()
                self._look_again()
                self._looks.done()
        except Stopped:
            self._decoder.stop()
            left = self._analysers.drop()
            detail = f"--timeout {self._crew.timeout} was over; {left} entries seen were not read"
            self._say_gap(unread(self._inputs[0].name, "timeout", detail))

    def _fetch(self) -> None:
        names = tuple(source.name for source in self._inputs)
        for number, digests in self._looks.digest_orders(names):  # first, while nothing is held in the overflow file
            self._decoder.fetch(say.FetchOrder(number, (), digests=digests), names[number])
        for number, paths in self._looks.orders(names):
            order = say.FetchOrder(number, paths, self._looks.spool_end, self._looks.are_known)
            self._decoder.fetch(order, self._inputs[number].name)

    def _look_again(self) -> None:
        ready = self._looks.ready()
        while some := tuple(islice(ready, LOOKS)):
            for look in some:
                if isinstance(look, Gap):
                    self._say_gap(look)
                else:
                    self._analysers.put(looks.order(look))
            self._loop.run(lambda: self._analysers.is_idle)

    # Who takes what.

    def _read(self, entry: Entry, payload: bytes) -> None:
        self._looks.saw(entry)
        self._analysers.put(Job(say.CONTENT, payload))

    def _want(self, asker: Entry, wants: Wants) -> None:
        self._looks.add(asker, wants)

    def _keep(self, kind: int, payload: bytes) -> None:
        """Hand a frame on to the scanner; for a tree, keep what it says."""
        if self._scanner is not None:
            self._scanner.take(kind, payload)
        elif self._tree is not None:
            self._tree.take(kind, payload)

    def _say_gap(self, gap: Gap) -> None:
        self._keep(say.GAPS, say.encode([gap]))

    def _is_taken_up(self) -> bool:
        return self._scanner is None or not self._scanner.is_behind

    def _is_ready(self) -> bool:
        return not self._analysers.is_full and self._is_taken_up()

    # Who does what.

    def _start_analyser(self) -> Worker:
        return self._start(roles.analyser(self._registry, self._plan), say.FROM_ANALYSER)

    def _start_decoder(self) -> Worker:
        main = roles.decoder(self._registry, self._inputs, self._plan, self._overflow)
        return self._start(main, say.FROM_DECODER, (self._overflow, *(source.fd for source in self._inputs)))

    def _start(self, main: Callable[..., None], kinds: frozenset[int], keep: tuple[int, ...] = ()) -> Worker:
        worker = Worker(main, self._crew.confinement, keep, kinds)
        self._first = self._first or worker
        return worker
