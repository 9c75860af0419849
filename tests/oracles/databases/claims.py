"""What pkgscan claims of a statement: the tables it locks, and whether it reads, rewrites or indexes them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from databases.effect import Effect, Measured
from databases.lock_facts import worse
from pkgscan.circumstances import Circumstances
from pkgscan.conclusions.schema_changes import SCHEMA_CHANGES
from pkgscan.facts.sql import DdlAction, SchemaChange, TableLock
from pkgscan.graph import Graph
from pkgscan.readers.sql import SqlReader
from pkgscan.testing import read

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEAK = {"", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"}  # locks of those who read and write rows


def changes(engine: str, text: str) -> list[SchemaChange]:
    """What the last statement of a text does, as pkgscan sees it."""
    facts: dict[type, Any] = defaultdict(list)
    for fact in read(SqlReader(), text, f"package!/{engine}/1.sql"):
        facts[type(fact)].append(fact)
    last = max((fact.statement for fact in facts[DdlAction]), default=0)
    facts[DdlAction] = [fact for fact in facts[DdlAction] if fact.statement == last]
    return list(
        SCHEMA_CHANGES.conclude(Graph((), {kind: tuple(found) for kind, found in facts.items()}), Circumstances(NOW))
    )


def claimed(found: list[SchemaChange]) -> Measured:
    """The claims by table; several actions of one statement add up."""
    tables: dict[str, Effect] = {}
    for change in found:
        for lock in (change.target, *change.others):
            if lock.table:
                tables[lock.table] = worse(tables.get(lock.table, Effect()), as_effect(lock))
    return Measured(tables)


def as_effect(lock: TableLock) -> Effect:
    return Effect(
        lock=lock.lock,
        reads=lock.blocks == "everything",
        writes=lock.blocks != "nothing",
        rewrite=lock.rewrite,
        scan=lock.scan,
        index=lock.index,
    )


def comparable(engine: str, measured: Measured) -> dict[str, Effect]:
    """Of each table that anybody has to care about what both sides speak of. MariaDB's locks are no claim by
    themselves: what counts is who waits.
    """
    plain = {name: replace(effect, queues=False, algorithm="") for name, effect in measured.tables.items()}
    if engine == "mariadb":
        plain = {name: replace(effect, lock="") for name, effect in plain.items()}
        return {name: effect for name, effect in plain.items() if effect.blocks != "nothing" or effect.index}
    return {name: effect for name, effect in plain.items() if effect.lock not in WEAK or effect.blocks != "nothing"}
