"""Lock facts as the product states them, made of what servers were seen to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import msgspec

from databases.effect import Effect, Measured
from databases.forms import Statement
from pkgscan.reason.locks import Blocks, LockFact

# In the order of strength, MariaDB's and PostgreSQL's; they never meet.
LOCKS = (
    "", "NONE", "SHARED", "READ", "WRITE", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE",
    "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
)  # fmt: skip
ALGORITHMS = ("", "INSTANT", "NOCOPY", "INPLACE", "COPY")


@dataclass(frozen=True)
class Row:
    """A statement, and what it did on one version."""

    statement: Statement
    measured: Measured

    @property
    def main(self) -> Effect:
        """On the table it is about."""
        return self.measured.of(self.statement.table)

    @property
    def others(self) -> Effect:
        """On the others: the worst of each, since a fact states them together."""
        return worst(self.measured.of(name) for name in self.statement.others)

    @property
    def surprises(self) -> dict[str, Effect]:
        """Tables that it locks or changes and that the list does not name."""
        named = {self.statement.table, *self.statement.others}
        return {name: effect for name, effect in self.measured.tables.items() if name not in named}


def worst(effects: Iterable[Effect]) -> Effect:
    """What to be prepared for."""
    return reduce(worse, effects, Effect())


def worse(one: Effect, other: Effect) -> Effect:
    return Effect(
        lock=max(one.lock, other.lock, key=LOCKS.index),
        reads=one.reads or other.reads,
        writes=one.writes or other.writes,
        rewrite=one.rewrite or other.rewrite,
        scan=one.scan or other.scan,
        index=one.index or other.index,
        queues=one.queues or other.queues,
        algorithm=max(one.algorithm, other.algorithm, key=ALGORITHMS.index),
    )


def facts_of(engine: str, rows: Mapping[str, Iterable[Row]]) -> Iterator[LockFact]:
    """The facts of an engine from the rows of each version, oldest first; versions that agree share a fact."""
    found: dict[str, list[LockFact]] = defaultdict(list)
    for version in sorted(rows, key=float):
        by_form: dict[str, list[Row]] = defaultdict(list)
        for row in rows[version]:
            by_form[row.statement.form].append(row)
        for form, same in by_form.items():
            fact = stated(engine, form, version, same)
            last = found[form][-1:]
            if last and same_but_versions(last[0], fact):
                found[form][-1] = msgspec.structs.replace(last[0], measured=(*last[0].measured, version))
            else:
                found[form].append(fact)
    return (fact for facts in found.values() for fact in facts)


def stated(engine: str, form: str, version: str, rows: list[Row]) -> LockFact:
    """The fact of one form on one version."""
    main, others = worst(row.main for row in rows), worst(row.others for row in rows)
    return LockFact(
        engine=engine,
        form=form,
        lock=main.lock,
        blocks=main.blocks,
        queue=queue(main),
        rewrite=main.rewrite,
        scan=main.scan,
        index=main.index,
        algorithm=main.algorithm,
        other_lock=others.lock,
        other_blocks=others.blocks,
        other_queue=queue(others),
        other_scan=others.scan,
        other_index=others.index,
        since=version,
        measured=(version,),
    )


def queue(effect: Effect) -> Blocks:
    """Who waits behind the statement while it waits itself: whom its lock would block."""
    return "everything" if effect.queues else effect.blocks


def same_but_versions(one: LockFact, other: LockFact) -> bool:
    return msgspec.structs.replace(one, since="", measured=()) == msgspec.structs.replace(other, since="", measured=())


def as_file(facts: Iterable[LockFact]) -> bytes:
    """A file with one fact a line, so that a change shows as a line."""
    lines = b",\n".join(msgspec.json.encode(fact) for fact in facts)
    return b'{"facts": [\n' + lines + b"\n]}\n"


def differing(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Forms whose statements do not all do the same."""
    by_form: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_form[row.statement.form].append(row)
    return {form: same for form, same in by_form.items() if len({(row.main, row.others) for row in same}) > 1}


def is_heavy(measured: Measured) -> bool:
    """Whether somebody waits for longer, the larger a table is."""
    return any(
        effect.blocks != "nothing" and (effect.rewrite or effect.scan or effect.index)
        for effect in measured.tables.values()
    )
