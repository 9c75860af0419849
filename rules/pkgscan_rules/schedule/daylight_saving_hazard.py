"""A job starts at a time that the host's clocks skip on one night of the year, and pass twice on another.

What then happens depends on who starts it. Cron on Debian and Red Hat runs a skipped job right after the change, and a
repeated one once; systemd leaves the job out on the night when its time is skipped. Whatever counts on one run a day,
or on the hour, goes wrong on these nights alone, when nobody looks.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import ClockChange
from pkgscan.reason.timing import short
from pkgscan.rule import CONTRADICTION, LOW, Problem, Related, Scan, rule


@rule(
    title="Job in the hour that clocks skip or repeat",
    category=CONTRADICTION,
    severity=LOW,
    looks_at=ClockChange,
    since="0.1",
    stage="stable",
    asks="host",
    remedy="Move the job out of that hour, or make sure that it may run late and twice.",
)
def check(found: ClockChange, scan: Scan) -> Iterator[Problem]:
    zone = scan.profile.host.time_zone
    job = found.job
    clock = f"{found.minute // 60:02}:{found.minute % 60:02}"
    left_out = ", when systemd leaves the job out" if job.kind == "timer" and found.skipped else ""
    nights = [f"skips {clock} on {found.skipped}{left_out}"] if found.skipped else []
    nights += [f"passes {clock} twice on {found.repeated}"] if found.repeated else []
    yield Problem(
        found.span,
        f"{job.kind} {short(job.when)} meets a change of clocks: {found.zone} {', and '.join(nights)}",
        evidence=(job.expression, job.command, found.zone),
        related=(Related(zone.span, "the host's time zone"),) if zone is not None and zone.value == found.zone else (),
    )
