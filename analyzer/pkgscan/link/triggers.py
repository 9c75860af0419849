"""What starts by itself, and the entries it starts: cron jobs, timers, run-parts directories, maintainer scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pkgscan.facts.package import MaintainerScript
from pkgscan.facts.schedule import CronJob
from pkgscan.facts.systemd import UnitService, UnitTimer
from pkgscan.graph import Graph, Trigger, TriggerKind
from pkgscan.link.shared import canonical
from pkgscan.model import Entry, Span
from pkgscan.reason.invocation import Reference
from pkgscan.reason.jobs import references_at
from pkgscan.reason.timing import cron_when, short, timer_when
from pkgscan.values import literal

# Debian's /etc/crontab and anacron, cronie's and busybox's root crontab run what lies in these.
RUN_PARTS = tuple(f"/etc/cron.{period}" for period in ("hourly", "daily", "weekly", "monthly"))
# Where units of a user's own service manager lie.
USER_UNITS = "/systemd/user/"


def find_triggers(graph: Graph) -> Iterator[Trigger]:
    """Every trigger of the package, kind by kind."""
    yield from _cron_jobs(graph)
    yield from _timers(graph)
    yield from _run_parts(graph)
    yield from _units(graph)
    for script in graph.facts(MaintainerScript):
        path = script.span.path
        yield Trigger(kind="maintainer script", title=f"{script.tool} {script.phase}", span=script.span, starts=(path,))


def _cron_jobs(graph: Graph) -> Iterator[Trigger]:
    jobs = graph.facts(CronJob)
    times = {expression: short(cron_when(expression)) for expression in {job.expression for job in jobs}}
    for job in jobs:
        title = f"cron job {times[job.expression]}"
        yield _running("cron job", title, job.span, (job.span,), graph)


def _timers(graph: Graph) -> Iterator[Trigger]:
    services: dict[str, list[UnitService]] = {}
    for service in graph.facts(UnitService):
        services.setdefault(service.unit, []).append(service)
    timed = (timer for timer in graph.facts(UnitTimer) if timer.calendars or timer.monotonic)
    for timer in timed:  # one without any time is refused by systemd
        spans = command_spans(services, timer, graph)
        title = f"timer {timer.unit} {timer_when(timer).removeprefix('every day ')}".rstrip()
        yield _running("timer", title, timer.span, spans, graph)


def _units(graph: Graph) -> Iterator[Trigger]:
    """Services that systemd starts for another reason than a timer."""
    timed = {name for timer in graph.facts(UnitTimer) for name in unit_names(timer.starts)}
    for service in graph.facts(UnitService):
        if service.unit not in timed and service.commands:
            spans = tuple(span for _, _, span in service.commands)
            yield _running("unit", f"unit {service.unit}", service.span, spans, graph)


def _running(kind: TriggerKind, title: str, span: Span, commands_at: tuple[Span, ...], graph: Graph) -> Trigger:
    """The trigger of a job, with the entries that its commands start, and those that they source."""
    found = references_at(commands_at, span, graph)
    images = graph.images_of(span.path)
    return Trigger(
        kind=kind,
        title=f"{title} in a container of {images[0].name}" if images else title,
        span=span,
        starts=named_entries(graph, (reference for reference in found if reference.use != "sourced")),
        reads=named_entries(graph, (reference for reference in found if reference.use == "sourced")),
        commands_at=commands_at,
    )


def command_spans(services: Mapping[str, Sequence[UnitService]], timer: UnitTimer, graph: Graph) -> tuple[Span, ...]:
    """Where the command lines stand that a timer's service runs, in their order."""
    found = (
        service
        for name in unit_names(timer.starts)
        for service in services.get(name, ())
        if (USER_UNITS in service.span.path) == (USER_UNITS in timer.span.path)  # managers know only their own units
        and graph.may_meet(service.span.path, timer.span.path)
    )
    return tuple(span for service in found for directive, _, span in service.commands if is_start(directive))


def is_start(directive: str) -> bool:
    """Whether an Exec directive runs when the unit starts."""
    return directive in ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost")


def unit_names(unit: str) -> tuple[str, ...]:
    """The files that define a unit: its own, and the template of an instance (`backup@daily.service`)."""
    name, at, instance = unit.partition("@")
    return (unit, f"{name}@.{instance.rpartition('.')[2]}") if at else (unit,)


def _run_parts(graph: Graph) -> Iterator[Trigger]:
    for entry in graph.entries():
        folder = run_parts_folder(graph, entry)
        if folder and graph.removal(entry.path) is None:
            title = f"run-parts of {folder}"
            yield Trigger(kind="run-parts", title=title, span=entry.span, starts=(entry.path,))


def run_parts_folder(graph: Graph, entry: Entry) -> str:
    """The run-parts directory an entry would lie in, or an empty text."""
    if entry.type == "directory" or "cron." not in entry.path:
        return ""
    places = (canonical(place.path).rpartition("/")[0] for place in graph.install_paths(entry.path))
    return next((place for place in places if place in RUN_PARTS), "")


def named_entries(graph: Graph, found: Iterable[Reference]) -> tuple[str, ...]:
    """The paths of the package's entries that some references name, sorted."""
    paths: set[str] = set()
    for reference in found:
        path = literal(reference.path)
        if path is None or ("/" not in path and reference.use != "directory"):
            continue  # a bare name is a program of the host
        if reference.use == "directory":
            paths.update(_files_in(graph, path, reference.span.path))
        else:
            entry = graph.resolve(path, reference.span.path)
            paths.update(() if entry is None else (entry,))
    return tuple(sorted(paths))


def _files_in(graph: Graph, folder: str, origin: str) -> Iterator[str]:
    """The files that lie in a directory of the host, or of the container that the entry at `origin` lies in."""
    wanted = canonical(folder)
    base = wanted.rpartition("/")[2]
    for entry in graph.entries():
        if entry.type != "directory" and entry.path.rpartition("/")[0].endswith(base):
            places = (canonical(place.path).rpartition("/")[0] for place in graph.install_paths(entry.path))
            if wanted in places and graph.removal(entry.path) is None and graph.may_meet(entry.path, origin):
                yield entry.path
