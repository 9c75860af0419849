from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pkgscan.circumstances import Circumstances
from pkgscan.conclusions.schedule import DATED, SCHEDULE
from pkgscan.facts.schedule import CronJob, ScheduledJob
from pkgscan.graph import Graph
from pkgscan.link import link
from pkgscan.model import Entry, Span
from pkgscan.scanning import Options, scan_here

NOW = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
FILES = {
    "etc/cron.d/app": (
        "APP=/opt/app\n"
        "30 2 * * *  app  cd $APP && test -x bin/run && bin/run --all\n"
        "@reboot     root  /opt/app/bin/start; /usr/bin/logger started\n"
        "CRON_TZ=Europe/Berlin\n"
        "30 2 * * 0  root  helper\n"
    ),
    "etc/cron.weekly/app": "#!/bin/sh\n",
    "usr/lib/systemd/system/app.timer": "[Timer]\nOnCalendar=Mon 04:00\nOnCalendar=Sun 05:00\nOnBootSec=10min\n",
    "usr/lib/systemd/system/app.service": (
        "[Service]\nUser=app\nExecStartPre=-/bin/true\nExecStart=+/opt/app/bin/run -x\n"
    ),
    "usr/lib/systemd/system/berlin.timer": "[Timer]\nOnCalendar=*-*-* 02:30 Europe/Berlin\n",
    "usr/lib/systemd/system/never.timer": "[Timer]\nOnCalendar=0 3 * * *\n",
    "usr/lib/systemd/user/app.service": "[Service]\nExecStart=/usr/bin/true\n",
    "usr/lib/systemd/user/app.timer": "[Timer]\nOnCalendar=hourly\n",
    "etc/cron.d/refused": "0 5 * * * root /opt/app/bin/run\n61 5 * * * root /opt/app/bin/run\n",
    "etc/cron.d/dotted.name": "0 5 * * * root /opt/app/bin/run\n",
    "etc/cron.daily/run.sh": "#!/bin/sh\n",
    "etc/cron.d/never": "0 0 31 2 * root /opt/app/bin/run\n",
    "usr/lib/systemd/system/late.timer": "[Timer]\nOnCalendar=daily\nRandomizedDelaySec=43200\n",
    "usr/lib/systemd/system/each@.timer": "[Timer]\nOnCalendar=daily\n",
    "usr/lib/systemd/system/each@.service": "[Service]\nExecStart=@/opt/app/bin/run %i\n",
    "opt/app/bin/run": "#!/bin/sh\n",
    "usr/bin/helper": "#!/bin/sh\n",
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ScheduledJob]:
    folder = tmp_path_factory.mktemp("package")
    for name, text in FILES.items():
        place: Path = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (folder / "etc/cron.daily/run.sh").chmod(0o755)
    wants = folder / "usr/lib/systemd/system/timers.target.wants"
    wants.mkdir()
    (wants / "berlin.timer").symlink_to("../berlin.timer")
    report = scan_here(str(folder), Options(now=NOW))
    rows = [msgspec.convert(row, ScheduledJob) for row in report.parts["schedule"]]
    assert [row.span for row in rows] == sorted(row.span for row in rows)
    return {f"{row.span.path.partition('!/')[2]}:{row.span.first_line}": row for row in rows}


def test_every_job_is_there_once(jobs: dict[str, ScheduledJob]) -> None:
    assert sorted(jobs) == [
        "etc/cron.d/app:2",
        "etc/cron.d/app:3",
        "etc/cron.d/app:5",
        "etc/cron.d/dotted.name:1",
        "etc/cron.d/refused:1",
        "etc/cron.daily/run.sh:0",
        "etc/cron.weekly/app:0",
        "usr/lib/systemd/system/app.timer:2",
        "usr/lib/systemd/system/berlin.timer:2",
        "usr/lib/systemd/system/each@.timer:2",
        "usr/lib/systemd/system/late.timer:2",
        "usr/lib/systemd/user/app.timer:2",
    ]


def test_a_cron_job_with_a_variable_of_its_crontab(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["etc/cron.d/app:2"]
    assert (job.kind, job.when, job.expression, job.user) == ("cron job", "every day at 02:30", "30 2 * * *", "app")
    assert "/opt/app/bin/run" in job.runs
    assert [path.partition("!/")[2] for path in job.starts] == ["opt/app/bin/run"]
    assert job.next_runs == ("2026-03-29T02:30:00", "2026-03-30T02:30:00", "2026-03-31T02:30:00")
    assert job.commands_at == (job.span,)


def test_what_starts_with_the_system_has_no_date(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["etc/cron.d/app:3"]
    assert (job.when, job.next_runs, job.starts) == ("when the system starts", (), ())
    assert job.runs == ("/opt/app/bin/start", "/usr/bin/logger")


def test_dates_in_a_known_zone_have_its_offset(jobs: dict[str, ScheduledJob]) -> None:
    """2026-03-29 02:30 does not exist in Berlin: the clocks go from 02:00 to 03:00."""
    job = jobs["etc/cron.d/app:5"]
    assert job.time_zone == "Europe/Berlin"
    assert job.next_runs[-1] == "2026-04-12T02:30:00+02:00"
    assert job.runs == ("/usr/bin/helper",)
    timer = jobs["usr/lib/systemd/system/berlin.timer:2"]
    assert timer.time_zone == "Europe/Berlin"
    assert timer.next_runs[-1].endswith("+02:00")


def test_a_timer_with_two_calendars_and_a_service(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["usr/lib/systemd/system/app.timer:2"]
    assert job.when == "every Monday at 04:00 and every Sunday at 05:00 and 10min after boot"
    assert job.expression == "Mon 04:00; Sun 05:00; OnBootSec=10min"
    assert (job.user, job.command) == ("app", "/bin/true; /opt/app/bin/run -x")
    assert job.next_runs == ("2026-03-29T05:00:00", "2026-03-30T04:00:00", "2026-04-05T05:00:00")
    assert [span.first_line for span in job.commands_at] == [3, 4]


def test_a_timer_of_a_users_own_manager_runs_the_service_there(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["usr/lib/systemd/user/app.timer:2"]
    assert (job.user, job.command) == ("", "/usr/bin/true")


def test_a_timer_whose_service_is_elsewhere(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["usr/lib/systemd/system/berlin.timer:2"]
    assert (job.user, job.command, job.runs) == ("", "berlin.service", ())


def test_a_script_of_run_parts(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["etc/cron.weekly/app:0"]
    assert (job.kind, job.when, job.user, job.runs) == ("run-parts", "every week", "root", ("/etc/cron.weekly/app",))
    assert job.starts == (job.span.path,)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("etc/cron.d/refused:1", "cron ignores this file"),
        ("etc/cron.d/dotted.name:1", "Debian's cron ignores this file"),
        ("etc/cron.daily/run.sh:0", "Debian's run-parts skips this file"),
        ("etc/cron.weekly/app:0", "run-parts skips this file as it is packed"),
    ],
)
def test_what_is_ignored_says_so_and_has_no_date(jobs: dict[str, ScheduledJob], place: str, why: str) -> None:
    assert (jobs[place].ignored, jobs[place].next_runs) == (why, ())
    part = SCHEDULE.part
    assert part is not None
    when, *_, following, _ = part.line(jobs[place])
    assert (when.rpartition(", ")[2], following) == (f"but {why}", "")


def test_arguments_follow_what_is_started(jobs: dict[str, ScheduledJob]) -> None:
    assert jobs["etc/cron.d/app:2"].command_lines == ("/opt/app/bin/run --all",)
    assert jobs["usr/lib/systemd/system/app.timer:2"].command_lines == ("/bin/true", "/opt/app/bin/run -x")


def test_a_delay_makes_the_next_date_the_earliest(jobs: dict[str, ScheduledJob]) -> None:
    job = jobs["usr/lib/systemd/system/late.timer:2"]
    assert (job.when, job.delay) == ("every day at 00:00, up to 12 h later", "12 h")
    part = SCHEDULE.part
    assert part is not None
    assert part.line(job)[3] == "next from 2026-03-29 00:00 host time"


@pytest.mark.parametrize(
    ("unit", "condition"),
    [("app", "if enabled"), ("each@", "for each instance"), ("berlin", "")],  # the package links berlin.timer itself
)
def test_on_what_a_timer_depends(jobs: dict[str, ScheduledJob], unit: str, condition: str) -> None:
    assert jobs[f"usr/lib/systemd/system/{unit}.timer:2"].condition == condition


def test_a_secret_is_not_cut_in_half() -> None:
    """Whoever sees only the first half of it does not know it for one."""
    line = "/opt/app/bin/export --everything --to https://app:hunter2secret@backup.example/"
    part = SCHEDULE.part
    assert part is not None
    job = ScheduledJob(span=Span("p.zip!/x", 1, 1), kind="cron job", when="every day", command_lines=(line,))
    assert "hunter" not in part.line(job)[1]


def test_columns_of_the_terminal(jobs: dict[str, ScheduledJob]) -> None:
    part = SCHEDULE.part
    assert part is not None
    assert part.line(jobs["etc/cron.weekly/app:0"])[-1] == "etc/cron.weekly/app"
    assert part.line(jobs["usr/lib/systemd/system/app.timer:2"])[2:] == (
        "as app",
        "next 2026-03-29 05:00 host time",
        "usr/lib/systemd/system/app.timer:2",
    )


def many_jobs(count: int) -> Graph:
    path = "p.zip!/etc/cron.d/many"
    jobs = tuple(
        CronJob(
            span=Span(path, number + 1, number + 1),
            dialect="system",
            expression=f"{number % 60} {number // 60 % 24} {number // 1440 + 1} * *",
            user="root",
            command="x",
        )
        for number in range(count)
    )
    return link([Entry(path=path, archive="p.zip")], {CronJob: jobs})


def test_dates_are_worked_out_for_so_many_schedules_only() -> None:
    values = [
        value
        for value in SCHEDULE.conclude(many_jobs(DATED + 5), Circumstances(NOW))
        if isinstance(value, ScheduledJob)
    ]
    assert len(values) == DATED + 5
    assert sum(1 for value in values if value.next_runs) == DATED


class Counted(tuple[CronJob, ...]):
    """Facts that count how often one of them is looked at."""

    __slots__ = ()
    looks = [0]  # noqa: RUF012  # a tuple has no place of its own for it

    def __getitem__(self, at):  # type: ignore[no-untyped-def, override]
        self.looks[0] += 1
        return super().__getitem__(at)

    def __iter__(self):  # type: ignore[no-untyped-def]
        for at in range(len(self)):
            yield self[at]


def test_the_last_job_is_found_without_a_look_at_all_others() -> None:
    jobs = Counted(many_jobs(4096).facts(CronJob))
    graph = Graph((), {CronJob: jobs})
    Counted.looks[0] = 0
    assert [job.span.first_line for job in graph.facts_in(CronJob, jobs[4000].span)] == [4001]
    assert Counted.looks[0] < 32  # a dozen of the search, and the neighbours
