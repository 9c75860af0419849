"""What a unit has done so far, as far as it decides what the next statement locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from pkgscan.facts.sql import Session
from pkgscan.readers.sql.action import Action

OBJECTS = 20_000  # tables, indexes and functions remembered of one unit; the largest schemas have some thousands


class Constraint(msgspec.Struct):
    """A constraint of a table: `kind` is the verb that adds it."""

    kind: str
    columns: tuple[str, ...]
    others: tuple[str, ...]
    valid: bool


class Table(msgspec.Struct):
    """A table that the unit has spoken of. `is_new`: it made it; `columns` are types by name."""

    is_new: bool = False
    is_temporary: bool = False
    is_partitioned: bool = False
    has_virtual: bool = False
    columns: dict[str, str] = {}
    not_null: set[str] = set()
    constraints: dict[str, Constraint] = {}
    partitions: list[str] = []


class Function(msgspec.Struct, frozen=True):
    """A function that the unit makes."""

    language: str
    volatility: str
    body: str


class UnitState:
    """Tables, indexes, types and functions known, the session's settings, and the open transaction."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.indexes: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.domains: dict[str, tuple[str, bool]] = {}
        self.functions: dict[str, Function] = {}
        self.triggers: dict[str, list[str]] = {}
        self.views: dict[str, tuple[str, ...]] = {}
        self.settings: dict[str, str] = {}
        self._local: dict[str, str] = {}
        self.transactions = 0
        self.in_transaction = False

    def forget_new(self) -> None:
        """From here on, what was made before is there for long, as after another unit."""
        for table in self.tables.values():
            table.is_new = False

    def table(self, name: str) -> Table:
        """What is known of a table; nothing, of one not seen before."""
        found = self.tables.get(name)
        if found is None:
            found = Table()
            if len(self.tables) < OBJECTS:
                self.tables[name] = found
        return found

    def is_new(self, name: str) -> bool:
        """Whether the unit made a table of this name, or it is a temporary one."""
        found = self.tables.get(name)
        return found is not None and (found.is_new or found.is_temporary)

    def setting(self, name: str) -> str:
        """What a setting of the session is set to; empty if it is not."""
        return self._local.get(name, self.settings.get(name, ""))

    def session(self) -> Session:
        """The settings that matter for locks."""
        kept = {**self.settings, **self._local}
        others = ((name, kept[name]) for name in sorted(kept) if name in _OTHER_SETTINGS)
        lock = self.setting("lock_timeout") or self.setting("lock_wait_timeout")
        unit = 1000 if not self.setting("lock_timeout") else 1
        return Session(milliseconds(lock, unit), milliseconds(self.setting("statement_timeout")), tuple(others))

    def foreign_keys(self, table: str) -> Iterator[tuple[str, Constraint, str]]:
        """Foreign keys a table has or is referenced by: (table that has it, the key, the partner)."""
        for name, one in self.tables.items():
            for constraint in one.constraints.values():
                if constraint.kind == "add-foreign-key" and (name == table or table in constraint.others):
                    yield name, constraint, constraint.others[0] if name == table and constraint.others else name

    def apply(self, action: Action) -> None:
        """Take in what an action does."""
        if change := _CHANGES.get(action.verb):
            change(self, action)

    def end_transaction(self) -> None:
        """COMMIT or ROLLBACK."""
        self.in_transaction = False
        self._local = {}

    def begin(self) -> None:
        """BEGIN."""
        if not self.in_transaction:
            self.in_transaction = True
            self.transactions += 1

    def put_setting(self, name: str, value: str, *, local: bool) -> None:
        """SET, or SET LOCAL."""
        (self._local if local else self.settings)[name] = value


_OTHER_SETTINGS = frozenset({"foreign_key_checks", "timezone", "alter_algorithm", "old_alter_table", "sql_log_bin"})
_MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "us": 0}


def milliseconds(text: str, unit: int = 1) -> int:
    """A timeout as a server takes it: `5s`, `500`, `1min`; -1 for none, 0 for one without end."""
    text = text.strip().strip("'\"").lower()
    if text in {"", "default"}:
        return -1
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    try:
        number = float(digits)
    except ValueError:
        return -1
    return int(number * _MILLISECONDS.get(text[len(digits) :].strip(), unit))


def _create_table(state: UnitState, action: Action) -> None:
    name = action.name or action.table
    if len(state.tables) >= OBJECTS:
        return
    state.tables[name] = Table(
        is_new=True, is_temporary=action.has("temporary"), is_partitioned=action.has("partitioned")
    )
    if action.verb == "create-partition":
        state.table(action.table).partitions.append(name)


def _define(state: UnitState, action: Action) -> None:
    """A column or constraint of a table that is made."""
    _add_column(state, action) if action.column else _add_constraint(state, action, action.new_name)


def _add_column(state: UnitState, action: Action) -> None:
    table = state.table(action.table)
    charset = next((flag.removeprefix("charset=") for flag in action.flags if flag.startswith("charset=")), "")
    table.columns[action.column] = f"{action.type} {charset}".rstrip()
    if action.has("not-null", "primary") or action.type.endswith("serial"):
        table.not_null.add(action.column)
    if action.has("virtual"):
        table.has_virtual = True
    if action.others:
        name = f"{action.table.rpartition('.')[2]}_{action.column}_fkey"
        table.constraints[name] = Constraint("add-foreign-key", (action.column,), action.others, valid=True)
    if action.has("unique", "primary"):
        name = f"{action.table.rpartition('.')[2]}_{action.column}_key"
        state.indexes[name] = (action.table, (action.column,))
        table.constraints[name] = Constraint("add-unique", (action.column,), (), valid=True)


def _add_constraint(state: UnitState, action: Action, kind: str = "") -> None:
    kind = kind or action.verb
    table = state.table(action.table)
    name = action.name or f"{action.table.rpartition('.')[2]}_{'_'.join(action.columns)}_{_ENDINGS.get(kind, 'check')}"
    table.constraints[name] = Constraint(kind, action.columns, action.others, valid=not action.has("not-valid"))
    if kind == "add-primary-key":
        table.not_null.update(action.columns)
    if kind in {"add-primary-key", "add-unique", "create-index"} and len(state.indexes) < OBJECTS:
        state.indexes[name] = (action.table, action.columns)


_ENDINGS = {"add-foreign-key": "fkey", "add-unique": "key", "add-primary-key": "pkey", "add-exclude": "excl"}


def _create_index(state: UnitState, action: Action) -> None:
    if len(state.indexes) < OBJECTS and action.name:
        state.indexes[action.name] = (action.table, action.columns)


def _drop_index(state: UnitState, action: Action) -> None:
    state.indexes.pop(action.name, None)


def _drop_column(state: UnitState, action: Action) -> None:
    table = state.table(action.table)
    table.columns.pop(action.column, None)
    for name in [name for name, one in table.constraints.items() if action.column in one.columns]:
        del table.constraints[name]


def _alter_type(state: UnitState, action: Action) -> None:
    state.table(action.table).columns[action.column] = action.type


def _not_null(state: UnitState, action: Action) -> None:
    not_null = state.table(action.table).not_null
    not_null.add(action.column) if action.verb == "set-not-null" else not_null.discard(action.column)


def _drop_constraint(state: UnitState, action: Action) -> None:
    state.table(action.table).constraints.pop(action.name, None)


def _validate(state: UnitState, action: Action) -> None:
    if found := state.table(action.table).constraints.get(action.name):
        found.valid = True


def _drop_table(state: UnitState, action: Action) -> None:
    state.tables.pop(action.table, None)


def _rename_table(state: UnitState, action: Action) -> None:
    schema, dot, _ = action.table.rpartition(".")
    found = state.tables.pop(action.table, None)
    if found is not None:
        state.tables[schema + dot + action.new_name] = found


def _rename_column(state: UnitState, action: Action) -> None:
    columns = state.table(action.table).columns
    if action.column in columns:
        columns[action.new_name] = columns.pop(action.column)


def _create_domain(state: UnitState, action: Action) -> None:
    state.domains[action.name] = (action.type, action.has("check"))


def _create_function(state: UnitState, action: Action) -> None:
    if len(state.functions) < OBJECTS:
        state.functions[action.name] = Function(action.type, action.default, action.body)


def _create_trigger(state: UnitState, action: Action) -> None:
    for name in action.calls:
        state.triggers.setdefault(name, []).append(action.table)


def _create_view(state: UnitState, action: Action) -> None:
    if len(state.views) < OBJECTS:
        state.views[action.table] = action.others


def _set(state: UnitState, action: Action) -> None:
    state.put_setting(action.name, action.default.strip("'\"").lower(), local=action.has("local"))


def _call(state: UnitState, action: Action) -> None:
    name, equals, value = action.default.partition("=")
    if equals:  # set_config(..)
        state.put_setting(name.lower(), value.lower(), local=False)


def _attach(state: UnitState, action: Action) -> None:
    state.table(action.table).partitions.extend(action.others)


_CHANGES: dict[str, Callable[[UnitState, Action], None]] = {
    "create-table": _create_table, "create-table-as": _create_table, "create-partition": _create_table,
    "define": _define, "add-column": _add_column, "add-check": _add_constraint, "add-unique": _add_constraint,
    "add-primary-key": _add_constraint, "add-exclude": _add_constraint, "add-foreign-key": _add_constraint,
    "add-not-null": _add_constraint, "create-index": _create_index, "drop-index": _drop_index,
    "drop-column": _drop_column, "alter-type": _alter_type, "set-not-null": _not_null, "drop-not-null": _not_null,
    "drop-constraint": _drop_constraint, "validate-constraint": _validate, "drop-table": _drop_table,
    "rename-table": _rename_table, "rename-column": _rename_column, "create-domain": _create_domain,
    "create-function": _create_function, "create-trigger": _create_trigger, "create-view": _create_view,
    "create-materialized-view": _create_view, "set": _set, "call": _call, "attach-partition": _attach,
    "begin": lambda state, _: state.begin(), "commit": lambda state, _: state.end_transaction(),
    "rollback": lambda state, _: state.end_transaction(),
}  # fmt: skip
