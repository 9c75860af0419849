"""Which form an action is on MariaDB and MySQL, by what the unit has said before. The forms: fixtures/sql/forms."""

from __future__ import annotations

import re
from collections.abc import Callable

from pkgscan.readers.sql.action import Action
from pkgscan.readers.sql.form import Form
from pkgscan.readers.sql.state import UnitState

# Functions that give another value for every row.
_VOLATILE = frozenset({"uuid", "rand", "random", "uuid_short", "sysdate", "random_bytes", "sys_guid", "nextval"})
_TYPE = re.compile(r"([^(]*+)(?:\(([^)]*+)\))?+.*+", re.DOTALL)
_BYTES_OF_CHARSET = {"latin1": 1, "ascii": 1, "utf8": 3, "utf8mb3": 3, "utf8mb4": 4}
_ONE_BYTE_LENGTH = 255  # bytes of a varchar whose length takes one byte; beyond it takes two, and every row changes


def forms(actions: list[Action], state: UnitState) -> list[Form]:
    """The forms of one statement's actions, which MySQL carries out together."""
    verbs = [action.verb for action in actions]
    found = [_form(action, state) for action in actions]
    if {"drop-primary-key", "add-primary-key"} <= set(verbs):
        keys = {"drop-primary-key", "add-primary-key"}
        found = [
            Form("replace-primary-key") if action.verb in keys else form
            for action, form in zip(actions, found, strict=True)
        ]
    names = [form.name for form in found]
    if "create-index" in names and any(name.startswith("add-column") for name in names):
        both = ("create-index", "add-unique", "add-column", "add-column-default", "add-column-placed")
        found = [Form("add-column-and-index", form.others) if form.name in both else form for form in found]
    return found


def _form(action: Action, state: UnitState) -> Form:
    found = _FORMS.get(action.verb)
    return found(action, state) if found else Form(action.verb, action.others)


def _add_column(action: Action, state: UnitState) -> Form:
    if not _VOLATILE.isdisjoint(action.calls):
        return Form("add-column-volatile-default")
    for flag, form in (("stored", "stored"), ("virtual", "virtual"), ("auto-increment", "auto-increment")):
        if action.has(flag):
            return Form(f"add-column-{form}")
    if action.has("placed"):
        virtual = state.table(action.table).has_virtual
        return Form("add-column-placed-virtual-table" if virtual else "add-column-placed")
    if action.has("check"):
        return Form("add-column-check")
    if action.has("unique", "primary"):
        return Form("add-column-and-index")
    return Form("add-column-default" if action.default else "add-column", action.others)


def _modify(action: Action, state: UnitState) -> Form:
    table = state.table(action.table)
    old = table.columns.get(action.column, "")
    if not old:
        return Form("modify-column", is_sure=False)
    change = _change(old, action)
    if change:
        return Form(change, old_type=old)
    was_required = action.column in table.not_null
    if action.has("not-null") != was_required:
        return Form("set-not-null" if not was_required else "drop-not-null", old_type=old)
    if action.new_name and action.new_name != action.column:
        return Form("rename-column", old_type=old)
    return Form("modify-place" if action.has("placed") else "modify-same-type", old_type=old)


def _change(old: str, action: Action) -> str:
    """The form of a change of type, character set or collation; empty for none."""
    charset = next((flag.partition("=")[2] for flag in action.flags if flag.startswith("charset=")), "")
    old, _, old_charset = old.partition(" ")
    before, inside = _parts(old)
    after, wanted = _parts(action.type)
    if charset and old_charset and charset != old_charset:
        return "modify-type-copy"
    if before == after == "varchar" and inside != wanted:
        return _varchar(inside, wanted, charset or old_charset or "utf8mb4")
    if before == after == "enum" and inside != wanted:
        return "enum-append" if wanted.startswith(inside) else "enum-insert"
    if (before, inside) != (after, wanted):
        return "modify-type-copy"
    return "modify-collation" if any(flag.startswith("collate=") for flag in action.flags) else ""


def _varchar(old: str, new: str, charset: str) -> str:
    if not (old.isdigit() and new.isdigit()):
        return "modify-type-copy"
    width = _BYTES_OF_CHARSET.get(charset, 4)
    crosses = (int(old) * width <= _ONE_BYTE_LENGTH) != (int(new) * width <= _ONE_BYTE_LENGTH)
    return "modify-type-copy" if int(new) < int(old) or crosses else "modify-type-widen"


def _parts(name: str) -> tuple[str, str]:
    match = _TYPE.fullmatch(name)
    return (match[1].strip(), (match[2] or "").replace(" ", "")) if match else (name, "")


def _drop_column(action: Action, state: UnitState) -> Form:
    table = state.table(action.table)
    if any(action.column in one.columns for one in table.constraints.values() if one.kind == "add-primary-key"):
        return Form("drop-column-primary-key")
    indexed = any(name == action.table and action.column in columns for name, columns in state.indexes.values())
    return Form("drop-column-indexed" if indexed else "drop-column")


def _foreign_key(action: Action, state: UnitState) -> Form:
    unchecked = state.setting("foreign_key_checks") in {"0", "off", "false"}
    return Form("add-foreign-key-unchecked" if unchecked else "add-foreign-key", action.others)


def _drop_foreign_key(action: Action, state: UnitState) -> Form:
    known = state.table(action.table).constraints.get(action.name)
    return Form("drop-foreign-key", known.others if known else ())


def _drop_constraint(action: Action, state: UnitState) -> Form:
    known = state.table(action.table).constraints.get(action.name)
    is_key = known is not None and known.kind == "add-foreign-key"
    return (
        Form("drop-foreign-key", known.others)
        if known and is_key
        else Form("drop-constraint", is_sure=known is not None)
    )


def _create_index(action: Action, _state: UnitState) -> Form:
    if action.has("fulltext", "spatial"):
        return Form("add-fulltext-index")
    return Form("add-unique" if action.has("unique") else "create-index")


def _engine(action: Action, _state: UnitState) -> Form:
    return Form("rebuild-table" if action.type == "innodb" else "change-engine")


def _drop_index(_action: Action, _state: UnitState) -> Form:
    return Form("drop-index")


def _create_table(action: Action, _state: UnitState) -> Form:
    return Form("create-table-references" if action.has("references") else "create-table", action.others)


def _rows(action: Action, _state: UnitState) -> Form:
    return Form(action.verb if action.has("where") else f"{action.verb}-all", action.others)


_FORMS: dict[str, Callable[[Action, UnitState], Form]] = {
    "add-column": _add_column, "modify-column": _modify, "drop-column": _drop_column, "add-foreign-key": _foreign_key,
    "drop-foreign-key": _drop_foreign_key, "drop-constraint": _drop_constraint, "create-index": _create_index,
    "set-engine": _engine, "drop-index": _drop_index, "create-table": _create_table, "update": _rows, "delete": _rows,
}  # fmt: skip
