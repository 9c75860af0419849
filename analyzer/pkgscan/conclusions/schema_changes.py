"""What each statement does to its tables on the engine that runs it, and how large these are.

The engine is that of the text; else of the command that runs the file; else that of all files beside it. Which command
runs a file is taken from scripts whose argument names it, or may: `psql -f "$dir"/*.sql`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.conclusions.sql_calls import Calls
from pkgscan.facts.sql import (
    NOT_KNOWN,
    DdlAction,
    Dialect,
    Interval,
    SchemaChange,
    SqlCall,
    SqlUnit,
    TableLock,
)
from pkgscan.graph import Graph
from pkgscan.model import Confidence, Span
from pkgscan.reason.downtime import hold, wait
from pkgscan.reason.locks import LockFact, lock_fact, with_mode
from pkgscan.reason.sql_files import is_install

# Forms that were not measured by themselves, by what they are like or may be at worst.
_LIKE = {
    "alter-type": "alter-type-rewrite", "modify-column": "modify-type-copy", "drop-policy": "create-policy",
    "drop-rule": "create-rule", "switch-rule": "create-rule", "rename-policy": "create-policy",
    "alter-identity": "set-default", "set-tablespace": "set-logged", "set-access-method": "set-logged",
    "create-materialized-view": "create-table-as", "drop-partition": "drop-table",
}  # fmt: skip
_GUESSED = frozenset({"alter-type", "modify-column"})
# A change to one of these from a type that is not known is mostly a widening, which costs nothing.
_WIDE = re.compile(r"(?:text|varchar|numeric|bytea)(?:\[\])*+")
_TRANSACTIONAL = frozenset({"postgresql", "sqlite", "sqlserver", ""})


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[SchemaChange]:
    """A fact for each action of each statement."""
    actions = graph.facts(DdlAction)
    if not actions:
        return
    engines = _Engines(graph)
    sizes: dict[Dialect, _Sizes] = {}
    for action in actions:
        engine, by, call = engines.of(action)
        if engine not in sizes:
            sizes[engine] = _Sizes(circumstances, engine)
        yield _change(action, engine, by, call, sizes[engine])


class _Engines:
    """Which engine runs which unit, and by which command."""

    def __init__(self, graph: Graph) -> None:
        self._calls = Calls(graph, graph.facts(SqlCall))
        self._beside: dict[str, Counter[Dialect]] = {}
        for unit in graph.facts(SqlUnit):
            if unit.engine:
                self._beside.setdefault(_folder(unit.span), Counter())[unit.engine] += 1

    def of(self, action: DdlAction) -> tuple[Dialect, str, SqlCall | None]:
        """(engine, how it is known, the command that runs it)."""
        call = self._calls.of(action)
        if action.engine:
            return action.engine, "text", call
        if call is not None:
            return call.engine, "called", call
        beside = self._beside.get(_folder(action.span), Counter[Dialect]())
        if len(beside) == 1:
            return next(iter(beside)), "beside", None
        return "", "", None


def _folder(span: Span) -> str:
    return span.path.rpartition("/")[0]


def _change(action: DdlAction, engine: Dialect, by: str, call: SqlCall | None, sizes: _Sizes) -> SchemaChange:
    form = _LIKE.get(action.form, action.form)
    fact = lock_fact(engine, form, sizes.version)
    if fact is not None and form == "lock-table":
        fact = with_mode(fact, action.lock)
    target = _lock(sizes, action.table, fact)
    others = tuple(_other_lock(sizes, name, fact) for name in action.others)
    whole = call is not None and call.in_one_transaction and engine in _TRANSACTIONAL
    in_transaction = action.transaction > 0 or whole
    number = action.transaction if not whole else "all"
    timeout = _timeout(action, call)
    return SchemaChange(
        span=action.span, text=action.text, action=action, engine=engine, engine_by=by, target=target, others=others,
        transaction=f"{action.unit}#{number}" if in_transaction else f"{action.unit}#{action.statement}:",
        in_transaction=in_transaction, lock_timeout=timeout, wait=wait(timeout, sizes.longest_transaction),
        hold=hold(target, action.form, engine, sizes.rates) if fact else Interval(),
        called_at=call.span if call else None, is_install=is_install(action.span.path),
        confidence=_confidence(action, fact),
    )  # fmt: skip


def _timeout(action: DdlAction, call: SqlCall | None) -> int:
    """The lock timeout in milliseconds: of the text, else of the options of the command."""
    if action.session.lock_timeout != NOT_KNOWN or call is None:
        return action.session.lock_timeout
    set_by_call = dict(call.settings).get("lock_timeout", dict(call.settings).get("lock_wait_timeout", ""))
    digits = re.match(r"(\d{1,9})\s*(ms|s|min|h)?", set_by_call)
    factor = {"s": 1000, "min": 60_000, "h": 3_600_000}
    return int(digits[1]) * factor.get(digits[2] or "ms", 1) if digits else NOT_KNOWN


def _confidence(action: DdlAction, fact: LockFact | None) -> Confidence:
    if action.form in _GUESSED:
        return "low" if _WIDE.fullmatch(action.new_type) else "medium"
    if fact is None or fact.confidence == "low":
        return "low"
    return "medium" if action.certainty == "may" or fact.confidence == "medium" else "high"


class _Sizes:
    """What the profile says of tables and of the engine."""

    def __init__(self, circumstances: Circumstances, engine: Dialect) -> None:
        self._target = circumstances.target
        databases = [one for one in circumstances.profile.databases if one.engine and one.engine.value == engine]
        self._database = databases[0] if len(databases) == 1 else None
        known = self._database
        self.version = known.version.value if known and known.version else ""
        self.rates = known.rates if known else None
        longest = known.longest_transaction if known else None
        self.longest_transaction = longest.value if longest else None

    def put(self, lock: TableLock) -> TableLock:
        """The same with the size of its table, where the profile knows that."""
        if not lock.table:
            return lock
        found = self._target.table(lock.table, self._database.name.value if self._database else "").value
        if found is None:
            return lock
        rows, size, indexes = (item.value if item else NOT_KNOWN for item in (found.rows, found.bytes, found.indexes))
        return msgspec.structs.replace(lock, rows=rows, bytes=size, indexes=indexes, size_at=found.name.span)


def _lock(sizes: _Sizes, table: str, fact: LockFact | None) -> TableLock:
    if fact is None:
        return sizes.put(TableLock(table))
    return sizes.put(TableLock(table, fact.lock, fact.blocks, fact.queue, fact.rewrite, fact.scan, fact.index))


def _other_lock(sizes: _Sizes, table: str, fact: LockFact | None) -> TableLock:
    if fact is None:
        return sizes.put(TableLock(table))
    return sizes.put(
        TableLock(
            table, fact.other_lock, fact.other_blocks, fact.other_queue, scan=fact.other_scan, index=fact.other_index
        )
    )


SCHEMA_CHANGES = Conclusion(
    name="schema-changes", concludes=(SchemaChange,), conclude=conclude, after=("uses",)
)  # fmt: skip
