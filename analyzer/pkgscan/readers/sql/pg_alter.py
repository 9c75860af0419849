"""ALTER TABLE as PostgreSQL parses it: an action for each of its commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pkgscan.readers.sql.action import Action, flags
from pkgscan.readers.sql.pg_tree import calls, column_type, key_columns, last_name, not_null_columns, relation

_VERBS = {
    "DropColumn": "drop-column", "DropNotNull": "drop-not-null", "SetNotNull": "set-not-null",
    "SetExpression": "set-expression", "DropExpression": "drop-expression", "SetStatistics": "set-statistics",
    "SetOptions": "set-statistics", "ResetOptions": "set-statistics", "SetStorage": "set-storage",
    "SetCompression": "set-storage", "ValidateConstraint": "validate-constraint", "DropConstraint": "drop-constraint",
    "AlterConstraint": "alter-constraint", "ChangeOwner": "change-owner", "ClusterOn": "set-without-cluster",
    "DropCluster": "set-without-cluster", "SetLogged": "set-logged", "SetUnLogged": "set-unlogged",
    "SetAccessMethod": "set-access-method", "SetTableSpace": "set-tablespace", "SetRelOptions": "set-storage-parameter",
    "ResetRelOptions": "set-storage-parameter", "ReplaceRelOptions": "set-storage-parameter", "AddInherit": "inherit",
    "DropInherit": "no-inherit", "ReplicaIdentity": "replica-identity", "EnableRowSecurity": "row-security",
    "DisableRowSecurity": "row-security", "ForceRowSecurity": "row-security", "NoForceRowSecurity": "row-security",
    "AttachPartition": "attach-partition", "DetachPartition": "detach-partition", "AddIdentity": "alter-identity",
    "DetachPartitionFinalize": "detach-partition", "SetIdentity": "alter-identity", "DropIdentity": "alter-identity",
    "AddOf": "typed-table", "DropOf": "typed-table", "GenericOptions": "set-storage-parameter",
}  # fmt: skip
_CONSTRAINTS = {
    "CHECK": "add-check", "UNIQUE": "add-unique", "PRIMARY": "add-primary-key", "EXCLUSION": "add-exclude",
    "FOREIGN": "add-foreign-key", "NOTNULL": "add-not-null",
}  # fmt: skip
_COLUMN_FLAGS = {
    "UNIQUE": "unique",
    "PRIMARY": "primary",
    "CHECK": "check",
    "FOREIGN": "references",
    "NOTNULL": "not-null",
}


def alter_table(statement: Any) -> Iterator[Action]:
    """The actions of an AlterTableStmt, on a table or on what is altered like one."""
    table = relation(statement.relation)
    kind = statement.objtype.removeprefix("OBJECT_")
    only = not statement.relation.inh
    for command in statement.cmds:
        name = command.subtype.removeprefix("AT_")
        if kind == "INDEX":
            yield Action(verb="alter-index", name=table)
        elif kind in {"TABLE", "MATVIEW", "FOREIGN_TABLE"}:
            yield from _command(table, name, command, only=only)
        else:
            yield Action(verb=f"alter-{kind.lower().replace('_', '-')}", table=table)


def _command(table: str, name: str, command: Any, *, only: bool) -> Iterator[Action]:
    if name == "AddColumn":
        yield add_column(table, command.def_)
    elif name == "AlterColumnType":
        marks = flags(using=_changes_value(command))
        yield Action(verb="alter-type", table=table, column=command.name, type=column_type(command.def_.typeName),
                     flags=marks, start=command.def_.location)  # fmt: skip
    elif name == "AddConstraint":
        yield add_constraint(table, command.def_)
    elif name == "ColumnDefault":
        verb = "drop-default" if command.def_ is None else "set-default"
        yield Action(verb=verb, table=table, column=command.name)
    elif "Trig" in name or name.endswith("Rule"):
        yield Action(verb="switch-trigger" if "Trig" in name else "switch-rule", table=table, name=command.name or "")
    else:
        yield _plain(table, name, command, only=only)


def _changes_value(command: Any) -> bool:
    """Whether USING is more than the column cast to the new type, which goes without saying."""
    using = command.def_.raw_default
    if using is None:
        return False
    is_cast = using.node_type == "TypeCast" and column_type(using.typeName) == column_type(command.def_.typeName)
    return not (is_cast and last_name(using.arg) == command.name)


def _plain(table: str, name: str, command: Any, *, only: bool) -> Action:
    verb = _VERBS.get(name, "other-alter")
    named = command.name or ""
    action = Action(verb=verb, table=table, flags=flags(only=only, cascade=_cascades(command)))
    if verb in {"attach-partition", "detach-partition"}:
        definition = command.def_
        marks = flags(concurrently=definition.concurrent)
        return msgspec.structs.replace(action, others=(relation(definition.name),), flags=marks)
    if verb in {"inherit", "no-inherit"}:
        return msgspec.structs.replace(action, others=(relation(command.def_),))
    if "constraint" in verb:
        named = named or getattr(command.def_, "conname", "") or ""
        return msgspec.structs.replace(action, name=named)
    return msgspec.structs.replace(action, column=named)


def _cascades(node: Any) -> bool:
    return bool(node.behavior == "DROP_CASCADE")


def add_column(table: str, definition: Any) -> Action:
    """A ColumnDef that is added."""
    marks: set[str] = set()
    default = ""
    functions: tuple[str, ...] = ()
    others = []
    for constraint in definition.constraints or ():
        kind = constraint.contype.removeprefix("CONSTR_")
        if kind in _COLUMN_FLAGS:
            marks.add(_COLUMN_FLAGS[kind])
        if kind == "DEFAULT":
            default, functions = "default", calls(constraint.raw_expr)
        elif kind == "IDENTITY":
            marks.add("identity")
        elif kind == "GENERATED":
            marks.add("virtual" if constraint.generated_kind == "v" else "stored")
        elif kind == "FOREIGN":
            others.append(relation(constraint.pktable))
    return Action(
        verb="add-column", table=table, column=definition.colname, type=column_type(definition.typeName),
        default=default, calls=functions, others=tuple(others), flags=frozenset(marks), start=definition.location,
    )  # fmt: skip


def add_constraint(table: str, constraint: Any) -> Action:
    """A Constraint that is added to a table."""
    kind = constraint.contype.removeprefix("CONSTR_")
    others = (relation(constraint.pktable),) if constraint.pktable is not None else ()
    columns = key_columns(constraint.fk_attrs or constraint.keys)
    if kind == "CHECK":
        columns = not_null_columns(constraint.raw_expr)
    marks = flags(not_valid=constraint.skip_validation, using_index=constraint.indexname)
    return Action(
        verb=_CONSTRAINTS.get(kind, "other-alter"), table=table, others=others, columns=columns,
        name=constraint.conname or "", new_name=constraint.indexname or "", flags=marks, start=constraint.location,
    )  # fmt: skip
