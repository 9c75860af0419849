"""Words of PostgreSQL's own syntax trees: names, types, defaults, constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pkgscan.readers.sql.action import type_name

NODES = 10_000  # of one expression; more is data


def relation(node: Any) -> str:
    """The name of a RangeVar."""
    return f"{node.schemaname}.{node.relname}" if node.schemaname else str(node.relname)


def dotted(names: Any) -> str:
    """A list of String nodes as one name; PostgreSQL's own schema goes without saying."""
    parts = [str(part.sval) for part in names or () if hasattr(part, "sval")]
    return ".".join(parts[1:] if parts[:1] == ["pg_catalog"] and len(parts) > 1 else parts)


def column_type(node: Any) -> str:
    """A TypeName."""
    if node is None:
        return ""
    modifiers = [_constant(one) for one in node.typmods or ()]
    return type_name(dotted(node.names), filter(None, modifiers), "[]" * len(node.arrayBounds or ()))


def _constant(node: Any) -> str:
    value = getattr(node, "val", None)
    return str(getattr(value, "ival", getattr(value, "sval", ""))) if value is not None else ""


def walk(node: Any) -> Iterator[Any]:
    """Every node below and with this one, without recursion."""
    from pglast.ast import Node  # noqa: PLC0415  # loaded with the parser

    base: Any = Node

    waiting, seen = [node], 0
    while waiting and seen < NODES:
        found = waiting.pop()
        if isinstance(found, tuple | list):
            waiting.extend(found)
        elif isinstance(found, base):
            seen += 1
            yield found
            waiting.extend(getattr(found, name) for name in found.__slots__ if name != "ancestors")


def calls(node: Any) -> tuple[str, ...]:
    """The functions an expression calls, those of SQL's own syntax included; sorted."""
    found = set()
    for one in walk(node):
        name = type(one).__name__
        if name == "FuncCall":
            found.add(dotted(one.funcname))
        elif name == "SQLValueFunction":
            found.add(one.op.name.removeprefix("SVFOP_").lower().removesuffix("_n"))
    return tuple(sorted(found))


def not_null_columns(node: Any) -> tuple[str, ...]:
    """The columns that a CHECK proves to be not null: `x IS NOT NULL`, alone or joined by AND."""
    found: list[str] = []
    waiting = [node]
    while waiting and len(found) < NODES:
        one = waiting.pop()
        kind = type(one).__name__
        if kind == "NullTest" and one.nulltesttype.name == "IS_NOT_NULL":
            found.append(last_name(one.arg))
        elif kind == "BoolExpr" and one.boolop.name == "AND_EXPR":
            waiting.extend(one.args)
    return tuple(sorted(filter(None, found)))


def last_name(node: Any) -> str:
    """The column of a ColumnRef."""
    fields = getattr(node, "fields", None) or ()
    return str(fields[-1].sval) if fields and hasattr(fields[-1], "sval") else ""


def key_columns(names: Any) -> tuple[str, ...]:
    """The columns of a key or an index."""
    return tuple(str(getattr(one, "sval", None) or getattr(one, "name", None) or "") for one in names or ())
