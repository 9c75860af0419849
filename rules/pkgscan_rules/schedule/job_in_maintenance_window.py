"""A job of the package starts while the host is being upgraded.

It finds services stopped, tables half migrated and files of two releases, and what it then does cannot be told from a
fault of the upgrade. In the window's buffer it runs against a host that may be going back to the old release. Jobs that
start in every hour of every day meet any window; they are named beside the others and are no problem by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pkgscan.facts.schedule import JobInWindow
from pkgscan.reason.timing import short
from pkgscan.rule import CONTRADICTION, MEDIUM, Problem, Related, Scan, rule

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Window

DAY_MINUTES = 24 * 60


@rule(
    title="Job that starts inside the maintenance window",
    category=CONTRADICTION,
    severity=MEDIUM,
    looks_at=JobInWindow,
    since="0.1",
    stage="stable",
    asks="window",
    remedy="Move the job out of the window, or put it in place only when the upgrade is done.",
)
def check(found: JobInWindow, scan: Scan) -> Iterator[Problem]:
    window = scan.profile.window
    if window is None:
        return
    job = found.job
    yield Problem(
        found.span,
        f"{job.kind} {_when(found)} {_starts(found)} inside {_place(found.minutes[0], window)}",
        evidence=(job.expression, job.command),
        confidence="medium" if found.where or found.only_late else "high",
        related=(Related(window.span, "the window is stated here"), *found.others),
    )


def _when(found: JobInWindow) -> str:
    """Its times, with the time zone of a cron job, which its words do not name."""
    when = short(found.job.when)
    if found.job.time_zone and found.job.kind == "cron job":
        when += f" {found.job.time_zone}"
    return f"{when}," if "," in when else when


def _starts(found: JobInWindow) -> str:
    """That it starts; and when by the clocks of the host, where its words do not say it."""
    starts = "may start" if found.where or found.only_late else "starts"
    clock = _clock(found.minutes[0])
    at = "" if clock in found.job.when.split() and not found.job.time_zone else f" at {clock} host time"
    return f"{starts}{at}{',' if at else ''}{f' {found.where},' if found.where else ''}"


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
