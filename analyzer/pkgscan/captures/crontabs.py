"""The host's own crontabs, copied into a folder: `crontab`, `cron.d/NAME`, `spool/USER`.

The jobs are those of the reader of packages' crontabs, which knows their lines; python-crontab counts them as well,
and where the two differ a note says so. Files in cron.d whose name cron passes over are passed over here, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from pkgscan.captures.source import read_capture
from pkgscan.errors import UserError
from pkgscan.facts.schedule import CronJob
from pkgscan.model import Entry
from pkgscan.patterns import pattern
from pkgscan.profile.model import HostJob, Profile
from pkgscan.readers.base import Source
from pkgscan.readers.crontab import CrontabReader

_NAME = pattern(r"[A-Za-z0-9_-]+\Z")  # of a file that cron reads in cron.d, by run-parts(8)


def crontabs(folder: str) -> Profile:
    """The jobs in a folder of crontabs."""
    jobs: list[HostJob] = []
    notes: list[str] = []
    for path, user in _files(folder):
        text = read_capture(path).text
        found = list(_jobs(path, text, user))
        jobs += found
        if (count := _counted(text, system=not user)) != len(found):
            notes.append(f"{path}: {len(found)} jobs are read, python-crontab reads {count}")
    return Profile(path=folder, jobs=tuple(jobs), notes=tuple(notes))


def _files(folder: str) -> Iterator[tuple[str, str]]:
    """(path, whose crontab it is, or empty for one of the system) of each."""
    known = {"crontab", "cron.d", "spool"}
    try:
        if known.isdisjoint(os.listdir(folder)):
            raise UserError(f"{folder} holds no crontabs", "copy them there as crontab, cron.d/NAME and spool/USER")
        system = os.path.join(folder, "crontab")
        if os.path.isfile(system):
            yield system, ""
        for below in ("cron.d", "spool"):
            inner = os.path.join(folder, below)
            for name in sorted(os.listdir(inner)) if os.path.isdir(inner) else ():
                if below == "spool" or _NAME.match(name):
                    yield os.path.join(inner, name), name if below == "spool" else ""
    except OSError as error:
        raise UserError(f"cannot read {folder}: {error.strerror}", "name a folder that may be read") from error


def _jobs(path: str, text: str, user: str) -> Iterator[HostJob]:
    kind = "crontab-user" if user else "crontab-system"
    for reading in CrontabReader().read(Source(Entry(path), kind, text.encode())):
        if isinstance(reading, CronJob) and reading.span is not None:
            yield HostJob(reading.expression, reading.user or user, reading.command, reading.span)


def _counted(text: str, *, system: bool) -> int:
    """How many jobs another reader sees."""
    import logging  # noqa: PLC0415  # only here

    from crontab import CronTab  # noqa: PLC0415  # only here

    logging.getLogger("crontab").disabled = True  # it repeats the text of lines that it does not take
    return sum(job.is_enabled() and job.is_valid() for job in CronTab(tab=text, user=False if system else None))
