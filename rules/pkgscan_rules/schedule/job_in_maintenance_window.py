"""A job of the package starts while the host is being upgraded.

It finds services stopped, tables half migrated and files of two releases, and what it then does cannot be told from a
fault of the upgrade. In the window's buffer it runs against a host that may be going back to the old release. Jobs that
start every hour or more often meet any window; they are named beside the others and are no problem by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pkgscan.facts.schedule import ScheduledJob
from pkgscan.reason.calendar import Schedule, ScheduleError, calendar_schedule, parse
from pkgscan.reason.timing import short
from pkgscan.reason.window import starts_in, starts_in_from
from pkgscan.rule import CONTRADICTION, MEDIUM, Problem, Related, Scan, rule

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Window

HOURS = 24
FREQUENT_NAMED = 3  # jobs that start all day, named beside a finding
DAY_MINUTES = 24 * 60


@rule(
    title="Job that starts inside the maintenance window",
    category=CONTRADICTION,
    severity=MEDIUM,
    looks_at=ScheduledJob,
    since="0.1",
    asks="window",
    remedy="Move the job out of the window, or put it in place only when the upgrade is done.",
)
def check(job: ScheduledJob, scan: Scan) -> Iterator[Problem]:
    window = scan.profile.window
    if window is None or job.container or job.ignored:
        return
    starts, is_frequent = _starts(job, window, scan)
    if not starts or is_frequent:
        return
    zone = f" {job.time_zone}" if job.time_zone else ""
    yield Problem(
        job.span,
        f"{job.kind} {short(job.when)}{zone} starts inside {_place(starts[0], window)}",
        evidence=(job.expression, job.command),
        related=(Related(window.span, "the window is stated here"), *_frequent(job, window, scan)),
    )


def _starts(job: ScheduledJob, window: Window, scan: Scan) -> tuple[tuple[int, ...], bool]:
    """The minutes of the day at which it starts in the window, and whether it starts in every hour anyway."""
    found: set[int] = set()
    is_frequent = False
    for schedule, zone in _schedules(job):
        is_frequent = is_frequent or schedule.hours.bit_count() == HOURS
        host = scan.profile.host.time_zone
        if zone and host and zone != host.value:
            found.update(starts_in_from(schedule, window, zone, scan.now, host.value))
        else:
            found.update(starts_in(schedule, window))
    return tuple(sorted(found)), is_frequent


def _schedules(job: ScheduledJob) -> Iterator[tuple[Schedule, str]]:
    """The schedules of a job, each with its time zone; none where it has no times of day."""
    for expression in filter(None, job.expression.split("; ")):
        try:
            if job.kind == "cron job":
                yield parse(expression), job.time_zone
            elif job.kind == "timer" and "=" not in expression and (found := calendar_schedule(expression)):
                yield found
        except ScheduleError:
            continue  # the refusal is a finding of its own


def _frequent(job: ScheduledJob, window: Window, scan: Scan) -> Iterator[Related]:
    """A few of the jobs that start in the window because they start all day."""
    left = FREQUENT_NAMED
    for other in scan.facts(ScheduledJob):
        if left and other.span != job.span and not other.container and not other.ignored:
            starts, is_frequent = _starts(other, window, scan)
            if starts and is_frequent:
                left -= 1
                yield Related(other.span, f"also starts in it, {other.when}")


def _place(minute: int, window: Window) -> str:
    buffer = window.buffer.value // 60 if window.buffer else 0
    if (minute - window.start.value) % DAY_MINUTES < window.minutes - buffer:
        return f"the maintenance window ({_words(window)})"
    return f"the last {buffer} minutes of the maintenance window ({_words(window)}), which are kept for going back"


def _words(window: Window) -> str:
    days = " and ".join(day.value for day in window.days)
    return f"{_clock(window.start.value)} to {_clock(window.end.value)}" + (f" on {days}" if days else "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
