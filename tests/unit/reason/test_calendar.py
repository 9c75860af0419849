"""Schedules: words, windows, oddities and dates. What cron accepts is compared with cron itself in the oracles."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pkgscan.reason.calendar import (
    ScheduleError,
    calendar_words,
    ever_starts,
    members,
    next_calendar_runs,
    next_runs,
    oddities,
    parse,
    words,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 3 * * *", "every day at 03:00"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
        ("5-59/15 * * * *", "every 15 minutes from 00:05"),
        ("5 * * * *", "every hour at :05"),
        ("5,20 * * * *", "every hour at :05 and :20"),
        ("*/7 * * * *", "at every 7th minute from 0 to 56 of every hour"),
        ("0-9 * * * *", "at minutes 0 to 9 of every hour"),
        ("30 7 * * 1-5", "on weekdays at 07:30"),
        ("30 7 * * 6,7", "on weekends at 07:30"),
        ("25 6 * * 7", "every Sunday at 06:25"),
        ("25 6 * * tue,THU", "every Tuesday and Thursday at 06:25"),
        ("0 4 1 * *", "on the 1st of the month at 04:00"),
        ("0 4 1,15 * *", "on the 1st and 15th of the month at 04:00"),
        ("0 4 1-7,22 jan *", "on the 1st to 7th and 22nd of January at 04:00"),
        ("0 4 */3 * *", "on every 3rd day from the 1st to the 31st of the month at 04:00"),
        ("0 4 * 6-8 *", "every day in June, July and August at 04:00"),
        ("0 4 * 1 0", "every Sunday in January at 04:00"),
        ("0 8-18/2 * * 1-5", "every 2 hours from 08:00 to 18:00, on weekdays"),
        ("10 0,12 * * *", "at 00:10 and 12:10 every day"),
        ("10 */6 * * *", "every 6 hours from 00:10"),
        ("10 8-18 * * *", "every hour from 08:10 to 18:10"),
        ("*/20 8-18 * * 1,3", "every 20 minutes from 08:00 to 18:40, on Mondays and Wednesdays"),
        ("*/20 3 * * *", "every 20 minutes from 03:00 to 03:40"),
        ("* 3 * * *", "every minute from 03:00 to 03:59"),
        ("*/2 1,3,6 * * *", "every 2 minutes of the hours 1, 3 and 6"),
        ("0 0 */15 * 1", "on the 1st, 16th and 31st of the month if that is a Monday at 00:00"),
        ("0 0 13 * 5", "on the 13th of the month and every Friday at 00:00"),
        ("0 0 31 2 *", "never"),
        ("0 22-2 * * *", "never"),
        ("@reboot", "when the system starts"),
        ("@hourly", "every hour at :00"),
        ("@daily", "every day at 00:00"),
        ("@weekly", "every Sunday at 00:00"),
        ("@monthly", "on the 1st of the month at 00:00"),
        ("@yearly", "on the 1st of January at 00:00"),
    ],
)
def test_words(expression, expected):
    assert words(parse(expression)) == expected


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ("daily", "every day at 00:00"),
        ("weekly", "every Monday at 00:00"),
        ("Mon..Fri 08:00", "on weekdays at 08:00"),
        ("*:0/15", "every 15 minutes"),
        ("*-*-* 03:00:00", "every day at 03:00"),
        ("Sat,Sun 06:30 Europe/Berlin", "on weekends at 06:30 (Europe/Berlin)"),
        ("*-01,07-01", "on the 1st of January and July at 00:00"),
        ("Mon *-*-1..7 04:00", "on the 1st to 7th of the month if that is a Monday at 04:00"),
        ("*-*-* 03:00:30", "at *-*-* 03:00:30"),
        ("*-*~01 03:00", "at *-*~01 03:00"),
        ("2027-01-01", "at 2027-01-01"),
    ],
)
def test_words_of_systemd_calendars(calendar, expected):
    assert calendar_words(calendar) == expected


@pytest.mark.parametrize("calendar", ["", "25:00", "x", "Mon," * 5000, "03:00 Nowhere/Land", "*:0/0"])
def test_a_calendar_that_systemd_refuses(calendar):
    with pytest.raises(ScheduleError):
        calendar_words(calendar)


@pytest.mark.parametrize(
    ("expression", "kinds"),
    [
        ("*/61 * * * *", ["large-step"]),
        ("*/60 * * * *", ["large-step"]),
        ("0 */24 * * *", ["large-step"]),
        ("1-5/10 * * * *", ["large-step"]),
        ("0 22-2 * * *", ["reversed-range"]),
        ("0 22-2,5 * * *", ["reversed-range"]),
        ("0 0 31 2 *", ["never"]),
        ("0 0 30,31 2 *", ["never"]),
        ("0 0 31 4,6,9,11 *", ["never"]),
        ("0 0 13 * 5", ["either-day"]),
        ("0 0 */2 * 1", ["both-days"]),
        ("* 3 * * *", ["every-minute"]),
        ("* */2 * * *", ["every-minute"]),
        ("0 6 * * 5#2", ["ignored-text"]),
        ("0 3 * * *", []),
        ("*/59 * * * *", []),
        ("*/7 * * * *", []),
        ("* * * * *", []),
        ("* 8-18 * * *", []),
        ("* */1 * * *", []),
        ("0 0 29 2 *", []),
        ("0 0 * * */7", []),
        ("0 0 1-31 * 1", []),
        ("5-5 * * * *", []),
        ("0 0 31 2 1", ["either-day"]),
        ("@daily", []),
        ("@reboot", []),
    ],
)
def test_oddities(expression, kinds):
    assert [oddity.kind for oddity in oddities(parse(expression))] == kinds


def test_seven_and_nought_are_sunday():
    assert parse("0 0 * * 7").weekdays == parse("0 0 * * sun").weekdays == 1
    assert members(parse("0 0 * * 5-7").weekdays) == (0, 5, 6)


def test_an_error_says_what_cron_says():
    with pytest.raises(ScheduleError) as raised:
        parse("0 25 * * *")
    assert raised.value.why == "bad hour"


def test_a_number_of_any_length_costs_nothing():
    with pytest.raises(ScheduleError):
        parse("9" * 100_000 + " * * * *")


def local(*parts):
    return datetime(*parts, tzinfo=BERLIN)


def test_next_runs_are_in_the_zone_asked_for():
    runs = next_runs(parse("0 3 * * *"), datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin", 2)
    assert runs == (local(2026, 7, 2, 3), local(2026, 7, 3, 3))
    assert [run.utcoffset().seconds for run in runs] == [7200, 7200]


def test_a_fixed_job_runs_once_in_the_night_the_clocks_go_back():
    runs = next_runs(parse("30 2 * * *"), local(2026, 10, 24, 12), BERLIN, 2)
    assert [(run.day, run.hour, run.minute) for run in runs] == [(25, 2, 30), (26, 2, 30)]


@pytest.mark.parametrize("expression", ["@reboot", "0 0 31 2 *", "0 22-2 * * *"])
def test_what_never_comes_has_no_dates(expression):
    assert next_runs(parse(expression), datetime(2026, 1, 1, tzinfo=UTC), UTC, 3) == ()


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        (
            "*/61 * * * *",
            datetime(2026, 1, 1, 1, tzinfo=UTC),
        ),  # cronsim itself takes the step differently or not at all
        ("0 6 * * 5#2", datetime(2026, 1, 2, 6, tzinfo=UTC)),  # to cronsim the second Friday, to cron every one
        ("0 22-2,5 * * *", datetime(2026, 1, 1, 5, tzinfo=UTC)),
        ("0 0 */2 * 1", datetime(2026, 1, 5, tzinfo=UTC)),
        ("@weekly", datetime(2026, 1, 4, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_next_run_of_odd_expressions(expression, first):
    assert next_runs(parse(expression), datetime(2026, 1, 1, tzinfo=UTC), UTC, 1) == (first,)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "/etc/localtime", "", "Europe", "x\0y"])
def test_an_unknown_time_zone_is_an_error_of_the_schedule(zone):
    with pytest.raises(ScheduleError):
        next_runs(parse("@daily"), datetime(2026, 1, 1, tzinfo=UTC), zone, 1)


def test_next_runs_of_a_calendar_with_its_own_zone():
    (run,) = next_calendar_runs("03:00 Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC), UTC, 1)
    assert run == datetime(2026, 7, 1, 1, tzinfo=UTC)
    assert run.tzinfo is UTC


def test_a_calendar_in_the_past_has_no_dates():
    assert next_calendar_runs("2020-01-01", datetime(2026, 1, 1, tzinfo=UTC), UTC, 3) == ()


def test_the_last_day_of_a_leap_february_comes():
    assert ever_starts(parse("0 0 29 2 *"))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
@pytest.mark.parametrize(
    "runs", [lambda *of: next_runs(parse("0 3 * * *"), *of), lambda *of: next_calendar_runs("daily", *of)]
)
def test_no_date_lies_past_the_end_of_the_calendar(runs, zone):
    assert runs(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), zone, 3) == ()


def test_dates_before_the_end_of_the_calendar_are_kept():
    runs = next_runs(parse("0 3 * * *"), datetime(9999, 12, 30, tzinfo=UTC), "UTC", 3)
    assert [run.day for run in runs] == [30, 31]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin"])
def test_a_zone_where_it_is_already_the_year_10000_has_no_dates(zone):
    with pytest.raises(ScheduleError):
        next_runs(parse("@daily"), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), zone, 1)
