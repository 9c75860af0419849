"""Every cron job of real Debian packages is found, as python-crontab reads it from the unpacked file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crontab import CronItem, CronSlices, CronTab

from pkgscan.facts.schedule import CronJob
from pkgscan.inline import run
from pkgscan.inputs import open_input
from pkgscan.plan import Plan
from pkgscan.reason.calendar import parse, words
from pkgscan.registry import load
from pkgscan.report import Report
from pkgscan.scanning import Options, make_report

# Packages of Debian 12 whose etc/cron.d holds jobs: short and long, with users of their own, lists, steps, names, `\%`.
PACKAGES = (
    "amavisd-new", "anacron", "apt-cacher", "atop", "awstats", "backupninja", "barman", "buildd", "cricket",
    "cron-apt", "debarchiver", "dirvish", "dma", "e2fsprogs", "emboss-explorer", "fcheck", "ganeti", "gup", "inn2",
    "leafnode", "logcheck", "mailman3", "mailman3-web", "mdadm", "mlmmj", "mtpolicyd", "munin", "munin-node",
    "mythtv-status", "ntpsec", "ntpsec-ntpviz", "openssh-known-hosts", "php-common", "planetfilter", "recap",
    "sa-exim", "sqwebmail", "swift-object", "sysstat", "systraq", "tiger", "tuptime", "uucp",
)  # fmt: skip
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Deb = Callable[[str], Path]
Found = tuple[list[CronJob], Report]


def scan(path: Path) -> Found:
    registry, options = load(), Options(now=NOW)
    source = open_input(str(path))
    try:
        engine = run(registry, (source,), Plan(judging=options.judging(registry)))
        jobs = [fact for fact in engine.facts().get(CronJob, ()) if isinstance(fact, CronJob)]
        return jobs, make_report(engine.judge(), options, registry, ())
    finally:
        source.close()


def unpack(package: Path, folder: Path) -> list[Path]:
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    return sorted((folder / "etc" / "cron.d").iterdir())


def their_jobs(file: Path) -> Iterator[CronItem]:
    """What python-crontab reads; a commented-out line comes back as a job that is switched off."""
    table = CronTab(tabfile=str(file), user=False)
    yield from (item for item in table if item.is_enabled())


def normal(expression: str) -> str:
    """python-crontab rewrites what it reads: `0 0 * * *` becomes @daily, 09,39 becomes 9,39, 7 becomes 0."""
    return str(CronSlices(expression).render())


def command(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\%", "%")).strip()


@pytest.mark.parametrize("name", PACKAGES)
def test_every_job_is_found_with_its_user_time_and_line(name: str, deb: Deb, tmp_path: Path) -> None:
    package = deb(name)
    jobs, report = scan(package)
    count = 0
    for file in unpack(package, tmp_path):
        ours = [job for job in jobs if job.span.path.endswith(f"/etc/cron.d/{file.name}")]
        theirs = list(their_jobs(file))
        assert [(job.user, normal(job.expression)) for job in ours] == [
            (job.user, job.slices.render()) for job in theirs
        ]
        assert [command(job.command) for job in ours] == [command(job.command) for job in theirs]
        check_places(file, ours)
        count += len(ours)
    assert count, "the package has no job any more; choose another"
    assert count == sum("/etc/cron.d/" in job.span.path for job in jobs)
    check_report(report)


def check_places(file: Path, jobs: list[CronJob]) -> None:
    lines = file.read_bytes().decode("latin-1").split("\n")
    for job in jobs:
        line = lines[job.span.first_line - 1]
        assert job.span.first_line == job.span.last_line
        assert line.split()[: len(job.expression.split())] == job.expression.split()
        assert job.text == line
        assert words(parse(job.expression))


def check_report(report: Report) -> None:
    """Debian's own files are right: nothing was left unread in them, and cron heeds them all."""
    assert not [gap for gap in report.gaps if gap.traceback or gap.effect == "unread"]
    assert not [gap for gap in report.gaps if gap.span and "/etc/cron.d/" in gap.span.path]
    assert not [finding for finding in report.findings if finding.rule == "cron-file-ignored"]


def test_enough_packages_are_compared() -> None:
    assert len(set(PACKAGES)) >= 30
