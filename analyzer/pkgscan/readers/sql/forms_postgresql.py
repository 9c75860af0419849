"""Which form an action is on PostgreSQL, by what the unit has said before. The forms: fixtures/sql/forms."""

from __future__ import annotations

from collections.abc import Callable

from pkgscan.readers.sql.action import Action
from pkgscan.readers.sql.form import Form
from pkgscan.readers.sql.pg_functions import is_volatile
from pkgscan.readers.sql.pg_types import type_change
from pkgscan.readers.sql.state import UnitState


def forms(action: Action, state: UnitState) -> list[Form]:
    """The forms of an action: nearly always one; several where it reaches several tables by their domain or trigger."""
    found = _FORMS.get(action.verb)
    result = found(action, state) if found else Form(action.verb)
    return result if isinstance(result, list) else [result]


def _add_column(action: Action, state: UnitState) -> Form:
    if action.others:
        return _add_column_references(action)
    calls_volatile = _calls_volatile(action, state)
    base, constrained = state.domains.get(action.type, ("", False))
    endings = (  # the first that holds
        (action.type.endswith("serial"), "-serial"),
        (action.has("identity"), "-identity"),
        (action.has("stored"), "-generated-stored"),
        (action.has("virtual"), "-generated-virtual"),
        (calls_volatile is not False, "-volatile-default"),
        (constrained, "-constrained-domain"),
        (action.has("unique", "primary"), "-unique"),
        (action.has("check"), "-check"),
        (action.default, "-default"),
        (action.has("not-null"), "-not-null"),
    )
    ending = next((ending for holds, ending in endings if holds), "")
    return Form(
        f"add-column{ending}", old_type=base, is_sure=calls_volatile is not None or ending != "-volatile-default"
    )


def _add_column_references(action: Action) -> Form:
    if action.has("unique", "primary"):
        return Form("add-column-unique-references", action.others)
    return Form("add-column-references-default" if action.default else "add-column-references", action.others)


def _calls_volatile(action: Action, state: UnitState) -> bool | None:
    """Whether the default is worked out anew for every row; None where it calls what nobody knows."""
    sure: bool | None = False
    for name in action.calls:
        made = state.functions.get(name)
        volatile = is_volatile(name)
        if made is not None:  # the server puts the body of a simple SQL function in its place
            volatile = made.volatility == "volatile" and (made.language != "sql" or None)
            if made.language == "sql" and not any(word in made.body for word in ("(", ";")):
                volatile = False
        if volatile:
            return True
        sure = None if volatile is None else sure
    return sure


def _alter_type(action: Action, state: UnitState) -> Form:
    old = state.table(action.table).columns.get(action.column, "")
    partners = tuple(
        dict.fromkeys(
            partner
            for owner, key, partner in state.foreign_keys(action.table)
            if (owner == action.table and action.column in key.columns) or owner != action.table
        )
    )
    change = type_change(old, action, state)
    if change in {"rewrite", "compatible"} and partners:
        return Form(f"alter-type-{change}-foreign-key", partners, old_type=old)
    return Form(f"alter-type-{change}" if change else "alter-type", old_type=old, is_sure=bool(change))


def _set_not_null(action: Action, state: UnitState) -> Form:
    table = state.table(action.table)
    if action.column in table.not_null:
        return Form("set-not-null-already")
    checks = (one for one in table.constraints.values() if one.kind in {"add-check", "add-not-null"} and one.valid)
    return Form("set-not-null-proven" if any(action.column in one.columns for one in checks) else "set-not-null")


def _constraint(action: Action, _state: UnitState) -> Form:
    suffix = "-not-valid" if action.has("not-valid") else "-using-index" if action.has("using-index") else ""
    return Form(action.verb + suffix, action.others)


def _named_constraint(action: Action, state: UnitState) -> Form:
    """DROP, VALIDATE and ALTER CONSTRAINT: what they do hangs on what it is; without it, its name may tell."""
    known = state.table(action.table).constraints.get(action.name)
    looks_foreign = action.name.endswith(("_fkey", "_fk")) or action.name.startswith(("fk_", "fk"))
    is_foreign = known.kind == "add-foreign-key" if known else looks_foreign
    others = known.others if known else ()
    sure = known is not None
    if action.verb == "alter-constraint":
        return Form("alter-constraint", others)
    verb = action.verb.partition("-")[0]
    if is_foreign:
        return Form(f"{verb}-foreign-key", others, is_sure=sure)
    return Form("drop-constraint" if verb == "drop" else "validate-check", others, is_sure=sure)


def _drop_table(action: Action, state: UnitState) -> Form:
    partners = tuple(dict.fromkeys(partner for _, _, partner in state.foreign_keys(action.table)))
    return Form("drop-table-foreign-key", partners) if partners else Form("drop-table")


def _drop_column(action: Action, state: UnitState) -> Form:
    keys = state.foreign_keys(action.table)
    others = [other for owner, key, other in keys if owner == action.table and action.column in key.columns]
    return Form("drop-column-foreign-key", tuple(dict.fromkeys(others))) if others else Form("drop-column")


def _create_index(action: Action, state: UnitState) -> Form:
    if action.has("concurrently"):
        return Form("create-index-concurrently")
    if action.has("only"):
        return Form("create-index-only")
    return Form("create-index", tuple(state.table(action.table).partitions))


def _of_index(action: Action, state: UnitState) -> Form:
    table = action.table or state.indexes.get(action.name, ("", ()))[0]
    suffix = "-concurrently" if action.has("concurrently") else ""
    return Form(action.verb + suffix, table=table)


def _concurrent(action: Action, state: UnitState) -> Form:
    others = action.others or state.views.get(action.table, ())
    return Form(action.verb + ("-concurrently" if action.has("concurrently") else ""), others)


def _attach(action: Action, state: UnitState) -> Form:
    child = state.table(action.others[0])
    if state.is_new(action.others[0]):  # there is hardly a row in it to be checked
        return Form("attach-partition-proven", action.others)
    proven = any(one.kind == "add-check" and one.valid for one in child.constraints.values())
    return Form("attach-partition-proven" if proven else "attach-partition", action.others, is_sure=not proven)


def _create_table(action: Action, _state: UnitState) -> Form:
    return Form("create-table-references" if action.has("references") else "create-table", action.others)


def _rows(action: Action, _state: UnitState) -> Form:
    return Form(action.verb if action.has("where") else f"{action.verb}-all", action.others)


def _drop_function(action: Action, state: UnitState) -> list[Form]:
    if not action.has("cascade"):
        return [Form("drop-function")]
    tables = state.triggers.get(action.name, [])
    return [Form("drop-function-cascade", table=table) for table in tables] or [Form("drop-function-cascade")]


def _alter_domain(action: Action, state: UnitState) -> list[Form]:
    verb = "alter-domain-not-valid" if action.has("not-valid") else action.verb
    using = [name for name, table in state.tables.items() if action.name in table.columns.values()]
    return [Form(verb, table=table) for table in using] or [Form(verb)]


def _with_others(action: Action, _state: UnitState) -> Form:
    return Form(action.verb, action.others)


_FORMS: dict[str, Callable[[Action, UnitState], Form | list[Form]]] = {
    "add-column": _add_column, "alter-type": _alter_type, "set-not-null": _set_not_null, "add-check": _constraint,
    "add-unique": _constraint, "add-primary-key": _constraint, "add-exclude": _constraint,
    "add-foreign-key": _constraint, "add-not-null": _constraint, "drop-constraint": _named_constraint,
    "validate-constraint": _named_constraint, "alter-constraint": _named_constraint, "drop-table": _drop_table,
    "drop-column": _drop_column, "create-index": _create_index, "drop-index": _of_index, "reindex": _of_index,
    "rename-index": _of_index, "alter-index": _of_index, "refresh-materialized-view": _concurrent,
    "detach-partition": _concurrent, "attach-partition": _attach, "create-table": _create_table, "update": _rows,
    "delete": _rows, "drop-function": _drop_function, "alter-domain-add-check": _alter_domain,
    "alter-domain-set-not-null": _alter_domain, "create-partition": _with_others, "create-table-as": _with_others,
    "create-view": _with_others, "replace-view": _with_others, "inherit": _with_others, "no-inherit": _with_others,
    "insert-select": _with_others, "select-for-update": _with_others,
}  # fmt: skip
