"""Migrations of Alembic and Django: Python whose calls change a schema. It is parsed, and never imported.

Each call of `upgrade` or of `operations` becomes the statement that it would send, at its own place, and all of them
one text for the reader of SQL. What a call builds at run time is said to be opaque.

Sources: the operations reference of Alembic; the migration operations of Django.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeAlias

from pkgscan.facts.sql import Runner, SqlUnit
from pkgscan.model import Gap
from pkgscan.readers.base import Embedded, Kind, Reader, Reading, Segment, Source

CALLS = 5000  # of one file; the longest real one has some hundred
LARGEST = 1 << 20  # characters; more is no migration, and Python's parser takes its time
_TYPES = {
    "Integer": "int", "BigInteger": "bigint", "SmallInteger": "smallint", "String": "varchar", "Unicode": "varchar",
    "Text": "text", "UnicodeText": "text", "Boolean": "boolean", "DateTime": "timestamp", "Date": "date",
    "Float": "float", "Numeric": "numeric", "JSON": "json", "JSONB": "jsonb", "UUID": "uuid", "LargeBinary": "bytea",
    "TIMESTAMP": "timestamp",
}  # fmt: skip
Arguments: TypeAlias = "tuple[list[ast.expr], dict[str, ast.expr]]"


class PythonMigrationReader(Reader):
    """Alembic's `versions`, Django's `migrations`."""

    kinds = (Kind(name="python-migration", paths=("versions/*.py", "migrations/*.py")),)
    facts = (SqlUnit,)

    def read(self, source: Source) -> Iterator[Reading]:
        """One text of SQL for the file, and who runs it."""
        runner: Runner = (
            "alembic" if "alembic" in source.text else "django" if "migrations.Migration" in source.text else ""
        )
        if not runner or len(source.text) > LARGEST:
            return
        try:
            tree = ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            yield _opaque(source, f"a migration that is no Python: {type(error).__name__}", None)
            return
        whole = source.span(0, max(0, len(source.text) - 1))
        yield SqlUnit(span=whole, engine="", unit=source.path, runner=runner, in_one_transaction=True)
        text = _Text(source)
        for call in _calls(tree, runner):
            statement = _statement(call, runner)
            if statement is None:
                yield _opaque(source, f"{_name(call)} is given what is worked out at run time", call)
            elif statement:
                text.add(statement, call)
        if text.lines:
            yield Embedded("sql", "\n".join(text.lines), tuple(text.segments))


def _opaque(source: Source, detail: str, call: ast.Call | None) -> Gap:
    at = _offset(source, call) if call is not None else 0
    return Gap(effect="partial", stage="read", reason="sql-not-understood", detail=detail, span=source.span(at, at))


class _Text:
    """Statements one under the other, each line at the place of its call."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.lines: list[str] = []
        self.segments: list[Segment] = []
        self._length = 0

    def add(self, statement: str, call: ast.Call) -> None:
        place = self._source.segment(_offset(self._source, call))
        for line in (statement.rstrip().rstrip(";") + ";").split("\n"):
            self.segments.append(Segment(self._length, place.line, place.column, is_made=True))
            self.lines.append(line)
            self._length += len(line) + 1


def _offset(source: Source, node: ast.expr) -> int:
    """Where a node begins, in characters; the parser counts bytes within a line."""
    lines = source.text.split("\n", node.lineno)[: node.lineno]
    before = sum(len(line) + 1 for line in lines[:-1])
    return before + len(lines[-1].encode()[: node.col_offset].decode("utf-8", "ignore"))


def _calls(tree: ast.Module, runner: Runner) -> Iterator[ast.Call]:
    """The calls that change the schema on the way up, in the order in which they are written."""
    upward = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == "upgrade"]
    roots: list[ast.AST] = list(upward) if runner == "alembic" else [tree]
    found = [node for root in roots for node in ast.walk(root) if isinstance(node, ast.Call)]
    wanted = _ALEMBIC if runner == "alembic" else _DJANGO
    known = [call for call in found if _name(call) in wanted]
    yield from sorted(known, key=lambda call: (call.lineno, call.col_offset))[:CALLS]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _statement(call: ast.Call, runner: Runner) -> str | None:
    """The SQL of a call; None where it cannot be told."""
    made = (_ALEMBIC if runner == "alembic" else _DJANGO)[_name(call)]
    return made((call.args, {one.arg: one.value for one in call.keywords if one.arg}))


def _text(node: ast.expr | None) -> str:
    """A string that is written out, also inside `text(..)`; empty for anything else."""
    if isinstance(node, ast.Call) and _name(node) in {"text", "dedent"} and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _argument(given: Arguments, number: int, *names: str) -> ast.expr | None:
    positional, named = given
    return (
        positional[number] if len(positional) > number else next((named[name] for name in names if name in named), None)
    )


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _named(name: str) -> str:
    return '"' + name.replace('"', "") + '"' if name and not name.isidentifier() else name


def _column(node: ast.expr | None) -> str | None:
    """`sa.Column('x', sa.Integer(), nullable=False)` as SQL."""
    if not isinstance(node, ast.Call) or not node.args or not _text(node.args[0]):
        return None
    named = {one.arg: one.value for one in node.keywords if one.arg}
    words = [_named(_text(node.args[0])), _type(node.args[1] if len(node.args) > 1 else named.get("type_"))]
    if isinstance(named.get("nullable"), ast.Constant) and not _is_true(named["nullable"]):
        words.append("NOT NULL")
    if "server_default" in named:
        default = _text(named["server_default"])
        words.append(f"DEFAULT {default if '(' in default else repr(default)}")
    keys = [one for one in node.args[1:] if isinstance(one, ast.Call) and _name(one) == "ForeignKey" and one.args]
    words += [f"REFERENCES {_text(one.args[0]).rpartition('.')[0]}" for one in keys if "." in _text(one.args[0])]
    words += ["UNIQUE"] if _is_true(named.get("unique")) else []
    return " ".join(words)


def _type(node: ast.expr | None) -> str:
    name = _name(node) if isinstance(node, ast.Call) else getattr(node, "attr", "")
    length = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if isinstance(node, ast.Call) and length is None:
        length = next((one.value for one in node.keywords if one.arg == "length"), None)
    number = f"({length.value})" if isinstance(length, ast.Constant) and isinstance(length.value, int) else ""
    return _TYPES.get(name, "unknown_type") + (number if name in {"String", "Unicode"} else "")


def _execute(given: Arguments) -> str | None:
    return _text(_argument(given, 0, "sqltext", "sql")) or None


def _add_column(given: Arguments) -> str | None:
    table, column = _text(_argument(given, 0, "table_name")), _column(_argument(given, 1, "column"))
    return f"ALTER TABLE {_named(table)} ADD COLUMN {column}" if table and column else None


def _drop_column(given: Arguments) -> str | None:
    table, column = _text(_argument(given, 0, "table_name")), _text(_argument(given, 1, "column_name"))
    return f"ALTER TABLE {_named(table)} DROP COLUMN {_named(column)}" if table and column else None


def _alter_column(given: Arguments) -> str | None:
    table, column = _text(_argument(given, 0, "table_name")), _text(_argument(given, 1, "column_name"))
    if not table or not column:
        return None
    start, named = f"ALTER TABLE {_named(table)} ALTER COLUMN {_named(column)}", given[1]
    made = [f"{start} TYPE {_type(named['type_'])}"] if "type_" in named else []
    if isinstance(named.get("nullable"), ast.Constant):
        made.append(f"{start} {'DROP' if _is_true(named['nullable']) else 'SET'} NOT NULL")
    return ";\n".join(made)


def _create_index(given: Arguments) -> str | None:
    name, table = _text(_argument(given, 0, "index_name")), _text(_argument(given, 1, "table_name"))
    columns = _argument(given, 2, "columns")
    names = (
        [_named(_text(one)) for one in columns.elts if _text(one)] if isinstance(columns, ast.List | ast.Tuple) else []
    )
    marks = "UNIQUE " if _is_true(given[1].get("unique")) else ""
    online = "CONCURRENTLY " if _is_true(given[1].get("postgresql_concurrently")) else ""
    return (
        f"CREATE {marks}INDEX {online}{_named(name)} ON {_named(table)} ({', '.join(names) or 'x'})" if table else None
    )


def _create_foreign_key(given: Arguments) -> str | None:
    name, table, other = (_text(_argument(given, number)) for number in range(3))
    known = table and other
    return (
        f"ALTER TABLE {_named(table)} ADD CONSTRAINT {_named(name) or 'x'} FOREIGN KEY (x) REFERENCES {_named(other)}"
        if known
        else None
    )


def _constraint(kind: str) -> Callable[[Arguments], str | None]:
    def make(given: Arguments) -> str | None:
        name, table = _text(_argument(given, 0, "constraint_name")), _text(_argument(given, 1, "table_name"))
        return f"ALTER TABLE {_named(table)} ADD CONSTRAINT {_named(name) or 'x'} {kind}" if table else None

    return make


def _drop_table(given: Arguments) -> str | None:
    table = _text(_argument(given, 0, "table_name"))
    return f"DROP TABLE {_named(table)}" if table else None


def _create_table(given: Arguments) -> str | None:
    table = _text(_argument(given, 0, "table_name"))
    columns = filter(
        None, (_column(one) for one in given[0][1:] if isinstance(one, ast.Call) and _name(one) == "Column")
    )
    return f"CREATE TABLE {_named(table)} ({', '.join(columns) or 'x int'})" if table else None


def _rename_table(given: Arguments) -> str | None:
    old, new = _text(_argument(given, 0, "old_table_name")), _text(_argument(given, 1, "new_table_name"))
    return f"ALTER TABLE {_named(old)} RENAME TO {_named(new)}" if old and new else None


def _run_sql(given: Arguments) -> str | None:
    node = _argument(given, 0, "sql")
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node] if node is not None else []
    texts = [_text(part) for part in parts]
    return ";\n".join(texts) if texts and all(texts) else None


_ALEMBIC: dict[str, Callable[[Arguments], str | None]] = {
    "execute": _execute, "add_column": _add_column, "drop_column": _drop_column, "alter_column": _alter_column,
    "create_index": _create_index, "create_foreign_key": _create_foreign_key, "drop_table": _drop_table,
    "create_unique_constraint": _constraint("UNIQUE (x)"), "create_check_constraint": _constraint("CHECK (true)"),
    "create_primary_key": _constraint("PRIMARY KEY (x)"), "create_table": _create_table, "rename_table": _rename_table,
}  # fmt: skip
_DJANGO: dict[str, Callable[[Arguments], str | None]] = {"RunSQL": _run_sql}
