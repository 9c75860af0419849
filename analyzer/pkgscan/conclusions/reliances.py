"""What jobs, files and SQL rely on: users, units, commands and tables that the package does not bring, disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.assumption import Reliance
from pkgscan.facts.schedule import ScheduledJob
from pkgscan.facts.sql import DdlAction, SqlCall
from pkgscan.facts.systemd import UnitService, UnitTimer, template
from pkgscan.facts.uses import AccountUse
from pkgscan.graph import Graph
from pkgscan.model import Entry, Fact, Span
from pkgscan.reason.reliance import relies
from pkgscan.reason.sizes import byte_size
from pkgscan.values import literal

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.answer import Answer
    from pkgscan.profile.model import Mount
    from pkgscan.profile.target import Target

F = TypeVar("F", bound=Fact)
WORTH_TELLING = 1 << 20  # bytes of a file system of which nothing is known; less is free everywhere
MAKES_TABLES = ("create-table", "rename-table", "create-view", "create-materialized-view")
GIVEN = frozenset(("root", "dynamic", ""))  # users that every host has, that systemd makes up, or that are not named


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Reliance]:
    """One fact a place that relies on something."""
    target = circumstances.target
    jobs = [job for job in graph.facts(ScheduledJob) if not job.container and not job.ignored]
    yield from _users(jobs, graph, target)
    yield from _commands(jobs, graph, target)
    yield from _units(graph, target)
    yield from _disk(graph, target)
    yield from _databases(graph, target)


def _users(jobs: list[ScheduledJob], graph: Graph, target: Target) -> Iterator[Reliance]:
    """Those that jobs and services run as, and nothing in the package makes."""
    named = [(job.user, job.span) for job in jobs]
    named += [(service.user, service.span) for service in _on_host(graph.facts(UnitService), graph)]
    made = {use.name for use in graph.facts(AccountUse) if use.creates}
    if any("sysusers.d/" in entry.path for entry in graph.entries()):
        return  # makes accounts that no reader reads yet
    for user, span in named:
        if user not in GIVEN and user not in made and "%" not in user:
            yield relies("user", user, span, target.user(user))


def _commands(jobs: list[ScheduledJob], graph: Graph, target: Target) -> Iterator[Reliance]:
    for job in jobs:
        for path in job.runs:
            if path.startswith("/") and not graph.in_own_tree(path) and not graph.candidates(path, job.span.path):
                yield relies("command", path, job.span, target.command(path))


def _units(graph: Graph, target: Target) -> Iterator[Reliance]:
    timers = _on_host(graph.facts(UnitTimer), graph)
    shipped = {entry.path.rpartition("/")[2] for entry in graph.entries()} if timers else set()
    for timer in timers:
        if shipped.isdisjoint({timer.starts, template(timer.starts)}):
            yield relies("unit", timer.starts, timer.span, target.unit(timer.starts))


def _on_host(facts: Iterable[F], graph: Graph) -> list[F]:
    return [fact for fact in facts if not graph.images_of(fact.span.path)]


def _disk(graph: Graph, target: Target) -> Iterator[Reliance]:
    """What the installed files take, by the file system that holds them, or their top folder where none is known."""
    sizes: dict[str, int] = {}
    places: dict[str, Span] = {}
    for size, entry in _by_folder(graph).values():
        paths = graph.install_paths(entry.path)
        if paths and not graph.images_of(entry.path):
            path = paths[0].path
            mount = target.mount(path)
            where = mount.path.value if mount else "/" + path.rpartition("/")[0].strip("/").partition("/")[0]
            sizes[where] = sizes.get(where, 0) + size
            places.setdefault(where, entry.span)
    for where, size in sorted(sizes.items()):
        mount = target.mount(where)
        if mount is not None or size >= WORTH_TELLING:
            yield relies("disk", f"{byte_size(size)} below {where}", places[where], _room(mount, size))


def _by_folder(graph: Graph) -> dict[str, tuple[int, Entry]]:
    """How much each folder of the package holds, and one of its files: where it lies, the others lie as a rule."""
    found: dict[str, tuple[int, Entry]] = {}
    for entry in graph.entries():
        if entry.size and entry.type == "file" and graph.removal(entry.path) is None:
            folder = entry.path.rpartition("/")[0]
            size, first = found.get(folder, (0, entry))
            found[folder] = size + entry.size, first
    return found


def _databases(graph: Graph, target: Target) -> Iterator[Reliance]:
    """Databases that clients are told to use, and tables that statements change and nothing in the package makes."""
    for call in graph.facts(SqlCall):
        name = literal(call.database) if call.database is not None else None
        if name and not graph.images_of(call.span.path):
            yield relies("database", name, call.span, target.database(name))
    actions = [one for one in _on_host(graph.facts(DdlAction), graph) if one.table and not one.is_undo]
    made = {one.table.casefold() for one in actions if one.form.startswith(MAKES_TABLES)}
    for one in actions:
        if not one.is_new and one.table.casefold() not in made and _is_of_a_table(one):
            yield relies("table", one.table, one.span, target.table(one.table))


def _is_of_a_table(action: DdlAction) -> bool:
    """Whether a statement fails where there is no such table; a listing of tables holds no views."""
    return "view" not in action.form and "if exists" not in action.text.casefold()


def _room(mount: Mount | None, size: int) -> Answer[int]:
    from pkgscan.profile.answer import Answer  # noqa: PLC0415  # most scans have no profile

    if mount is None or mount.free is None:
        return Answer(None, "")
    phrase = f"{byte_size(mount.free.value)} are free on {mount.path.value}"
    return Answer(size <= mount.free.value, phrase, mount.free.span, "stated here", mount.free.value)


RELIANCES = Conclusion(name="reliances", concludes=(Reliance,), conclude=conclude, after=("schedule", "uses"))
