"""The parent: starts children, routes their frames, and outlives what happens to them. It parses no untrusted byte.

Decoder, analysers and scanner speak to the parent alone. A dead analyser costs the entry it was reading, a dead decoder
the innermost archive it was in; either is said as a Gap. While contents pile up the decoder is not listened to, and
blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice

import msgspec

from pkgscan.archive.nameless import disk_file
from pkgscan.inputs import Input
from pkgscan.looks import Looks
from pkgscan.model import Entry, Gap, Span
from pkgscan.outcome import Outcome
from pkgscan.plan import Plan
from pkgscan.processes import looks, roles
from pkgscan.processes import messages as say
from pkgscan.processes.analysers import Analysers, Job
from pkgscan.processes.crew import Crew
from pkgscan.processes.loop import Loop, Stopped
from pkgscan.processes.worker import Worker
from pkgscan.registry import Registry
from pkgscan.report import Coverage, PackageInfo
from pkgscan.sandbox.frames import Frame

RESTARTS = 20  # of the decoder; a package whose archives kill it more often is not worth the time
LOOKS = 16  # second looks under way at a time, for each has descriptors of its own
GRACE = 60.0  # seconds of silence beyond twice a child's CPU limit before it counts as hung: machines are busy


class Tree:
    """What a mere walk saw: the totals, the gaps, and the entries unless the totals are enough."""

    def __init__(self, *, totals_only: bool) -> None:
        self._totals_only = totals_only
        self.count = 0
        self.bytes = 0
        self.entries: list[Entry] = []
        self.gaps: list[Gap] = []

    def take(self, kind: int, payload: bytes) -> None:
        """One frame of the decoder."""
        if kind == say.GAPS:
            self.gaps.extend(say.decoder(list[Gap]).decode(payload))
        elif kind == say.SEEN:
            count, size = say.unpack_totals(payload)
            self.count, self.bytes = self.count + count, self.bytes + size
            if not self._totals_only:
                self.entries.extend(say.unpack_entries(payload))


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
        self._analysers = Analysers(self._loop, crew.jobs, self._start_analyser, self._keep, self._want)
        self._looks = Looks()
        self._scanner: Worker | None = None
        self._decoder: Worker | None = None
        self._walking = False
        self._walk_cpu = 0.0  # of decoders that have ended
        self._open: list[tuple[int, str]] = []  # archives the decoder is in, as (event number, path)
        self._tree: Tree | None = None
        self._pieces = bytearray()
        self._judged = False
        self._failure = ""
        self.layers: tuple[str, ...] = ()
        self.facts_file = bytearray()

    def run(self) -> Outcome:
        """Scan. Raises SandboxUnavailable; whatever else happens to children is in the outcome."""
        try:
            main = roles.scanner(self._registry, self._plan)
            self._scanner = self._start(main, say.FROM_SCANNER)
            self._walk_all()
            return self._judge()
        finally:
            self._close()

    def run_alone(self) -> Outcome | None:
        """Scan in a single child; None where it did not survive and nothing is known."""
        try:
            main = roles.alone(self._registry, self._inputs, self._plan)
            keep = tuple(source.fd for source in self._inputs)
            self._scanner = self._start(main, say.FROM_SCANNER, keep)
            self._loop.run(lambda: self._judged or self._scanner is None)
            return self._decode_outcome() if self._judged else None
        except Stopped:
            return None
        finally:
            self._close()

    def tree(self, *, totals_only: bool = False) -> Tree:
        """Walk, identify and hash, and nothing more."""
        try:
            self._tree = Tree(totals_only=totals_only)
            self._walk_all()
            return self._tree
        finally:
            self._close()

    def _close(self) -> None:
        self._loop.close()
        self._looks.close()
        os.close(self._overflow)

    # Walking.

    def _walk_all(self) -> None:
        try:
            for number in range(len(self._inputs)):
                self._walk(number)
            self._loop.run(lambda: self._analysers.is_idle)
            for number, paths in self._looks.orders(tuple(source.name for source in self._inputs)):
                self._order_decoder(say.FETCH, say.encode(say.FetchOrder(number, paths, self._looks.spool_end)))
            self._look_again()
        except Stopped:
            left = self._analysers.drop()
            detail = f"--timeout {self._crew.timeout} was over; {left} entries seen were not read"
            self._say_gap(_gap("walk", "timeout", detail, self._inputs[0].name))

    def _walk(self, number: int) -> None:
        name = self._inputs[number].name
        order = say.WalkOrder(number)
        for _ in range(RESTARTS):
            if self._order_decoder(say.WALK, say.encode(order)):
                return
            at, culprit = self._open[-1] if self._open else (0, name)
            self._open.clear()
            if culprit == name or self._is_out_of_cpu:
                return
            order = say.WalkOrder(number, (*order.skip, culprit), at - 1)
        self._say_gap(_gap("walk", "decoder-crash", f"given up after {RESTARTS} archives", name))

    @property
    def _is_out_of_cpu(self) -> bool:
        return self._walk_cpu >= self._plan.limits.cpu

    def _order_decoder(self, kind: int, payload: bytes) -> bool:
        """Have the decoder do something; whether it survived."""
        if self._decoder is None:
            main = roles.decoder(self._registry, self._inputs, self._plan, self._overflow)
            keep = (self._overflow, *(source.fd for source in self._inputs))
            self._decoder = self._start(main, say.FROM_DECODER, keep)
        self._walking = self._decoder.busy = True
        self._decoder.order(kind, payload)
        self._loop.run(lambda: not self._walking)
        return self._decoder is not None

    def _from_decoder(self, frame: Frame) -> None:
        if frame.kind == say.CONTENT:
            self._analysers.put(Job(say.CONTENT, frame.payload))
        elif frame.kind == say.OPENED:
            self._open.append(say.decoder(tuple[int, str]).decode(frame.payload))
            self._crew.progress(self._open[-1][1])
        elif frame.kind == say.CLOSED:
            del self._open[-1:]
        elif frame.kind == say.FOUND:
            piece: say.Piece = say.decoder(say.Piece).decode(frame.payload)
            self._looks.found(piece.path, looks.content(piece, frame.fds))
        elif frame.kind in {say.WALKED, say.FETCHED}:
            self._walking = False
        else:
            self._keep(frame.kind, frame.payload)

    def _decoder_lost(self, worker: Worker) -> None:
        was_walking, self._walking = self._walking, False
        self._decoder = None
        if not was_walking:
            return  # everything asked of it had been said
        path = self._open[-1][1] if self._open else self._inputs[0].name
        self._walk_cpu += worker.cpu
        limit = "" if not worker.out_of_cpu else "cpu" if self._is_out_of_cpu else "archive_cpu"
        reason = f"limit-{limit.replace('_', '-')}" if limit else "decoder-crash"
        hint = f"; raise it with --limit {limit}=N" if limit else ""
        gap = _gap("walk", reason, f"the rest of the archive was not seen: its decoder {worker.cause}{hint}", path)
        self._say_gap(msgspec.structs.replace(gap, traceback=worker.traceback))

    # Reading.

    def _start_analyser(self) -> Worker:
        return self._start(roles.analyser(self._registry, self._plan), say.FROM_ANALYSER)

    def _want(self, asker: Entry, wants: object) -> None:
        self._looks.add(asker, wants)  # type: ignore[arg-type]  # decoded as Wants where it came in

    def _look_again(self) -> None:
        ready = self._looks.ready()
        while some := tuple(islice(ready, LOOKS)):
            for look in some:
                if isinstance(look, Gap):
                    self._say_gap(look)
                else:
                    self._analysers.put(looks.order(look))
            self._loop.run(lambda: self._analysers.is_idle)

    # Judging.

    def _judge(self) -> Outcome:
        self._loop.no_deadline()
        if self._scanner is not None:
            self._scanner.busy = True
            self._scanner.order(say.JUDGE, b"")
            self._loop.run(lambda: self._judged or self._scanner is None)
        package = self._inputs[0]
        if not self._judged:
            return _failed(package, self._failure)
        return self._decode_outcome().named(package.name, package.size)

    def _from_scanner(self, frame: Frame) -> None:
        if frame.kind == say.OUTCOME:
            self._pieces += frame.payload
        elif frame.kind == say.FACTS_FILE:
            self.facts_file += frame.payload
        else:
            self._judged = True

    def _decode_outcome(self) -> Outcome:
        outcome: Outcome = say.decoder(Outcome).decode(self._pieces)
        return outcome

    def _keep(self, kind: int, payload: bytes) -> None:
        """Hand a frame on to the scanner; for a tree, keep what it says."""
        if self._scanner is not None:
            self._scanner.order(kind, payload)
        elif self._tree is not None:
            self._tree.take(kind, payload)

    def _say_gap(self, gap: Gap) -> None:
        self._keep(say.GAPS, say.encode([gap]))

    # All children but the analysers are ours in the loop.

    def _start(self, main: Callable[..., None], kinds: frozenset[int], keep: tuple[int, ...] = ()) -> Worker:
        worker = Worker(main, self._crew.confinement, keep, kinds)
        return worker if kinds is say.FROM_ANALYSER else self._loop.add(worker, self)

    def listens(self, worker: Worker) -> bool:
        """Not to the decoder while contents, or frames for the scanner, pile up."""
        if worker is not self._decoder:
            return True
        return not self._analysers.is_full and not (self._scanner is not None and self._scanner.port.unsent)

    def hear(self, worker: Worker, frame: Frame) -> None:
        """Route a frame."""
        self.layers = self.layers or worker.layers
        if worker is self._decoder:
            self._from_decoder(frame)
        else:
            self._from_scanner(frame)

    def lose(self, worker: Worker) -> None:
        """Say what the end of a child costs."""
        if worker is self._decoder:
            self._decoder_lost(worker)
        else:
            self._scanner, self._failure = None, f"the scanner {worker.cause}\n{worker.traceback}"


def _gap(stage: str, reason: str, detail: str, path: str) -> Gap:
    return Gap(effect="unread", stage=stage, reason=reason, detail=detail, span=Span(path))  # type: ignore[arg-type]  # literals


def _failed(source: Input, failure: str) -> Outcome:
    """What can be said when the scanner itself is gone: nothing was judged."""
    detail, _, traceback = failure.partition("\n")
    gap = Gap(effect="unread", stage="judge", reason="internal-error", detail=detail, traceback=traceback)
    return Outcome(
        package=PackageInfo(source.name, "", source.size, 0, 0),
        findings=(),
        gaps=(gap,),
        coverage=Coverage(0, 0, 0, 1, 0),
        parts={},
    )
