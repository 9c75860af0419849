"""Statements other than ALTER TABLE as sqlglot parses them, as actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pkgscan.readers.sql import glot_tree as tree
from pkgscan.readers.sql.action import Action, Refused, flags
from pkgscan.readers.sql.glot_alter import add_column, constraint


def _create(node: Any) -> Iterator[Action]:
    kind = str(node.args.get("kind") or "").upper()
    if kind == "INDEX":
        yield _index(node)
    elif kind == "TABLE":
        yield from _table(node)
    elif kind == "VIEW":
        verb = "replace-view" if node.args.get("replace") else "create-view"
        materialized = any(type(one).__name__ == "MaterializedProperty" for one in _properties(node))
        yield Action(verb="create-materialized-view" if materialized else verb, table=tree.table(node.this),
                     others=_tables_in(node.expression))  # fmt: skip
    elif kind in {"TRIGGER", "FUNCTION", "PROCEDURE"}:
        raise Refused(kind)
    else:
        yield Action(verb="other")


def _properties(node: Any) -> list[Any]:
    held = node.args.get("properties")
    return list(held.expressions) if held is not None else []


def _index(node: Any) -> Action:
    index = node.this
    table = tree.table(index.args.get("table"))
    params = index.args.get("params")
    columns = tree.columns((params.args.get("columns") if params is not None else None) or ())
    marks = flags(concurrently=node.args.get("concurrently"), unique=node.args.get("unique"),
                  if_not_exists=node.args.get("exists"))  # fmt: skip
    return Action(verb="create-index", table=table, name=tree.column(index.this), columns=columns, flags=marks)


def _table(node: Any) -> Iterator[Action]:
    name = tree.table(node.this)
    held = {type(one).__name__ for one in _properties(node)}
    temporary = "TemporaryProperty" in held
    if "PartitionedOfProperty" in held:
        raise Refused("PARTITION OF")
    if node.expression is not None and type(node.this).__name__ == "Table":
        yield Action(verb="create-table-as", table=name, others=_tables_in(node.expression),
                     flags=flags(temporary=temporary))  # fmt: skip
        return
    elements = node.this.expressions if type(node.this).__name__ == "Schema" else []
    parts = [part for one in elements for part in _element(name, one)]
    others = tuple(dict.fromkeys(other for one in parts for other in one.others))
    yield Action(verb="create-table", table=name, name=name, others=others,
                 flags=flags(temporary=temporary, partitioned="PartitionedByProperty" in held, references=others,
                             if_not_exists=node.args.get("exists")))  # fmt: skip
    for one in parts:
        yield Action(verb="define", table=name, column=one.column, columns=one.columns, type=one.type, name=one.name,
                     new_name=one.verb, others=one.others, flags=one.flags)  # fmt: skip


def _element(name: str, node: Any) -> Iterator[Action]:
    kind = type(node).__name__
    if kind == "ColumnDef":
        yield add_column(name, node)
        return
    named = ""
    if kind == "Constraint":
        named, node = tree.column(node.this), next(iter(node.expressions), None)
    try:
        yield constraint(name, named, node)
    except Refused:
        return  # a table that is new is free, whatever its constraints


def _tables_in(query: Any) -> tuple[str, ...]:
    from sqlglot import exp  # noqa: PLC0415  # loaded with the parser

    return tuple(sorted({tree.table(one) for one in query.find_all(exp.Table)})) if query is not None else ()


_DROPPED = {"TABLE": "drop-table", "INDEX": "drop-index", "VIEW": "drop-view", "FUNCTION": "drop-function",
            "PROCEDURE": "drop-function", "SCHEMA": "drop-schema", "TYPE": "drop-type",
            "SEQUENCE": "drop-sequence"}  # fmt: skip


def _drop(node: Any) -> Iterator[Action]:
    kind = str(node.args.get("kind") or "").upper()
    if kind in {"TRIGGER", "POLICY", "RULE", "MATERIALIZED VIEW"}:
        raise Refused(kind)
    verb = _DROPPED.get(kind, "drop-other")
    marks = flags(concurrently=node.args.get("concurrently"), cascade=node.args.get("cascade"),
                  if_exists=node.args.get("exists"))  # fmt: skip
    on = node.args.get("cluster")
    for one in node.args.get("tables") or ():
        name = tree.table(one)
        table = name if verb in {"drop-table", "drop-view"} else tree.table(on.this) if on is not None else ""
        yield Action(verb=verb, table=table, name=name, flags=marks)


def _truncate(node: Any) -> Iterator[Action]:
    for one in node.expressions:
        yield Action(verb="truncate", table=tree.table(one), flags=flags(cascade=node.args.get("option") == "CASCADE"))


def _rows(verb: str) -> Callable[[Any], Iterator[Action]]:
    def read(node: Any) -> Iterator[Action]:
        name = tree.table(node.this)
        others = tuple(one for one in _tables_in(node) if one != name)
        where = node.args.get("where") is not None
        yield Action(verb=verb, table=name, others=others, flags=flags(where=where))

    return read


def _insert(node: Any) -> Iterator[Action]:
    name = tree.table(node.this)
    has_query = type(node.expression).__name__ in {"Select", "Union", "Subquery"}
    others = tuple(one for one in _tables_in(node.expression) if one != name) if has_query else ()
    yield Action(verb="insert-select" if others else "insert", table=name, others=others)


def _select(node: Any) -> Iterator[Action]:
    functions = tree.calls(node)
    tables = _tables_in(node)
    into = node.args.get("into")
    if into is not None:
        yield Action(verb="create-table-as", table=tree.table(into.this), others=tables)
    elif node.args.get("locks") and tables:
        yield Action(verb="select-for-update", table=tables[0], others=tables[1:], calls=functions)
    elif functions:
        yield Action(verb="call", calls=functions)


def _set(node: Any) -> Iterator[Action]:
    for item in node.expressions:
        pair = item.this
        if type(pair).__name__ == "EQ":
            value = pair.expression
            words = value.name or value.sql()
            name = str(pair.this.sql()).lower().removeprefix("session ").removeprefix("global ").strip('@"`')
            yield Action(verb="set", name=name.rpartition(".")[2], default=words,
                         flags=flags(local=str(item.args.get("kind") or "").upper() == "LOCAL"))  # fmt: skip


def _transaction(verb: str) -> Callable[[Any], Iterator[Action]]:
    def read(_node: Any) -> Iterator[Action]:
        yield Action(verb=verb)

    return read


READS: dict[str, Callable[[Any], Iterator[Action]]] = {
    "Create": _create, "Drop": _drop, "TruncateTable": _truncate, "Update": _rows("update"), "Delete": _rows("delete"),
    "Insert": _insert, "Select": _select, "Set": _set, "Transaction": _transaction("begin"),
    "Commit": _transaction("commit"), "Rollback": _transaction("rollback"),
}  # fmt: skip
