"""Statements of PostgreSQL that make, change and drop objects, as actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pkgscan.readers.sql.action import Action, flags
from pkgscan.readers.sql.pg_alter import add_column, add_constraint
from pkgscan.readers.sql.pg_tree import calls, column_type, dotted, key_columns, relation, tables


def _create_table(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation)
    temporary = statement.relation.relpersistence == "t"
    elements = statement.tableElts or ()
    columns = [add_column(table, one) for one in elements if one.node_type == "ColumnDef"]
    constraints = [add_constraint(table, one) for one in elements if one.node_type == "Constraint"]
    others = [other for one in (*columns, *constraints) for other in one.others]
    parents = [relation(one) for one in statement.inhRelations or ()]
    is_partition = statement.partbound is not None
    yield Action(
        verb="create-partition" if is_partition else "create-table",
        table=parents[0] if is_partition and parents else table,
        name=table,
        others=tuple(dict.fromkeys(others if is_partition else [*others, *parents])),
        flags=flags(temporary=temporary, partitioned=statement.partspec, references=others,
                    if_not_exists=statement.if_not_exists),
    )  # fmt: skip
    for one in (*columns, *constraints):
        yield Action(verb="define", table=table, column=one.column, columns=one.columns, type=one.type, name=one.name,
                     new_name=one.verb, others=one.others, flags=one.flags)  # fmt: skip


def _create_table_as(statement: Any) -> Iterator[Action]:
    kind = "create-materialized-view" if statement.objtype == "OBJECT_MATVIEW" else "create-table-as"
    into = statement.into.rel
    others = tuple(sorted(tables(statement.query)))
    yield Action(verb=kind, table=relation(into), others=others, flags=flags(temporary=into.relpersistence == "t"))


def _create_view(statement: Any) -> Iterator[Action]:
    verb = "replace-view" if statement.replace else "create-view"
    yield Action(verb=verb, table=relation(statement.view), others=tuple(sorted(tables(statement.query))))


def _create_index(statement: Any) -> Iterator[Action]:
    marks = flags(concurrently=statement.concurrent, unique=statement.unique, only=not statement.relation.inh,
                  if_not_exists=statement.if_not_exists)  # fmt: skip
    columns = key_columns(statement.indexParams)
    yield Action(verb="create-index", table=relation(statement.relation), name=statement.idxname or "",
                 columns=columns, flags=marks)  # fmt: skip


_DROPPED = {
    "TABLE": "drop-table", "INDEX": "drop-index", "VIEW": "drop-view", "MATVIEW": "drop-view",
    "TRIGGER": "drop-trigger",
    "POLICY": "drop-policy", "RULE": "drop-rule", "FUNCTION": "drop-function", "PROCEDURE": "drop-function",
    "ROUTINE": "drop-function", "SCHEMA": "drop-schema", "TYPE": "drop-type", "DOMAIN": "drop-type",
    "SEQUENCE": "drop-sequence", "FOREIGN_TABLE": "drop-table",
}  # fmt: skip


def _drop(statement: Any) -> Iterator[Action]:
    kind = statement.removeType.removeprefix("OBJECT_")
    verb = _DROPPED.get(kind, "drop-other")
    marks = flags(concurrently=statement.concurrent, cascade=statement.behavior == "DROP_CASCADE",
                  if_exists=statement.missing_ok)  # fmt: skip
    for one in statement.objects:
        names = getattr(one, "objname", None) or getattr(one, "names", None) or one
        name = dotted(names) if isinstance(names, tuple | list) else str(getattr(names, "sval", "") or "")
        on_table = kind in {"TRIGGER", "POLICY", "RULE"}
        table, _, inner = name.rpartition(".") if on_table else (name, "", name)
        has_table = on_table or verb in {"drop-table", "drop-view"}
        yield Action(verb=verb, table=table if has_table else "", name=inner, flags=marks)


_RENAMED = {
    "TABLE": "rename-table", "COLUMN": "rename-column", "TABCONSTRAINT": "rename-constraint", "VIEW": "rename-view",
    "MATVIEW": "rename-view", "INDEX": "rename-index", "TRIGGER": "alter-trigger", "POLICY": "rename-policy",
    "RULE": "rename-rule", "SCHEMA": "rename-schema", "ATTRIBUTE": "rename-attribute",
}  # fmt: skip


def _rename(statement: Any) -> Iterator[Action]:
    kind = statement.renameType.removeprefix("OBJECT_")
    verb = _RENAMED.get(kind, "rename-other")
    table = relation(statement.relation) if statement.relation is not None else ""
    column = statement.subname or "" if kind == "COLUMN" else ""
    index = kind == "INDEX"
    yield Action(verb=verb, table="" if index else table, column=column, new_name=statement.newname or "",
                 name=table if index else statement.subname or "")  # fmt: skip


def _create_trigger(statement: Any) -> Iterator[Action]:
    yield Action(verb="create-trigger", table=relation(statement.relation), name=statement.trigname,
                 calls=(dotted(statement.funcname),))  # fmt: skip


def _on_relation(verb: str) -> Callable[[Any], Iterator[Action]]:
    def read(statement: Any) -> Iterator[Action]:
        target = getattr(statement, "relation", None) or getattr(statement, "table", None)
        yield Action(verb=verb, table=relation(target) if target is not None else "")

    return read


def _alter_domain(statement: Any) -> Iterator[Action]:
    verbs = {"T": "alter-domain-default", "N": "alter-domain-drop-not-null", "O": "alter-domain-set-not-null",
             "C": "alter-domain-add-check", "X": "alter-domain-drop-constraint",
             "V": "alter-domain-validate"}  # fmt: skip
    marks = flags(not_valid=getattr(statement.def_, "skip_validation", False))
    yield Action(verb=verbs.get(statement.subtype, "other"), name=dotted(statement.typeName), flags=marks)


def _create_domain(statement: Any) -> Iterator[Action]:
    kinds = {one.contype for one in statement.constraints or ()}
    constrained = bool(kinds & {"CONSTR_CHECK", "CONSTR_NOTNULL"})
    yield Action(verb="create-domain", name=dotted(statement.domainname), type=column_type(statement.typeName),
                 flags=flags(check=constrained))  # fmt: skip


def _create_function(statement: Any) -> Iterator[Action]:
    options = {option.defname: option.arg for option in statement.options or ()}
    body = options.get("as")
    text = str(getattr(body[0], "sval", "")) if isinstance(body, tuple) and body else ""
    language = str(getattr(options.get("language"), "sval", "sql")).lower()
    volatility = str(getattr(options.get("volatility"), "sval", "volatile")).lower()
    yield Action(verb="create-function", name=dotted(statement.funcname), type=language, default=volatility, body=text,
                 calls=calls(statement.sql_body))  # fmt: skip


def _do(statement: Any) -> Iterator[Action]:
    options = {option.defname: option for option in statement.args or ()}
    body = options.get("as")
    language = str(getattr(getattr(options.get("language"), "arg", None), "sval", "plpgsql")).lower()
    if body is not None:
        yield Action(verb="do", body=str(body.arg.sval), type=language, start=body.location)


def _alter_enum(statement: Any) -> Iterator[Action]:
    verb = "rename-enum-value" if statement.oldVal else "add-enum-value"
    yield Action(verb=verb, name=dotted(statement.typeName))


def _set_schema(statement: Any) -> Iterator[Action]:
    table = relation(statement.relation) if statement.relation is not None else ""
    yield Action(verb="set-schema" if table else "other", table=table)


def _grant(statement: Any) -> Iterator[Action]:
    if statement.objtype != "OBJECT_TABLE":
        return
    for one in statement.objects or ():
        if one.node_type == "RangeVar":
            yield Action(verb="grant", table=relation(one))


def _comment(statement: Any) -> Iterator[Action]:
    names = statement.object
    name = dotted(names) if isinstance(names, tuple) else ""
    kind = statement.objtype.removeprefix("OBJECT_")
    table = name if kind == "TABLE" else name.rpartition(".")[0] if kind == "COLUMN" else ""
    yield Action(verb="comment", table=table)


def _alter_owner(statement: Any) -> Iterator[Action]:
    if statement.relation is not None:
        yield Action(verb="change-owner", table=relation(statement.relation))


def _statistics(statement: Any) -> Iterator[Action]:
    for one in statement.relations or ():
        if one.node_type == "RangeVar":
            yield Action(verb="create-statistics", table=relation(one))


READS: dict[str, Callable[[Any], Iterator[Action]]] = {
    "CreateStmt": _create_table, "CreateTableAsStmt": _create_table_as, "ViewStmt": _create_view,
    "IndexStmt": _create_index, "DropStmt": _drop, "RenameStmt": _rename, "CreateTrigStmt": _create_trigger,
    "RuleStmt": _on_relation("create-rule"), "CreatePolicyStmt": _on_relation("create-policy"),
    "AlterPolicyStmt": _on_relation("create-policy"), "AlterDomainStmt": _alter_domain,
    "CreateDomainStmt": _create_domain, "CreateFunctionStmt": _create_function, "DoStmt": _do,
    "AlterEnumStmt": _alter_enum, "AlterObjectSchemaStmt": _set_schema, "GrantStmt": _grant, "CommentStmt": _comment,
    "AlterOwnerStmt": _alter_owner, "CreateStatsStmt": _statistics,
}  # fmt: skip
