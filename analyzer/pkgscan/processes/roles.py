"""What each child does, from its first order to the end of its channel. A child never forks and never signals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from pkgscan import __version__
from pkgscan.archive.digests import digests
from pkgscan.archive.events import Closed, Event, Opened, Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Spool
from pkgscan.archive.walk import Walk
from pkgscan.inputs import Input
from pkgscan.model import Entry, Fact, Gap
from pkgscan.plan import Plan, kind_table, root_of
from pkgscan.processes import looks
from pkgscan.processes import messages as say
from pkgscan.reading import EntryReader
from pkgscan.registry import Registry
from pkgscan.report import Tool
from pkgscan.sandbox.frames import Channel, Frame
from pkgscan.sandbox.limits import cpu_budget
from pkgscan.sandbox.wire import close_all

if TYPE_CHECKING:
    from pkgscan.engine import Engine

SEEN_BATCH = 256  # entries in one frame: what a dead decoder costs on top of the archive it was in is at most this

Main = Callable[[Channel], None]


def alone(registry: Registry, inputs: tuple[Input, ...], plan: Plan) -> Main:
    """A tiny package: everything in one child."""

    def main(channel: Channel) -> None:
        from pkgscan.inline import run  # noqa: PLC0415  # needed in this child alone

        _send_outcome(channel, run(registry, inputs, plan), facts=plan.judging is not None and plan.judging.facts)

    return main


def scanner(registry: Registry, inputs: tuple[Input, ...], plan: Plan) -> Main:
    """Collects entries, facts and gaps, and judges them when told to."""

    def main(channel: Channel) -> None:
        from pkgscan.engine import Engine  # noqa: PLC0415  # needed in this child alone
        from pkgscan.processes.intake import Intake  # noqa: PLC0415  # the same

        assert plan.judging is not None
        engine = Engine(registry, plan.judging)
        intake = Intake(engine, registry)
        while (frame := channel.receive()) is not None:
            if frame.kind == say.JUDGE:
                intake.require(inputs)
                _send_outcome(channel, engine, facts=plan.judging.facts)
            else:
                intake.take(frame)

    return main


def _send_outcome(channel: Channel, engine: Engine, *, facts: bool) -> None:
    outcome = engine.judge()
    say.send_pieces(channel, say.OUTCOME, say.encode(outcome))
    if facts:
        from pkgscan.reporters.facts import render_facts  # noqa: PLC0415  # only where the user asked for the file

        stated = chain.from_iterable(engine.facts().values())
        for piece in render_facts(engine.entries(), stated, Tool("pkgscan", __version__), outcome.package):
            channel.put(say.FACTS_FILE, piece)
    channel.send(say.JUDGED, b"")


def analyser(registry: Registry, plan: Plan) -> Main:
    """Reads one entry after the other, each under its CPU budget."""

    def main(channel: Channel) -> None:
        reader = EntryReader(registry, texts=plan.wants_texts(registry))
        while (frame := channel.receive()) is not None:
            with cpu_budget(plan.limits.entry_cpu):
                _answer(channel, reader, frame)
            channel.send(say.ANSWERED, b"")

    return main


def _answer(channel: Channel, reader: EntryReader, frame: Frame) -> None:
    try:
        if frame.kind == say.CONTENT:
            entry, content, truncated, cuts = say.unpack_content(frame.payload)
            say.send_readings(channel, reader.read(entry, content, truncated=truncated, cuts=cuts))
        else:
            look = looks.ordered(frame)
            again = reader.look_again(look.asker, look.purpose, look.sources())
            say.send_readings(channel, (reading for reading in again if isinstance(reading, Fact | Gap)))
    finally:
        close_all(frame.fds)


def decoder(registry: Registry, inputs: tuple[Input, ...], plan: Plan, overflow: int) -> Main:
    """Walks inputs and fetches contents as ordered."""
    tables = {source.role: kind_table(registry, tree_only=plan.tree_only, role=source.role) for source in inputs}
    texts = plan.wants_texts(registry)

    def main(channel: Channel) -> None:
        while (frame := channel.receive()) is not None:
            if frame.kind == say.WALK:
                order: say.WalkOrder = say.decoder(say.WalkOrder).decode(frame.payload)
                source = inputs[order.number]
                walk = Walk(
                    tables[source.role],
                    plan.limits,
                    texts=texts and source.role == "package",
                    skip=order.skip,
                    role=source.role,
                    overflow=overflow,
                )
                _Telling(channel, order.suppress, plan).tell(walk.walk(root_of(source)))
                channel.send(say.WALKED, b"")
            else:
                _hand_out(channel, inputs, say.decoder(say.FetchOrder).decode(frame.payload), plan.limits, overflow)

    return main


def _hand_out(
    channel: Channel, inputs: tuple[Input, ...], order: say.FetchOrder, limits: Limits, overflow: int
) -> None:
    root = root_of(inputs[order.number])
    if order.digests:
        for fact in digests(root, dict(order.digests), limits, Spool(limits, overflow)):
            channel.put(say.FACTS, say.encode([fact]))
        channel.send(say.FETCHED, b"")
        return
    spool = Spool(limits, overflow, start=order.spool_from)
    for path, held in fetch(root, order.paths, limits, spool, known=order.known):
        if isinstance(held, Damage):
            channel.send(say.FOUND, say.encode(say.Piece(path, 0, -1)))
        else:
            window = held.window
            channel.send(say.FOUND, say.encode(say.Piece(path, window.offset, window.size)), (window.fd,))
    channel.send(say.FETCHED, b"")


class _Telling:
    """Sends the events of a walk. Whatever was sent before an archive was opened has left when it is opened."""

    def __init__(self, channel: Channel, suppress: int, plan: Plan) -> None:
        self._channel = channel
        self._suppress = suppress
        self._archive_cpu = plan.limits.archive_cpu
        self._totals_only = plan.totals_only
        self._count = 0
        self._batch: list[Entry] = []
        self._budgets: list[cpu_budget] = []

    def tell(self, events: Iterator[Event]) -> None:
        for event in events:
            self._count += 1
            if isinstance(event, Seen):  # nearly all are
                if self._count > self._suppress:
                    self._see(event)
            elif isinstance(event, Opened | Closed):
                self._turn(event)
            elif self._count > self._suppress:
                self._channel.put(say.GAPS if isinstance(event, Gap) else say.FACTS, say.encode([event]))
        self._flush()

    def _turn(self, event: Opened | Closed) -> None:
        self._flush()
        if isinstance(event, Opened):
            self._channel.send(say.OPENED, say.encode((self._count, event.path)))
            budget = cpu_budget(self._archive_cpu)
            budget.__enter__()
            self._budgets.append(budget)
        else:
            self._channel.put(say.CLOSED, b"")
            self._budgets.pop().__exit__(None, None, None)

    def _see(self, seen: Seen) -> None:
        self._batch.append(seen.entry)
        if seen.content is not None:
            self._flush()
            payload = say.pack_content(seen.entry, seen.content, truncated=seen.truncated, cuts=seen.cuts)
            self._channel.put(say.CONTENT, payload)
        elif len(self._batch) >= SEEN_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            if self._totals_only:
                self._channel.put(say.COUNTED, say.pack_totals(self._batch))
            else:
                self._channel.put(say.SEEN, say.encode(self._batch))
            self._batch = []
