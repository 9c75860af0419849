"""The whole flow in one process, without a fork: what a tiny package needs inside its one child, and what tests use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Spool
from pkgscan.archive.walk import Seen, Walk
from pkgscan.engine import Engine
from pkgscan.inputs import Input
from pkgscan.model import MEMBER, Entry, Fact, Gap, Span
from pkgscan.plan import Plan, kind_table, root_of
from pkgscan.readers.base import Source, Wants
from pkgscan.reading import EntryReader
from pkgscan.registry import Registry


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
        for event in walk.walk(root_of(source)):
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
        if path == source.name or path.startswith(source.name + MEMBER):
            for _path, held in fetch(root_of(source), (path,), plan.limits, Spool(plan.limits)):
                if held is not None:
                    return b"".join(held.window.blocks())
    return None


def _add(engine: Engine, item: object) -> None:
    if isinstance(item, Gap):
        engine.add_gap(item)
    elif isinstance(item, Fact):
        engine.add_fact(item)
