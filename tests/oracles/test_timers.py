"""Timers and services of real Debian packages, as systemd-analyze itself understands them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pkgscan.facts.systemd import UnitDirectiveRejected, UnitService, UnitTimer
from pkgscan.model import Entry
from pkgscan.readers.base import Reader, Reading, Source
from pkgscan.readers.unit import ServiceReader, TimerReader
from pkgscan.reason.calendar import next_calendar_runs
from pkgscan.reason.daylight import changes
from pkgscan.reason.unit_line import exec_commands

# Packages of Debian 12 that ship timers: with lists, ranges, weekdays, shells, continued lines, prefixes.
PACKAGES = (
    "apt", "apt-listbugs", "atop", "borgmatic", "btrfsmaintenance", "certbot", "chkrootkit", "e2fsprogs", "exim4-base",
    "fwupd", "logrotate", "man-db", "mdadm", "ntpsec", "php-common", "podman", "snapper", "sysstat",
)  # fmt: skip
BASE = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = 3
# Written as man pages do, and as people do by mistake.
CALENDARS = (
    "daily", "weekly", "Mon..Fri 07:30", "*-*-1..7 03:00", "Sat *-*-1..7 18:00", "*:0/15", "*-02~01 04:00", "hourly",
    "2026-*-* 00:00", "Sun *-*-* 01:30:30", "quarterly", "*-*-31", "12..14:10,20,30", "03:00 Europe/Berlin",
    "*-*-* 25:00", "foo", "Mon..Foo", "*:0/0", "1:2:3:4", "every day", "*-13-*",
)  # fmt: skip
LINES = (
    '/bin/echo "a b" \'c d\' e"f g"h',
    r"/bin/echo a\x20b \q \101 \u00e9",
    "-/bin/echo one ; /bin/echo two ';' \\; three;four",
    "@/bin/echo zero one",
    "/bin/echo ${A}b $C d$E $$ $$F",
    "!!/bin/echo x",
    "+/bin/sh -c 'a && b \"$$c\"'",
    ":/bin/echo $A",
    "/bin/echo \"\" '' x",
)
COMMAND_LINE = re.compile(r"^\s*Command Line: (.*)$", re.MULTILINE)
WHEN = re.compile(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC")


def read(reader: Reader, path: Path) -> list[Reading]:
    entry = Entry(path=f"p.deb!/lib/systemd/system/{path.name}", archive="p.deb")
    return list(reader.read(Source(entry, reader.kinds[0].name, path.read_bytes())))


def elapses(calendar: str) -> tuple[datetime, ...] | None:
    command = [
        "systemd-analyze",
        "calendar",
        f"--iterations={RUNS}",
        f"--base-time={BASE:%Y-%m-%d %H:%M:%S} UTC",
        calendar,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TZ": "UTC"})
    if done.returncode:
        return None
    return tuple(datetime.fromisoformat(when).replace(tzinfo=UTC) for when in WHEN.findall(done.stdout))


def command_lines(folder: Path, unit: str, text: str) -> Iterator[list[str]]:
    """The argument vectors systemd makes of a unit's Exec lines, from the dump that `verify` writes when debugging."""
    place = folder / unit
    place.write_text(text)
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "debug"}
    command = ["systemd-analyze", "verify", "--man=no", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, errors="replace")
    own = done.stdout.split(f"-> Unit {unit}:")[-1].split("-> Unit ")[0]
    for line in COMMAND_LINE.findall(own):
        yield shlex.split(re.sub(r"\\([$`])", r"\1", line))


def expected_vectors(line: str) -> list[list[str]]:
    return [[word.text for word in words] for words in exec_commands(line)]


@pytest.mark.parametrize("calendar", CALENDARS)
def test_calendar_is_taken_or_refused_as_systemd_does(calendar: str, tmp_path: Path) -> None:
    place = tmp_path / "x.timer"
    place.write_text(f"[Timer]\nOnCalendar={calendar}\n")
    readings = read(TimerReader(), place)
    seen = elapses(calendar)
    assert any(isinstance(reading, UnitDirectiveRejected) for reading in readings) == (seen is None)
    if seen is not None:
        assert next_calendar_runs(calendar, BASE, "UTC", RUNS) == seen


@pytest.mark.parametrize("line", LINES)
def test_exec_line_is_split_as_systemd_does(line: str, tmp_path: Path) -> None:
    seen = list(command_lines(tmp_path, "x.service", f"[Service]\nType=oneshot\nExecStart={line}\n"))
    ours = expected_vectors(line)
    if line.startswith("@"):  # systemd keeps the name given to the program, we the program
        assert [vector[1:] for vector in seen] == [vector[1:] for vector in ours]
    else:
        assert seen == ours


@pytest.mark.parametrize("name", PACKAGES)
def test_units_of_real_packages(name: str, deb: Callable[[str], Path], tmp_path: Path) -> None:
    unpacked = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-x", str(deb(name)), str(unpacked)], check=True)
    timers = sorted(path for path in unpacked.rglob("*.timer") if path.is_file() and not path.is_symlink())
    assert timers
    for path in timers:
        for reading in read(TimerReader(), path):
            assert not isinstance(reading, UnitDirectiveRejected), reading
            for calendar, _ in reading.calendars if isinstance(reading, UnitTimer) else ():
                assert next_calendar_runs(calendar, BASE, "UTC", RUNS) == elapses(calendar), (path, calendar)
    for path in sorted(unpacked.rglob("*.service")):
        if path.is_file() and not path.is_symlink() and "@" not in path.name and "systemd/system" in str(path):
            check_service(path, tmp_path)


def check_service(path: Path, folder: Path) -> None:
    services = [reading for reading in read(ServiceReader(), path) if isinstance(reading, UnitService)]
    lines = [line for service in services for _, line, _ in service.commands]
    if any("%" in line or line.startswith("@") for line in lines):
        return
    ours = sorted(vector for line in lines for vector in expected_vectors(line))
    assert sorted(command_lines(folder, path.name, path.read_text())) == ours, path


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
def test_times_that_clocks_skip_are_left_out(zone: str) -> None:
    """The day before each change of a year, systemd is asked for the next start at a time that the change skips."""
    skipped = [change for change in changes(zone, date(2026, 1, 1)) if change.skipped]
    assert skipped
    for change in skipped:
        base = change.day - timedelta(days=1)
        clock = f"{change.first // 60:02}:{change.first % 60:02}:00"
        words = ("systemd-analyze", "calendar", f"--base-time={base} 23:00:00", f"*-*-* {clock}")
        said = subprocess.run(words, env={**os.environ, "TZ": zone}, check=True, capture_output=True, text=True).stdout
        (following,) = re.findall(r"Next elapse: \w+ (\S+) ", said)
        assert date.fromisoformat(following) == change.day + timedelta(days=1), said
