"""What Debian's own crontab program accepts, and what systemd makes of calendars."""

import itertools
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pkgscan.conclusions.cron_files import NAME
from pkgscan.facts.schedule import CronFileUnterminated, CronJob, CronLineRejected
from pkgscan.readers.crontab import CrontabReader
from pkgscan.reason.calendar import ScheduleError, calendar_words, next_calendar_runs, parse
from pkgscan.testing import read

REAL = (
    "0 3 * * *", "*/5 * * * *", "*/15 * * * *", "5-55/10 * * * *", "09,39 * * * *", "17 * * * *", "25 6 * * *",
    "47 6 * * 7", "52 6 1 * *", "57 0 * * 0", "30 3 * * 0", "10 3 * * *", "0 */12 * * *", "30 7-23 * * *",
    "14 10 * * *", "*/10 * * * *", "0 0 * * *", "0 * * * *", "1 5 1 * *", "33 3 * * sun", "0 4 * * mon-fri",
    "0 22 1 jan,jul *", "1,31 * * * *", "00 00 * * *", "05 01 * * *", "0 0 1,15 * *", "20 4 * * 1-5",
    "*/30 8-18 * * 1-5", "0 5 * * 2", "45 23 * * 6", "@reboot", "@daily", "@hourly", "@weekly", "@monthly", "@yearly",
    "@annually", "@midnight", "10,20,30 1-3,5 * * *", "0 6 1-7 * *",
)  # fmt: skip
ODD = (
    "0 22-2 * * *", "10-5 * * * *", "0 0 * * fri-sun", "*/61 * * * *", "*/60 * * * *", "*/59 * * * *", "0 */24 * * *",
    "0 */25 * * *", "0 0 */31 * *", "0 0 */32 * *", "0 0 * */13 *", "0 0 * * */8", "0 0 * * */7", "0 0 * * 5#2",
    "0 0 31 2 *", "0 0 30 2 *", "0 0 29 2 *", "0 0 31 4 *", "0 0 13 * 5", "0 0 */2 * 1", "0 0 1-7 * 1", "* 3 * * *",
    "* */2 * * *", "0 0 * * 0-7", "0 0 * * 7-0", "0 0 * * 1-7", "0 0 * * 6-1", "0 0 * * sun-sat", "0 0 * * SUN",
    "0 0 * * Sun,Mon", "0 0 * * sUn", "0 0 * JAN-DEC/2 *", "0 0 * jan *", "0 0 * dec-jan *", "0 0 jan * *",
    "jan 0 * * *", "0 mon * * *", "0 0 * mon *", "0 0 * * jan", "0 0 * * Sunday", "0 0 * January *", "0 0 * * su",
    "60 * * * *", "59 * * * *", "0 24 * * *", "0 23 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 1 0 *", "0 0 1 13 *",
    "0 0 * * 8", "-1 * * * *", "0 -1 * * *", "+1 * * * *", "1.5 * * * *", "1;2 * * * *", "1:2 * * * *", "1? * * * *",
    "? * * * *", "L * * * *", "0 0 L * *", "0 0 LW * *", "0 0 15W * *", "0 0 * * 5L", "0 0 * * L", "H * * * *",
    "H/15 * * * *", "5/10 * * * *", "0 0/2 * * *", "0 0 1/2 * *", "*/0 * * * *", "*/00 * * * *", "*/-1 * * * *",
    "*/ * * * *", "*/a * * * *", "*/1a * * * *", "*/5.5 * * * *", "*/5/2 * * * *", "*/5-9 * * * *", "*-5 * * * *",
    "*5 * * * *", "5* * * * *", "** * * * *", "*,5 * * * *", "5,* * * * *", "1,*/20 * * * *", "*/20,1 * * * *",
    "1, * * * *", ",1 * * * *", "1,,2 * * * *", ", * * * *", "1-5, * * * *", "1- * * * *", "-5 * * * *",
    "1-5-9 * * * *", "1-5/2-9 * * * *", "1-5/2,9 * * * *", "1-5/100 * * * *", "5-5/2 * * * *", "5-64/30 * * * *",
    "64-70 * * * *", "0-59/60 * * * *", "1~5 * * * *", "0~59 * * * *", "1-59~2 * * * *", "1a * * * *", "a1 * * * *",
    "0x5 * * * *", "007 * * * *", "0000000000000000000005 * * * *", "4294967301 * * * *",
    "99999999999999999999 * * * *", "2147483648 * * * *", "*/4294967301 * * * *", "*/4294967296 * * * *",
    "0 0 * * mon#1", "0 0 * * mon-fri/2", "0 0 * * mon/2", "0 0 * * 1,mon", "0 0 * feb-4 *", "0 0 * * tue-5",
    "0 0 1 1", "0 0 1", "0 0", "0", "* * * *", "@every 5m", "@every_minute", "@Daily", "@DAILY", "@daily.", "@",
    "@ daily", "@reboot!", "@noon", "@secondly", "#0 0 * * *", "* * * * * *", "0 0 3 * * *", "0 0 1 1 ? 2026",
    "\xa05 * * * *", "٣ * * * *", "5\x0b* * * * *", "5'6 * * * *", "(1) * * * *", "1\\,2 * * * *", "1/5 * * * *",
    "1-10/3,20-30/5,45 */3 1-15/7 */2 0,6", "{{ m }} * * * *", "@PREFIX@ * * * *", "$M * * * *", "*\t*\t*\t*\t*",
    "0  3   *    *  *", " 0 3 * * *", "\t0 3 * * *", "0 3 * * 1 ",
)  # fmt: skip
LINES = (
    "MAILTO=", "MAILTO= ", 'MAILTO=""', "MAILTO=''", "A=b", "A = b", " A=b", "A =b ", "A= 'b c'", "A='b' c", "A='b",
    'A="b\'', "'A'=b", "'A B'=c", "'A=B'=c", "A B=c", "=b", "=", "A", "A=b=c", "A==", "A=\"'b'\"", "0=1", "A='b' ",
    "'A", "A\t=\tb", "0 3 * * *", "0 3 * * * ", "0 3 * * * *", "0 3 * * * * x", "@daily", "@daily ", "@daily *x", "#",
    " # x", "\t", " ", "\r", "#\r", "0 3 * * * x\r", "A=b\r", "A='b'\r", "-0 3 * * * x", "0 3 * * * " + "x" * 998,
    "0 3 * * * " + "x" * 999, "* * * * * %", "* * * * * a\\%b", "echo hello", "{{ x }}", "0 3 * * * x=y",
    "0=3 * * * * x", "A='b'#c",
)  # fmt: skip
ENDINGS = ("0 3 * * * x", "# only a comment", "A=b", " ", "", "\n", "@daily", "A=b\n# last")

CALENDARS = (
    "daily", "hourly", "weekly", "monthly", "yearly", "annually", "quarterly", "semiannually", "minutely",
    "*-*-* 03:00:00", "03:00", "3:00", "*:0/15", "*:5/10", "*-*-* 6,18:00", "Mon..Fri 08:00", "Mon-Fri 08:00",
    "Sat,Sun 06:30", "Sun *-*-* 03:10:00", "Mon *-*-1..7 04:00", "*-*-1,15", "*-1-1 00:10", "*-01,07-01", "Fri 13:13",
    "*-*-* *:00/30", "*-*-* 0/2:05", "Mon,Wed 12..14:30", "*-02-29", "2027-01-01 10:00", "*-*-* 03:00:30",
    "*-*~01 03:00", "daily UTC", "03:00 Europe/Berlin", "Mon 07:00 America/New_York", "*-*-* 00/6:00", "*:*",
    "Tue..Thu,Sat 01:02", "Sun 00:00", "*-*-31", "*-04-31",
)  # fmt: skip
REFUSED_CALENDARS = (
    "", "25:00", "*-13-01", "*-*-32", "Mond", "x", "Mon..Xyz", "*:61", "03:00 Nowhere/Land", "@daily", "0 3 * * *",
)  # fmt: skip


@pytest.fixture(scope="module")
def crontab() -> str:
    found = shutil.which("crontab")
    assert found, "Debian's cron is not installed; run tests/oracles/install.sh"
    return found


def accepts(crontab: str, folder: Path, text: str) -> bool:
    file = folder / "tab"
    file.write_bytes(text.encode())
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run([crontab, "-n", str(file)], capture_output=True, text=True, check=False, env=environment)
    said = done.stderr
    assert ("successfully checked" in said) is (done.returncode == 0), said
    assert done.returncode == 0 or re.search("bad |too long|missing newline|can't install", said), said
    return done.returncode == 0


def parses(expression: str) -> bool:
    try:
        parse(expression)
    except ScheduleError:
        return False
    return True


def test_there_are_enough_expressions() -> None:
    assert len(set(REAL + ODD)) >= 160


@pytest.mark.parametrize("expression", REAL + ODD, ids=ascii)
def test_an_expression_is_accepted_as_debian_does(expression: str, crontab: str, tmp_path: Path) -> None:
    # A comment is accepted as a line but is no expression.
    expected = accepts(crontab, tmp_path, f"{expression} x\n") and not expression.startswith("#")
    assert parses(expression) is expected


def kept(text: str) -> bool:
    refused = (CronLineRejected, CronFileUnterminated)
    readings = read(CrontabReader(), text, kind="crontab-user")
    return not any(isinstance(reading, refused) or getattr(reading, "reason", "") == "template" for reading in readings)


@pytest.mark.parametrize("line", LINES, ids=ascii)
def test_a_line_is_accepted_as_debian_does(line: str, crontab: str, tmp_path: Path) -> None:
    assert kept(f"{line}\n") is accepts(crontab, tmp_path, f"{line}\n")


@pytest.mark.parametrize("text", ENDINGS, ids=ascii)
def test_the_end_of_a_file_is_accepted_as_debian_does(text: str, crontab: str, tmp_path: Path) -> None:
    assert kept(text) is accepts(crontab, tmp_path, text)


@pytest.mark.parametrize(
    "before", ["# \0\n", "#" + "x" * (1 << 20) + "\n", " " * 5000, "\0"], ids=("nul", "long", "blanks", "0")
)
def test_a_job_that_debian_runs_is_read(before: str, crontab: str, tmp_path: Path) -> None:
    text = f"{before}* * * * *{' ' * 3000}/bin/x\n"
    found = [reading for reading in read(CrontabReader(), text, kind="crontab-user") if isinstance(reading, CronJob)]
    assert [job.command for job in found] == ["/bin/x"] * accepts(crontab, tmp_path, text)


def test_the_first_line_behind_a_byte_order_mark_is_refused(crontab: str, tmp_path: Path) -> None:
    for text in ("\ufeff# x\n", "\ufeff0 3 * * * x\n", "\ufeffA=b\n", "\ufeff\n"):
        assert kept(text) is accepts(crontab, tmp_path, text), repr(text)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_next_times_are_those_of_systemd(calendar: str) -> None:
    assert next_calendar_runs(calendar, datetime.now(UTC), UTC, 5) == systemd_times(calendar)


def systemd_times(calendar: str) -> tuple[datetime, ...]:
    """`systemd-analyze calendar` counts from now, as the test above does."""
    command = ["systemd-analyze", "calendar", "--iterations=5", calendar]
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found = re.findall(r"(?:Next elapse|Iter(?:ation|\.) #\d+): \w+ (\S+ \S+) UTC", done.stdout)
    return tuple(datetime.fromisoformat(f"{time}+00:00") for time in found)


@pytest.mark.parametrize("calendar", REFUSED_CALENDARS)
def test_what_systemd_refuses_is_refused(calendar: str) -> None:
    done = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=False)
    assert done.returncode != 0
    with pytest.raises(ScheduleError):
        calendar_words(calendar)
    with pytest.raises(ScheduleError):
        next_calendar_runs(calendar, datetime(2026, 1, 1, tzinfo=UTC), UTC, 1)


def test_run_parts_and_cron_agree_on_names(tmp_path: Path) -> None:
    """The names that run-parts skips; cron's own test for cron.d is the same pattern (database.c, valid_name)."""
    characters = "aZ0_-.~+ ,#ä"
    names = {"".join(letters) for letters in itertools.product(characters, repeat=2)} - {".."}
    for name in names:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    listed = subprocess.run(["run-parts", "--list", str(tmp_path)], capture_output=True, text=True, check=True).stdout
    assert {Path(line).name for line in listed.splitlines()} == {name for name in names if NAME.fullmatch(name)}


def test_debian_knows_no_time_zone_of_a_crontab() -> None:
    """The variables that cron heeds are words of its program: this one is not, so a job keeps the host's time."""
    which = shutil.which("cron", path="/usr/sbin:/usr/bin")
    assert which, "make oracles installs cron"
    program = Path(which).read_bytes()
    assert b"MAILTO" in program
    assert b"CRON_TZ" not in program
