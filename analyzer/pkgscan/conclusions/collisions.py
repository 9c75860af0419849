"""Which jobs of the package start together with others of it or of the host, or start what those start already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.schedule import JobCollision, ScheduledJob
from pkgscan.graph import Graph
from pkgscan.model import Related, Span
from pkgscan.profile.model import HostJob
from pkgscan.reason.calendar import DAY_MINUTES, Schedule, ScheduleError, members, parse
from pkgscan.reason.schedules import has_fixed_hours, may_meet, minutes_of_day, schedules

NAMED = 3  # others that a fact names
COMPARED = 500  # jobs with fixed hours that are compared with each other; a host has some dozens
_ENDS = frozenset(" \t;|&<>()'\"")  # what a path in a command line may end with


class Start(NamedTuple):
    """A job as far as it may collide: its times by the clocks of one zone, and what it runs."""

    schedule: Schedule
    minutes: int
    zone: str
    span: Span
    programs: frozenset[str]
    job: ScheduledJob | None  # None: the host's own


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[JobCollision]:
    """One fact a job, at the later of two; what the package's own file replaces on the host is no other job."""
    host = circumstances.profile.host.time_zone
    own = [start for job in graph.facts(ScheduledJob) for start in _own(job, host.value if host else "")][:COMPARED]
    replaced = {place.path for start in own for place in graph.install_paths(start.span.path)}
    jobs = (job for job in circumstances.profile.jobs if _place(job) not in replaced)
    starts = [*(start for job in jobs for start in _hosts(job, host.value if host else "", own)), *own]
    told: set[Span] = set()
    for at, one in enumerate(starts):
        if one.job is not None and one.span not in told:
            others = [other for other in starts[:at] if other.span != one.span and _collide(one, other)]
            if others:
                told.add(one.span)
                yield _collision(one, one.job, others)


def _own(job: ScheduledJob, host_zone: str) -> Iterator[Start]:
    if job.container or job.ignored or job.kind == "run-parts":
        return
    for schedule, zone in schedules(job):
        if has_fixed_hours(schedule):
            programs = frozenset(job.runs)
            yield Start(schedule, minutes_of_day(schedule), zone or host_zone, job.span, programs, job)


def _hosts(job: HostJob, zone: str, own: list[Start]) -> Iterator[Start]:
    try:
        schedule = parse(job.schedule)
    except ScheduleError:
        return
    programs = frozenset(path for start in own for path in start.programs if _starts(job.command, path))
    if has_fixed_hours(schedule):
        yield Start(schedule, minutes_of_day(schedule), zone, job.span, programs, None)


def _starts(command: str, path: str) -> bool:
    """Whether a path is one of the words of a command line."""
    before, found, after = f" {command} ".partition(path)
    return bool(found) and before[-1] in _ENDS and after[0] in _ENDS


def _place(job: HostJob) -> str:
    """Where the host has the crontab of a job, by the folders of docs/profile.md; empty for that of a user."""
    folder, _, name = job.span.path.rpartition("/")
    if folder.endswith("/spool"):
        return ""
    return f"/etc/cron.d/{name}" if folder.endswith("/cron.d") else f"/etc/{name}"


def _collide(one: Start, other: Start) -> bool:
    if one.programs & other.programs:
        return True
    return one.zone == other.zone and bool(one.minutes & other.minutes) and may_meet(one.schedule, other.schedule)


def _collision(one: Start, job: ScheduledJob, others: list[Start]) -> JobCollision:
    others.sort(key=lambda other: not one.programs & other.programs)
    same = sorted(one.programs & others[0].programs)
    return JobCollision(
        span=one.span,
        job=job,
        others=tuple(Related(other.span, _phrase(one, other)) for other in others[:NAMED]),
        count=len(others),
        same_program=same[0] if same else "",
        with_host=any(other.job is None for other in others),
    )


def _phrase(one: Start, other: Start) -> str:
    whose = "the host's own job" if other.job is None else "another job of the package"
    if one.programs & other.programs:
        return f"{whose} starts it, too"
    minute = members(one.minutes & other.minutes & ((1 << DAY_MINUTES) - 1))[0]
    return f"{whose} starts at {minute // 60:02}:{minute % 60:02}, too"


COLLISIONS = Conclusion(name="collisions", concludes=(JobCollision,), conclude=conclude, after=("schedule",))
