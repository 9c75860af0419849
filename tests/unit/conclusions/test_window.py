"""Which jobs start in the window, by which reading of their times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pkgscan.circumstances import Circumstances
from pkgscan.conclusions.window import conclude
from pkgscan.facts.schedule import JobInWindow, JobKind, ScheduledJob
from pkgscan.graph import Graph
from pkgscan.model import Span
from pkgscan.profile.reader import profile_of
from pkgscan.tomlfile import parse_toml

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NIGHT = 'profile = 1\n[window]\nstart = "23:00"\nend = "01:30"\n[host]\n'
BERLIN = f'{NIGHT}time_zone = "Europe/Berlin"\n'


def job(expression: str, zone: str = "", *, kind: JobKind = "cron job", delay: str = "", line: int = 1) -> ScheduledJob:
    return ScheduledJob(
        span=Span("p!/etc/cron.d/a", line, line), kind=kind, when="", expression=expression, time_zone=zone, delay=delay
    )


def found(profile: str, *jobs: ScheduledJob) -> list[JobInWindow]:
    graph = Graph((), {ScheduledJob: jobs})
    return list(conclude(graph, Circumstances(NOW, profile_of(parse_toml("p.toml", profile)))))


def told(profile: str, *jobs: ScheduledJob) -> list[tuple[int, str]]:
    return [(one.minutes[0], one.where) for one in found(profile, *jobs)]


@pytest.mark.parametrize(
    ("system", "by_host", "by_zone"),
    [
        ('os = "debian"', [(1410, "")], []),
        ('os = "rocky"', [], [(1410, "")]),
        ("", [(1410, "where cron does not know CRON_TZ")], [(1410, "where cron knows CRON_TZ")]),
    ],
)
def test_whose_time_a_cron_job_keeps(system: str, by_host: list[object], by_zone: list[object]) -> None:
    assert told(BERLIN + system, job("30 23 * * *", "America/New_York")) == by_host
    assert told(BERLIN + system, job("30 17 * * *", "America/New_York")) == by_zone


def test_both_readings_leave_no_doubt() -> None:
    assert told(BERLIN, job("0 23 * * *", "UTC")) == [(1380, "")]


def test_a_timer_keeps_its_zone_everywhere() -> None:
    assert told(f'{BERLIN}os = "debian"', job("*-*-* 21:30:00 UTC", "UTC", kind="timer")) == [(1410, "")]


def test_nothing_in_another_zone_is_placed_where_that_of_the_host_is_not_known() -> None:
    assert told(NIGHT, job("30 23 * * *", "America/New_York")) == [(1410, "where cron does not know CRON_TZ")]
    assert told(f'{NIGHT}os = "fedora"', job("30 23 * * *", "America/New_York")) == []


def test_an_unknown_zone_costs_no_other_job() -> None:
    assert told(f'{BERLIN}os = "fedora"', job("5 5 * * *", "Mars/X"), job("30 23 * * *", line=2)) == [(1410, "")]


@pytest.mark.parametrize("calendar", ["2026-12-25 23:30:00", "*-*-* 23:30:30", "*-*~01 23:30:00"])
def test_what_no_schedule_can_say_is_reckoned_date_by_date(calendar: str) -> None:
    assert told(BERLIN, job(calendar, kind="timer")) == [(1410, "")]


def test_only_if_it_is_put_off() -> None:
    (one,) = found(BERLIN, job("*-*-* 22:30:00", kind="timer", delay="2h"))
    assert (one.minutes[0], one.only_late) == (1380, True)
    (one,) = found(BERLIN, job("*-*-* 23:30:00", kind="timer", delay="1 h 30 min"))
    assert not one.only_late


def test_what_starts_all_day_is_named_beside_the_others() -> None:
    (one,) = found(BERLIN, *(job("*/5 * * * *", line=line) for line in range(1, 9)), job("30 23 * * *", line=9))
    assert [other.span.first_line for other in one.others] == [1, 2, 3]
    assert found(BERLIN, job("*/5 * * * *")) == []


def test_thousands_of_jobs_are_looked_at_once_each() -> None:
    """Each beside each other one, and date by date, took minutes."""
    assert len(found(BERLIN, *(job("0 21 * * *", "UTC", line=line) for line in range(1, 4001)))) == 4000
