"""The whole flow in one process, without a fork: what a tiny package needs inside its one child, and what tests use."""

from __future__ import annotations

import msgspec

from pkgscan.archive.digests import digests
from pkgscan.archive.events import Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Spool
from pkgscan.archive.walk import Walk
from pkgscan.engine import Engine
from pkgscan.inputs import Input
from pkgscan.looks import Looks
from pkgscan.model import Fact, Gap
from pkgscan.plan import Plan, kind_table, root_of
from pkgscan.readers.base import Wants
from pkgscan.reading import EntryReader
from pkgscan.registry import Registry


def run(registry: Registry, inputs: tuple[Input, ...], plan: Plan) -> Engine:
    """Walk and read every input here and now; the engine is ready to judge."""
    assert plan.judging is not None
    engine = Engine(registry, plan.judging)
    texts = plan.wants_texts(registry)
    reader = EntryReader(registry, texts=texts)
    looks = Looks(tuple(source.fd for source in inputs))
    tables = {source.role: kind_table(registry, tree_only=plan.tree_only, role=source.role) for source in inputs}
    for source in inputs:
        walk = Walk(tables[source.role], plan.limits, texts=texts and source.role == "package", role=source.role)
        for event in walk.walk(root_of(source)):
            if isinstance(event, Seen):
                engine.add_entry(event.entry)
                _read(engine, reader, looks, event)
            else:
                _add(engine, event)
    try:
        while looks.is_waiting:
            _fetch(engine, looks, inputs, plan.limits)
            _look_again(engine, reader, looks)
            looks.done()
    finally:
        looks.close()
    return engine


def _read(engine: Engine, reader: EntryReader, looks: Looks, seen: Seen) -> None:
    if seen.content is None:
        return
    looks.saw(seen.entry)
    for reading in reader.read(seen.entry, seen.content, truncated=seen.truncated, cuts=seen.cuts):
        if isinstance(reading, Wants):
            looks.add(msgspec.structs.replace(seen.entry, kind=reading.kind), reading)
        else:
            _add(engine, reading)


def _look_again(engine: Engine, reader: EntryReader, looks: Looks) -> None:
    for look in looks.ready():
        if isinstance(look, Gap):
            engine.add_gap(look)
        else:
            for reading in reader.look_again(look.asker, look.purpose, look.sources()):
                _add(engine, reading)


def _fetch(engine: Engine, looks: Looks, inputs: tuple[Input, ...], limits: Limits) -> None:
    for number, order in looks.digest_orders(tuple(source.name for source in inputs)):
        for fact in digests(root_of(inputs[number]), dict(order), limits, Spool(limits)):
            engine.add_fact(fact)
    spool = Spool(limits, start=0)
    for number, paths in looks.orders(tuple(source.name for source in inputs)):
        for path, held in fetch(root_of(inputs[number]), paths, limits, spool, known=looks.are_known):
            looks.found(path, None if isinstance(held, Damage) else held.window.copy())


def _add(engine: Engine, item: object) -> None:
    if isinstance(item, Gap):
        engine.add_gap(item)
    elif isinstance(item, Fact):
        engine.add_fact(item)
