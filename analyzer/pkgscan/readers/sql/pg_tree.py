"""Words of PostgreSQL's own syntax trees: names, types, defaults, constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pkgscan.readers.sql.action import type_name

NODES = 20_000  # JSON objects of one expression, two a node; more is data
_ABSENT = {("String", "sval"): "", ("Integer", "ival"): 0}  # what is zero or empty is not written
_HOLDS_MORE = frozenset({dict, list})
_RANGE, _CALL = "RangeVar", "FuncCall"


class Node:
    """A node of the tree as the parser writes it, JSON; its fields are read as they are asked for.

    `node_type` is PostgreSQL's name of it, empty where the field it stands in allows no other. `written` are its fields
    as they stand in the JSON; as attributes they are nodes, tuples of nodes, or what they are. They have PostgreSQL's
    names (`def_` for `def`); one that is not set is None.
    """

    __slots__ = ("node_type", "written")

    def __init__(self, node_type: str, fields: dict[str, Any]) -> None:
        self.node_type = node_type
        self.written = fields

    def __getattr__(self, name: str) -> Any:
        value = self.written.get(name)
        if value is None:
            return 0 if name == "location" else _ABSENT.get((self.node_type, name))
        return _seen(value) if type(value) in _HOLDS_MORE else value

    @property
    def def_(self) -> Any:
        """Its field `def`."""
        return _seen(self.written.get("def"))


def _seen(value: Any) -> Any:
    """A value of the JSON as a node, a tuple of them, or what it is."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name[0].isupper():
                return tuple(map(_seen, inner.get("items", ()))) if name == "List" else Node(name, inner)
        return Node(_RANGE if "relname" in value else _CALL if "funcname" in value else "", value)
    return tuple(map(_seen, value)) if isinstance(value, list) else value


def relation(node: Any) -> str:
    """The name of a RangeVar."""
    fields = node.written
    schema = fields.get("schemaname")
    return f"{schema}.{fields['relname']}" if schema else str(fields["relname"])


def dotted(names: Any) -> str:
    """A list of String nodes as one name; PostgreSQL's own schema goes without saying."""
    parts = [str(part.written.get("sval", "")) for part in names or () if part.node_type == "String"]
    return ".".join(parts[1:] if parts[:1] == ["pg_catalog"] and len(parts) > 1 else parts)


def column_type(node: Any) -> str:
    """A TypeName."""
    if node is None:
        return ""
    modifiers = [constant(one) for one in node.typmods or ()]
    return type_name(dotted(node.names), filter(None, modifiers), "[]" * len(node.arrayBounds or ()))


def constant(node: Any) -> str:
    """A whole number or a string; empty, if a node is neither."""
    return str(value) if (value := _value(node)) is not None else ""


def _value(node: Any) -> Any:
    if not isinstance(node, Node) or node.node_type != "A_Const":
        return None
    if (text := node.sval) is not None:
        return text.sval or ""
    return None if (number := node.ival) is None else number.ival or 0


def walk(node: Any, *wanted: str) -> Iterator[Node]:
    """The nodes of the wanted types below and with this one, read from the JSON as it is, without recursion."""
    waiting: list[Any] = [_written(node)]
    seen = 0
    while waiting and seen < NODES:
        found = waiting.pop()
        if type(found) is list:
            waiting += found
        elif type(found) is dict:
            seen += 1
            for name, inner in found.items():
                if type(inner) in _HOLDS_MORE:
                    waiting.append(inner)
                    if (node_type := _UNSAID.get(name, name)) in wanted:
                        yield Node(node_type, inner)
                elif name == "relname" and _RANGE in wanted:
                    yield Node(_RANGE, found)


_UNSAID: dict[str, str] = {"funccall": _CALL, _RANGE: ""}  # a RangeVar is known by its name, wherever it stands


def _written(node: Any) -> Any:
    """What a node, or a tuple of them, was read from."""
    if isinstance(node, Node):
        return {node.node_type: node.written}
    return [_written(one) for one in node] if isinstance(node, tuple) else None


def tables(node: Any) -> set[str]:
    """The names of all relations."""
    return {relation(one) for one in walk(node, _RANGE)}


def calls(node: Any) -> tuple[str, ...]:
    """The functions an expression calls, those of SQL's own syntax included; sorted."""
    if isinstance(node, Node) and node.node_type == "A_Const":  # most defaults
        return ()
    found = set()
    for one in walk(node, _CALL, "SQLValueFunction"):
        if one.node_type == _CALL:
            found.add(dotted(one.funcname))
        else:
            found.add(one.op.removeprefix("SVFOP_").lower().removesuffix("_n"))
    return tuple(sorted(found))


def not_null_columns(node: Any) -> tuple[str, ...]:
    """The columns that a CHECK proves to be not null: `x IS NOT NULL`, alone or joined by AND."""
    found: list[str] = []
    waiting = [node]
    while waiting and len(found) < NODES:
        one = waiting.pop()
        kind = one.node_type
        if kind == "NullTest" and one.nulltesttype == "IS_NOT_NULL":
            found.append(last_name(one.arg))
        elif kind == "BoolExpr" and one.boolop == "AND_EXPR":
            waiting.extend(one.args)
    return tuple(sorted(filter(None, found)))


def last_name(node: Any) -> str:
    """The column of a ColumnRef."""
    fields = getattr(node, "fields", None) or ()
    return str(fields[-1].sval) if fields and fields[-1].node_type == "String" else ""


def key_columns(names: Any) -> tuple[str, ...]:
    """The columns of a key or an index."""
    return tuple(str(getattr(one, "sval", None) or getattr(one, "name", None) or "") for one in names or ())
