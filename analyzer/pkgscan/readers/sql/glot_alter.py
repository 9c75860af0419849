"""ALTER TABLE as sqlglot parses it: an action for each of its clauses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pkgscan.readers.sql import glot_tree as tree
from pkgscan.readers.sql.action import Action, Refused, flags

# Options of MySQL's ALTER TABLE, by sqlglot's classes.
_OPTIONS = {
    "EngineProperty": "set-engine", "AutoIncrementProperty": "set-auto-increment",
    "SchemaCommentProperty": "set-comment",
    "CharacterSetProperty": "set-default-charset", "CollateProperty": "set-default-charset",
    "RowFormatProperty": "set-row-format", "ForceProperty": "rebuild-table",
}  # fmt: skip
_NAMED_OPTIONS = {
    "row_format": "set-row-format", "key_block_size": "set-row-format", "stats_persistent": "set-statistics",
    "stats_auto_recalc": "set-statistics", "stats_sample_pages": "set-statistics",
    "auto_increment": "set-auto-increment",
    "comment": "set-comment", "engine": "set-engine",
}  # fmt: skip
_DROPPED = {
    "COLUMN": "drop-column", "CONSTRAINT": "drop-constraint", "INDEX": "drop-index", "KEY": "drop-index",
    "FOREIGN KEY": "drop-foreign-key", "CHECK": "drop-constraint", "PARTITION": "drop-partition",
}  # fmt: skip


def alter(node: Any) -> Iterator[Action]:
    """The actions of an Alter; of what is no table, none that matters here."""
    kind = str(node.args.get("kind") or "TABLE").upper()
    name = tree.table(node.this)
    if kind != "TABLE":
        if kind == "INDEX":
            raise Refused(kind)
        yield Action(verb=f"alter-{kind.lower().replace(' ', '-')}", table=name)
        return
    options = list(_options(name, node))
    asked = {one.verb: one.type for one in options}
    found = [action for clause in node.args.get("actions") or () for action in _clause(name, clause)]
    marks = flags(not_valid=node.args.get("not_valid"))
    found = [
        msgspec.structs.replace(one, flags=one.flags | marks) if one.verb.startswith("add-") else one for one in found
    ]
    found += [one for one in options if one.verb not in {"algorithm", "lock"}]
    if not found:
        raise Refused("no clause")
    modes = {name: asked.get(name, "") for name in ("algorithm", "lock")}
    words = frozenset(f"{name}={value}" for name, value in modes.items() if value)
    yield from (msgspec.structs.replace(one, flags=one.flags | words) for one in found)


def _options(name: str, node: Any) -> Iterator[Action]:
    for option in node.args.get("options") or ():
        kind = type(option).__name__
        if kind in {"AlgorithmProperty", "LockProperty"}:
            yield Action(verb=kind.removesuffix("Property").lower(), type=option.name.lower())
        elif kind in _OPTIONS:
            yield Action(verb=_OPTIONS[kind], table=name, type=option.name.lower())
        else:
            verb = _NAMED_OPTIONS.get(option.name.lower(), "other-alter")
            yield Action(verb=verb, table=name)


def _clause(name: str, clause: Any) -> Iterator[Action]:
    kind = type(clause).__name__
    if kind == "ColumnDef":
        yield add_column(name, clause)
    elif kind == "ModifyColumn":
        old = tree.column(clause.args.get("rename_from"))
        added = add_column(name, clause.this)
        yield msgspec.structs.replace(added, verb="modify-column", column=old or added.column, new_name=added.column)
    elif kind == "AddConstraint":
        yield from (_constraint(name, one) for one in clause.expressions)
    elif kind == "Drop":
        yield from _drop(name, clause)
    elif kind == "AlterColumn":
        yield _alter_column(name, clause)
    elif kind in _CLAUSES:
        yield _renamed(name, _CLAUSES[kind], clause)
    elif kind == "Schema":  # ADD (a int, b int)
        yield from (add_column(name, one) for one in clause.expressions if type(one).__name__ == "ColumnDef")
    else:
        raise Refused(kind)


_CLAUSES = {
    "RenameColumn": "rename-column", "AlterRename": "rename-table", "RenameIndex": "rename-index",
    "DropPrimaryKey": "drop-primary-key", "ForceProperty": "rebuild-table",
}  # fmt: skip


def _renamed(name: str, verb: str, clause: Any) -> Action:
    to = clause.args.get("to")
    old = tree.column(clause.this) if to is not None else ""
    new = tree.column(to) if to is not None else tree.table(clause.this).rpartition(".")[2] if clause.this else ""
    is_column = verb == "rename-column"
    return Action(verb=verb, table=name, column=old if is_column else "", name=old, new_name=new)


def _drop(name: str, clause: Any) -> Iterator[Action]:
    kind = str(clause.args.get("kind") or "COLUMN").upper()
    verb = _DROPPED.get(kind, "other-alter")
    marks = flags(cascade=clause.args.get("cascade"))
    for one in clause.args.get("tables") or ():
        target = tree.column(one)
        is_column = verb == "drop-column"
        yield Action(verb=verb, table=name, column=target if is_column else "", name="" if is_column else target,
                     flags=marks)  # fmt: skip


def _alter_column(name: str, clause: Any) -> Action:
    column = tree.column(clause.this)
    new_type = clause.args.get("dtype")
    if new_type is not None:
        using = clause.args.get("using")
        same = type(using).__name__ == "Cast" and type(using.this).__name__ == "Column" and tree.column(using) == column
        return Action(verb="alter-type", table=name, column=column, type=tree.data_type(new_type),
                      flags=flags(using=using and not same))  # fmt: skip
    if clause.args.get("allow_null") is not None:
        is_drop = clause.args.get("drop") or clause.args.get("allow_null")
        return Action(verb="drop-not-null" if is_drop else "set-not-null", table=name, column=column)
    return Action(verb="drop-default" if clause.args.get("drop") else "set-default", table=name, column=column)


def add_column(name: str, definition: Any) -> Action:
    """A ColumnDef that is added."""
    marks, default = set(), ""
    functions: tuple[str, ...] = ()
    others = []
    words: list[str] = []
    for kind, node in tree.constraints(definition):
        marks.add(tree.attribute(kind, node))
        if kind == "DefaultColumnConstraint":
            default, functions = "default", tree.calls(node.this)
        elif kind == "Reference":
            others.append(tree.referenced(node))
        elif kind == "CharacterSetColumnConstraint":
            words.append(f"charset={node.this.name.lower()}")
        elif kind == "CollateColumnConstraint":
            words.append(f"collate={node.this.name.lower()}")
    if definition.args.get("position") is not None:
        marks.add("placed")
    return Action(
        verb="add-column", table=name, column=tree.column(definition.this),
        type=tree.data_type(definition.args.get("kind")),
        default=default, calls=functions, others=tuple(filter(None, others)),
        flags=frozenset(marks - {""}) | set(words),
    )  # fmt: skip


_CONSTRAINTS = {
    "CheckColumnConstraint": "add-check", "UniqueColumnConstraint": "add-unique", "PrimaryKey": "add-primary-key",
    "ForeignKey": "add-foreign-key", "ExcludeColumnConstraint": "add-exclude", "IndexColumnConstraint": "create-index",
}  # fmt: skip


def _constraint(name: str, node: Any) -> Action:
    named = ""
    if type(node).__name__ == "Constraint":
        named, parts = tree.column(node.this), node.expressions
        node = parts[0] if parts else node
        if len(parts) > 1:
            raise Refused("a constraint of several parts")
    return constraint(name, named, node)


def constraint(name: str, named: str, node: Any) -> Action:
    """A constraint or index that is added to a table."""
    kind = type(node).__name__
    if kind not in _CONSTRAINTS:
        raise Refused(kind)
    verb = _CONSTRAINTS[kind]
    others = (tree.referenced(node.args.get("reference")),) if verb == "add-foreign-key" else ()
    columns = _columns(node, kind)
    inner = getattr(node.this, "this", None) if kind == "UniqueColumnConstraint" else node.args.get("this")
    named = named or (tree.column(inner) if verb in {"add-unique", "create-index"} and inner is not None else "")
    special = str(node.args.get("kind") or "").lower()
    return Action(verb=verb, table=name, name=named, others=tuple(filter(None, others)), columns=columns,
                  flags=frozenset({special} - {""}))  # fmt: skip


def _columns(node: Any, kind: str) -> tuple[str, ...]:
    if kind == "CheckColumnConstraint":
        return tree.not_null_columns(node.this)
    holder = node.this if kind == "UniqueColumnConstraint" and node.this is not None else node
    return tree.columns(holder.expressions)
