"""Words of sqlglot's syntax trees: names, types, defaults, constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pkgscan.readers.sql.action import type_name

_ATTRIBUTES = {
    "NotNullColumnConstraint": "not-null", "UniqueColumnConstraint": "unique", "PrimaryKeyColumnConstraint": "primary",
    "CheckColumnConstraint": "check", "Reference": "references", "AutoIncrementColumnConstraint": "auto-increment",
    "GeneratedAsIdentityColumnConstraint": "identity",
}  # fmt: skip
# Functions that sqlglot knows by names of its own.
_CALLS = {
    "currenttimestamp": "now", "rand": "random", "uuid": "uuid", "generateuuid": "gen_random_uuid",
    "concat": "concat", "anonymous": "",
}  # fmt: skip


def ident(node: Any) -> str:
    """One Identifier, folded as engines fold what is not quoted."""
    if node is None:
        return ""
    text = str(node.name)
    return text if node.args.get("quoted") else text.lower()


def table(node: Any) -> str:
    """The name of a Table, or of what holds one (Schema, Alias)."""
    while type(node).__name__ in {"Schema", "Alias", "ReadCSV"}:
        node = node.this
    if type(node).__name__ == "Identifier":
        return ident(node)
    if type(node).__name__ != "Table":
        return str(getattr(node, "name", "")).lower()
    return ".".join(filter(None, (ident(node.args.get("db")), column(node.this))))


def column(node: Any) -> str:
    """The name of a column or whatever else has one."""
    inner = node
    while inner is not None and type(inner).__name__ != "Identifier":
        inner = inner.args.get("this") if hasattr(inner, "args") else None
    return ident(inner)


def columns(nodes: Any) -> tuple[str, ...]:
    """Names of a key's or an index's columns."""
    return tuple(column(node) for node in nodes or ())


def data_type(node: Any) -> str:
    """A DataType."""
    if node is None:
        return ""
    name = getattr(node.this, "value", None) or str(node.this)
    inner = [one.sql() for one in node.expressions]
    if str(name) in {"USERDEFINED", "USER-DEFINED"}:
        return str(node.args.get("kind") or "").lower()
    if name == "ARRAY":
        return data_type(node.expressions[0]) + "[]" if node.expressions else "[]"
    return type_name(str(name), [one.replace(" ", "") for one in inner])


def constraints(definition: Any) -> Iterator[tuple[str, Any]]:
    """(class name, node) of a ColumnDef's constraints."""
    for one in definition.args.get("constraints") or ():
        kind = one.args.get("kind")
        if kind is not None:
            yield type(kind).__name__, kind


def attribute(name: str, node: Any) -> str:
    """The flag of a column constraint; empty for none."""
    if name == "NotNullColumnConstraint" and node.args.get("allow_null"):
        return "null"
    if name == "ComputedColumnConstraint":
        return "stored" if node.args.get("persisted") else "virtual"
    if name == "GeneratedAsRowColumnConstraint":
        return "virtual"
    if name == "GeneratedAsIdentityColumnConstraint" and node.args.get("expression") is not None:
        return "stored"
    return _ATTRIBUTES.get(name, "")


def calls(node: Any) -> tuple[str, ...]:
    """The functions an expression calls, by the names of SQL; sorted."""
    from sqlglot import exp  # noqa: PLC0415  # loaded with the parser

    found = set()
    for one in node.find_all(exp.Func) if node is not None else ():
        if isinstance(one, exp.Cast | exp.Array | exp.Case | exp.And | exp.Or):
            continue
        name = str(one.name) if isinstance(one, exp.Anonymous) else one.sql_name()
        found.add(_CALLS.get(type(one).__name__.lower(), "") or name.lower())
    return tuple(sorted(found))


def not_null_columns(node: Any) -> tuple[str, ...]:
    """The columns that a CHECK proves to be not null: `x IS NOT NULL`, alone or joined by AND."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        kind = type(one).__name__
        if kind == "Not" and type(one.this).__name__ == "Is" and type(one.this.expression).__name__ == "Null":
            found.append(column(one.this.this))
        elif kind == "And":
            waiting.extend((one.this, one.expression))
        elif kind == "Paren":
            waiting.append(one.this)
    return tuple(sorted(filter(None, found)))


def referenced(node: Any) -> str:
    """The table of a Reference."""
    return table(node.this) if node is not None and node.this is not None else ""
