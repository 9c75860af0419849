"""Who runs the package's migrations, and what keeps two of them apart."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.shell import Command
from pkgscan.facts.sql import AdvisoryLock, MigrationRun, SchemaChange, SqlCall, SqlUnit
from pkgscan.graph import Graph
from pkgscan.model import Related, Span
from pkgscan.reason.migration_tools import FREEING, LOCKING_COMMANDS, tool_of
from pkgscan.values import literal, shown

SHIPPED = ("alembic", "django", "goose", "dbmate", "sql-migrate", "sequelize", "typeorm")
_LOOPS = ("for", "while", "until")


def conclude(graph: Graph, _circumstances: Circumstances) -> Iterator[MigrationRun]:
    """A fact for each script that runs schema changes, each tool the package starts, each it ships migrations for."""
    started = list(_tools(graph))
    yield from started
    yield from _scripts(graph)
    yield from _shipped(graph, {run.runner for run in started})


def _tools(graph: Graph) -> Iterator[MigrationRun]:
    told: set[tuple[str, tuple[str, int]]] = set()
    commands = graph.facts(Command)
    freed = any(word in FREEING for command in commands for word in _words(command))
    for command in commands:
        found = tool_of(_words(command))
        if found is None or (found[0].name, _script_of(graph, command.span)) in told:
            continue
        tool, locks = found
        told.add((tool.name, _script_of(graph, command.span)))
        lock = _guard(graph, command.span) or (tool.lock if locks else "")
        yield MigrationRun(
            span=command.span, text=command.text, runner=tool.name, title=f"{tool.name} runs the migrations", lock=lock,
            is_freed=freed, related=_triggers(graph, command.span),
            confidence="high" if command.certainty == "must" else "medium",
        )  # fmt: skip


def _script_of(graph: Graph, span: Span) -> tuple[str, int]:
    """What runs as a whole: a script, or one line of a crontab."""
    entry = graph.entry(span.path)
    return span.path, span.first_line if entry is not None and entry.kind.startswith("crontab") else 0


def _words(command: Command) -> list[str]:
    return [literal(word) or shown(word) for word in command.words]


def _scripts(graph: Graph) -> Iterator[MigrationRun]:
    """Scripts that have database clients run schema changes: files of the package, or all of a folder in a loop."""
    changes: dict[Span, list[SchemaChange]] = {}
    for change in graph.facts(SchemaChange):
        if change.called_at is not None and _is_migration(change):
            changes.setdefault(change.called_at, []).append(change)
    told: set[tuple[str, int]] = set()
    for call in graph.facts(SqlCall):
        runs = changes.get(call.span, [])
        loops = bool(call.files) and any(frame.kind in _LOOPS for frame in call.context)
        script = _script_of(graph, call.span)
        if script in told or not (runs or (loops and _is_unknown(call))):
            continue
        told.add(script)
        yield _script(graph, call, runs)


def _is_migration(change: SchemaChange) -> bool:
    return not (change.action.is_new or change.action.is_undo or change.is_install)


def _is_unknown(call: SqlCall) -> bool:
    return any(literal(file) is None for file in call.files)


def _script(graph: Graph, call: SqlCall, runs: list[SchemaChange]) -> MigrationRun:
    units = {change.action.unit for change in runs}
    locked = any(
        lock.unit in units or _script_of(graph, lock.span) == _script_of(graph, call.span)
        for lock in graph.facts(AdvisoryLock)
    )
    lock = "advisory lock" if locked else _guard(graph, call.span)
    tables = sorted({change.action.table for change in runs if change.action.table})
    what = f" on {', '.join(tables[:3])}{' and others' if len(tables) > 3 else ''}" if tables else ""  # noqa: PLR2004
    files = " in a loop" if any(frame.kind in _LOOPS for frame in call.context) else ""
    first = (Related(runs[0].span, "the first schema change it runs"),) if runs else ()
    return MigrationRun(
        span=call.span, text=call.text, runner=call.client, title=f"{call.client} runs schema changes{what}{files}",
        lock=lock, related=(*first, *_triggers(graph, call.span)),
        confidence="high" if runs and call.certainty == "must" else "medium",
    )  # fmt: skip


def _guard(graph: Graph, span: Span) -> str:
    """A command of the same script that takes a lock; empty for none."""
    script = _script_of(graph, span)
    for command in graph.facts(Command):
        if command.span.path == span.path and _script_of(graph, command.span) == script:
            locking = LOCKING_COMMANDS.intersection(word.rpartition("/")[2] for word in _words(command)[:3])
            if locking:
                return min(locking)
    return ""


def _triggers(graph: Graph, span: Span) -> tuple[Related, ...]:
    return tuple(Related(trigger.span, f"started by {trigger.title}") for trigger in graph.triggers(span.path))


def _shipped(graph: Graph, started: set[str]) -> Iterator[MigrationRun]:
    told = set(started)
    for unit in graph.facts(SqlUnit):
        if unit.runner in SHIPPED and unit.runner not in told:
            told.add(unit.runner)
            yield MigrationRun(
                span=unit.span, runner=unit.runner, title=f"migrations for {unit.runner}, which locks nothing",
                is_started=False, confidence="medium",
            )  # fmt: skip


MIGRATION_RUNS = Conclusion(
    name="migration-runs", concludes=(MigrationRun,), conclude=conclude, after=("schema-changes", "uses")
)
