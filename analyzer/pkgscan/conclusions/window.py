"""Which of the package's jobs start while the host is being upgraded, by the window that the target profile states.

Debian's cron knows no CRON_TZ (it is a variable like any other), cronie does: crontab(5) of each. Where the profile
does not say which system the host is, both readings count. systemd keeps a timer's own zone everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.schedule import JobInWindow, ScheduledJob
from pkgscan.graph import Graph
from pkgscan.model import Related
from pkgscan.reason.calendar import Schedule, ScheduleError, calendar_schedule, next_calendar_runs, parse
from pkgscan.reason.timing import minutes_late

if TYPE_CHECKING:  # most scans have no profile, and what is reckoned for it takes its time to be made
    from pkgscan.profile.model import Host
    from pkgscan.reason.window import Nights, Shift

WITHOUT_CRON_TZ = frozenset(("debian", "devuan", "kali", "linuxmint", "pop", "raspbian", "ubuntu"))
WITH_CRON_TZ = frozenset((
    "almalinux", "amzn", "arch", "centos", "fedora", "ol", "opensuse-leap", "opensuse-tumbleweed", "rhel", "rocky",
    "sles",
))  # fmt: skip
LOOKED_AT = 100  # starts of a timer that are reckoned one by one, where it says more than a schedule can
FREQUENT_NAMED = 3  # jobs that start all day, named beside the others


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[JobInWindow]:
    """One fact for each job that starts in the window, but for those that start in every hour of every day."""
    window = circumstances.profile.window
    if window is None:
        return
    from pkgscan.reason.window import Nights  # noqa: PLC0415  # see above

    host, now, nights = circumstances.profile.host, circumstances.now, Nights(window)
    some: list[ScheduledJob] = []
    others: list[Related] = []
    for job in graph.facts(ScheduledJob):
        if job.container or job.ignored:
            continue
        if not _is_all_day(job):
            some.append(job)
        elif len(others) < FREQUENT_NAMED:
            others.append(Related(job.span, f"also starts in it, {job.when}"))
    for job in some:
        late = minutes_late(job.delay)
        met = _by_reading(job, nights, host, now, late)
        if met:
            yield JobInWindow(
                span=job.span,
                job=job,
                minutes=nights.in_order(reduce(or_, met.values())),
                where=next(iter(met)) if len(met) == 1 else "",
                only_late=bool(late) and not _by_reading(job, nights, host, now, 0),
                others=tuple(others),
            )


def _by_reading(job: ScheduledJob, nights: Nights, host: Host, now: datetime, delay: int) -> dict[str, int]:
    """The minutes of the host's day at which a job starts in the window, by in which cron it does; nowhere, nothing."""
    met: dict[str, int] = {}
    for expression in _expressions(job):
        try:
            for where, minutes in _starts(job, expression, nights, host, now, delay):
                if minutes:
                    met[where] = met.get(where, 0) | minutes
        except ScheduleError:
            continue  # the refusal is a finding of its own
    return met


def _starts(  # noqa: PLR0913, PLR0917  # a job, when, and what it is judged by
    job: ScheduledJob, expression: str, nights: Nights, host: Host, now: datetime, delay: int
) -> Iterator[tuple[str, int]]:
    scheduled = _schedule(job, expression)
    if scheduled is not None:
        schedule, zone = scheduled
        for where, shifts in _readings(job, zone, host, now.year):
            yield where, nights.met_by(schedule, shifts, delay)
        return
    zone = host.time_zone.value if host.time_zone else "UTC"
    for start in next_calendar_runs(expression, now, zone, LOOKED_AT):
        yield "", nights.met_at(start, delay)


def _expressions(job: ScheduledJob) -> list[str]:
    """Those that name a time of day: what a timer counts from boot does not."""
    return [text for text in job.expression.split("; ") if text and (job.kind == "cron job" or "=" not in text)]


def _schedule(job: ScheduledJob, expression: str) -> tuple[Schedule, str] | None:
    """A schedule and its time zone; None for the calendar of a timer that says more than a schedule can."""
    return (parse(expression), job.time_zone) if job.kind == "cron job" else calendar_schedule(expression)


def _is_all_day(job: ScheduledJob) -> bool:
    from pkgscan.reason.window import meets_any  # noqa: PLC0415  # see above

    for expression in _expressions(job):
        try:
            found = _schedule(job, expression)
        except ScheduleError:
            continue  # see above
        if found is not None and meets_any(found[0]):
            return True
    return False


def _readings(job: ScheduledJob, zone: str, host: Host, year: int) -> tuple[tuple[str, tuple[Shift, ...]], ...]:
    """The ways to take a job's times, each with the cron that takes them so where that is not known of the host.

    Where the host's own zone is not known, nothing in another can be placed.
    """
    from pkgscan.reason.window import HOST_TIME, shifts  # noqa: PLC0415  # see above

    system = host.os.value if host.os else ""
    if not zone or (job.kind == "cron job" and system in WITHOUT_CRON_TZ):
        return (("", HOST_TIME),)
    theirs = shifts(zone, host.time_zone.value, year) if host.time_zone else ()
    if job.kind != "cron job" or system in WITH_CRON_TZ:
        return (("", theirs),)
    return (("where cron knows CRON_TZ", theirs), ("where cron does not know CRON_TZ", HOST_TIME))


WINDOW = Conclusion(name="window", concludes=(JobInWindow,), conclude=conclude, after=("schedule",))
