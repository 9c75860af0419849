"""The whole flow in one process, without a fork: what a tiny package needs inside its one child, and what tests use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.archive.walk import Event, Seen, Walk
from pkgscan.engine import Engine, Judging
from pkgscan.facts.text import TextLine
from pkgscan.inputs import Input, open_input, tree_members
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Fact, Gap, Span
from pkgscan.readers.base import Source, Wants
from pkgscan.reading import EntryReader
from pkgscan.registry import Registry, load
from pkgscan.report import Report
from pkgscan.scanning import Options, make_report

__all__ = ["Options", "Plan", "kind_table", "run", "scan", "walk_input"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every process of one scan has to know."""

    judging: Judging | None = None  # None: a mere tree
    limits: Limits = Limits()

    @property
    def tree_only(self) -> bool:
        """Whether to walk, identify and hash, and to read nothing."""
        return self.judging is None

    def wants_texts(self, registry: Registry) -> bool:
        """Whether a rule that will run looks at single lines of text."""
        if self.judging is None:
            return False
        chosen = self.judging.rules
        return any(r.looks_at is TextLine and (chosen is None or r.id in chosen) for r in registry.rules)


def scan(path: str, options: Options) -> Report:
    """The report of a package, made in this very process: for tests and trusted packages, since nothing confines it."""
    registry = load()
    source = open_input(path)
    try:
        plan = Plan(judging=options.judging(registry), limits=options.limits)
        return make_report(run(registry, (source,), plan).judge(), options, registry, ())
    finally:
        source.close()


def kind_table(registry: Registry, *, tree_only: bool = False) -> KindTable:
    """The kinds of every loaded reader; for a mere tree their content is not wanted."""
    table = KindTable(kind for reader in registry.readers for kind in reader.kinds)
    if tree_only:
        table.names = frozenset()
    return table


def walk_input(walk: Walk, source: Input) -> Iterator[Event]:
    """The events of one input."""
    if source.is_directory:
        return walk.tree(tree_members(source), source.name)
    return walk.package(source.window(), source.name)


def run(registry: Registry, inputs: tuple[Input, ...], plan: Plan) -> Engine:
    """Walk and read every input here and now; the engine is ready to judge."""
    assert plan.judging is not None
    engine = Engine(registry, plan.judging)
    texts = plan.wants_texts(registry)
    reader = EntryReader(registry, texts=texts)
    wanted: list[tuple[Entry, Wants]] = []
    table = kind_table(registry, tree_only=plan.tree_only)
    for source in inputs:
        walk = Walk(table, plan.limits, texts=texts, role=source.role)
        for event in walk_input(walk, source):
            if isinstance(event, Seen):
                engine.add_entry(event.entry)
                if event.content is not None:
                    for reading in reader.read(event.entry, event.content, truncated=event.truncated):
                        if isinstance(reading, Wants):
                            wanted.append((event.entry, reading))
                        else:
                            _add(engine, reading)
            else:
                _add(engine, event)
    for asker, wants in wanted:
        _look_again(engine, reader, inputs, plan, asker, wants)
    return engine


def _look_again(  # noqa: PLR0913, PLR0917  # one second look needs all of them
    engine: Engine, reader: EntryReader, inputs: tuple[Input, ...], plan: Plan, asker: Entry, wants: Wants
) -> None:
    sources: list[Source] = []
    for path in wants.entries:
        data = _content(inputs, plan, path)
        if data is None:
            detail = f"{path} could not be handed in again for {wants.purpose}"
            gap = Gap(effect="unread", stage="read", reason="not-seen-again", detail=detail, span=Span(asker.path))
            engine.add_gap(gap)
            return
        sources.append(Source(Entry(path=path, size=len(data)), "", blocks=partial(_once, data)))
    for reading in reader.look_again(asker, wants.purpose, tuple(sources)):
        _add(engine, reading)


def _once(data: bytes) -> Iterator[bytes]:
    yield data


def _content(inputs: tuple[Input, ...], plan: Plan, path: str) -> bytes | None:
    for source in inputs:
        if not source.is_directory and path.startswith(source.name):
            walk = Walk(KindTable(()), plan.limits)
            for _path, held in walk.fetch(source.window(), source.name, (path,)):
                if held is not None:
                    return b"".join(held.window.blocks())
    return None


def _add(engine: Engine, item: object) -> None:
    if isinstance(item, Gap):
        engine.add_gap(item)
    elif isinstance(item, Fact):
        engine.add_fact(item)
