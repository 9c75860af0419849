"""Statements of PostgreSQL that read and write rows, lock, tidy up, or set the session, as actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pkgscan.readers.sql.action import Action, flags
from pkgscan.readers.sql.pg_tree import calls, constant, dotted, relation, tables, walk

_MODES = ("", "access share", "row share", "row exclusive", "share update exclusive", "share", "share row exclusive",
          "exclusive", "access exclusive")  # fmt: skip


def _tables_in(query: Any, target: str = "") -> tuple[str, ...]:
    return tuple(sorted(tables(query) - {target}))


def _update(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation)
    marks = flags(where=statement.whereClause)
    yield Action(verb="update", table=table, flags=marks, others=_tables_in(statement, table),
                 calls=calls(statement.withClause))  # fmt: skip


def _delete(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation)
    marks = flags(where=statement.whereClause)
    yield Action(verb="delete", table=table, flags=marks, others=_tables_in(statement, table))


def _insert(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation)
    query = statement.selectStmt
    has_query = query is not None and getattr(query, "valuesLists", None) is None
    others = _tables_in(query, table) if has_query else ()
    yield Action(verb="insert-select" if others else "insert", table=table, others=others)


def _select(statement: Any) -> Iterator[Action]:
    functions = calls(statement)
    into = statement.intoClause
    if into is not None:
        yield Action(verb="create-table-as", table=relation(into.rel), others=_tables_in(statement, relation(into.rel)))
    elif statement.lockingClause and (found := _tables_in(statement)):
        yield Action(verb="select-for-update", table=found[0], others=found[1:], calls=functions)
    elif functions:
        settings = _settings(statement) if "set_config" in functions else ""
        yield Action(verb="call", calls=functions, default=settings)


def _settings(statement: Any) -> str:
    """`set_config('lock_timeout', '5s', ..)` as `lock_timeout=5s`."""
    for one in walk(statement, "FuncCall"):
        if dotted(one.funcname) == "set_config":
            return "=".join(constant(arg) for arg in (one.args or ())[:2])
    return ""


def _call(statement: Any) -> Iterator[Action]:
    yield Action(verb="call", calls=(dotted(statement.funccall.funcname),))


def _truncate(statement: Any) -> Iterator[Action]:
    for one in statement.relations:
        cascade = statement.behavior == "DROP_CASCADE"
        yield Action(verb="truncate", table=relation(one), flags=flags(cascade=cascade))


def _lock(statement: Any) -> Iterator[Action]:
    for one in statement.relations:
        marks = flags(nowait=statement.nowait)
        yield Action(verb="lock-table", table=relation(one), type=_MODES[statement.mode], flags=marks)


def _vacuum(statement: Any) -> Iterator[Action]:
    full = any(option.defname == "full" and not _is_off(option.arg) for option in statement.options or ())
    verb = "vacuum-full" if full else "vacuum" if statement.is_vacuumcmd else "analyze"
    for one in statement.rels or ():
        yield Action(verb=verb, table=relation(one.relation))
    if not statement.rels:
        yield Action(verb=verb)


def _is_off(value: Any) -> bool:
    text = getattr(value, "sval", None) or getattr(value, "ival", None)
    return value is not None and str(text).lower() in {"false", "off", "0", "none"}


def _cluster(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation) if statement.relation is not None else ""
    yield Action(verb="cluster", table=table)


def _reindex(statement: Any) -> Iterator[Action]:
    kind = statement.kind.removeprefix("REINDEX_OBJECT_")
    name = relation(statement.relation) if statement.relation is not None else statement.name or ""
    concurrently = any(one.defname == "concurrently" and not _is_off(one.arg) for one in statement.params or ())
    marks = flags(concurrently=concurrently)
    is_table = kind == "TABLE"
    yield Action(verb="reindex", table=name if is_table else "", name="" if is_table else name, flags=marks)


def _refresh(statement: Any) -> Iterator[Action]:
    yield Action(verb="refresh-materialized-view", table=relation(statement.relation),
                 flags=flags(concurrently=statement.concurrent))  # fmt: skip


_TRANSACTIONS = {
    "BEGIN": "begin", "START": "begin", "COMMIT": "commit", "ROLLBACK": "rollback", "PREPARE": "commit",
}  # fmt: skip


def _transaction(statement: Any) -> Iterator[Action]:
    verb = _TRANSACTIONS.get(statement.kind.removeprefix("TRANS_STMT_"), "")
    if verb:
        yield Action(verb=verb)


def _set(statement: Any) -> Iterator[Action]:
    name = (statement.name or "").lower()
    yield Action(verb="set", name=name, default=",".join(map(constant, statement.args or ())),
                 flags=flags(local=statement.is_local))  # fmt: skip


def _copy(statement: Any) -> Iterator[Action]:
    if statement.relation is not None and statement.is_from:
        yield Action(verb="insert", table=relation(statement.relation))


READS: dict[str, Callable[[Any], Iterator[Action]]] = {
    "UpdateStmt": _update, "DeleteStmt": _delete, "InsertStmt": _insert, "SelectStmt": _select, "CallStmt": _call,
    "TruncateStmt": _truncate, "LockStmt": _lock, "VacuumStmt": _vacuum, "ClusterStmt": _cluster,
    "ReindexStmt": _reindex, "RefreshMatViewStmt": _refresh, "TransactionStmt": _transaction, "VariableSetStmt": _set,
    "CopyStmt": _copy,
}  # fmt: skip
