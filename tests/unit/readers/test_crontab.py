"""What the crontab reader states, line by line. Debian's cron itself is asked in the oracles."""

import pytest

from pkgscan.facts.schedule import CronFileUnterminated, CronJob, CronLineRejected, Variable
from pkgscan.model import Gap
from pkgscan.readers.base import Embedded
from pkgscan.readers.crontab import LINE_LIMIT, REJECTED_LIMIT, CrontabReader
from pkgscan.testing import read


def system(content, path="package!/etc/cron.d/x"):
    return read(CrontabReader(), content, path=path, kind="crontab-system")


def user(content):
    return read(CrontabReader(), content, kind="crontab-user")


def unsure(content, path="package!/x.cron"):
    return read(CrontabReader(), content, path=path, kind="crontab")


def only(kind, readings):
    (found,) = [reading for reading in readings if isinstance(reading, kind)]
    return found


def rejected(readings):
    return [(fact.span.first_line, fact.why, fact.token) for fact in readings if isinstance(fact, CronLineRejected)]


def test_a_system_job():
    job = only(CronJob, system("# import\n\n0 3 * * *\tbilling  /opt/billing/import --all\n"))
    assert (job.dialect, job.expression, job.user, job.command) == (
        "system",
        "0 3 * * *",
        "billing",
        "/opt/billing/import --all",
    )
    assert (job.span.first_line, job.span.last_line, job.span.first_column, job.span.last_column) == (3, 3, 1, 44)
    assert job.text == "0 3 * * *\tbilling  /opt/billing/import --all"


def test_a_user_job_has_no_user_field():
    job = only(CronJob, user("  */5\t*  * * mon-fri root --quiet\n"))
    assert (job.dialect, job.expression, job.user, job.command) == ("user", "*/5 * * * mon-fri", "", "root --quiet")


@pytest.mark.parametrize(
    "name", ["@reboot", "@daily", "@midnight", "@hourly", "@weekly", "@monthly", "@yearly", "@annually"]
)
def test_names_instead_of_fields(name):
    job = only(CronJob, system(f"{name} root x\n"))
    assert (job.expression, job.command) == (name, "x")


def test_columns_of_the_command_survive_its_escapes():
    line = r"0 3 * * * root x -d \%F -e a\\b -z \n"
    embedded = only(Embedded, system(f"# one\n{line}\n"))
    assert embedded.kind == "shell-line"
    assert embedded.text == r"x -d %F -e a\b -z \n"
    for offset, character in enumerate(embedded.text):
        at = max(piece.offset for piece in embedded.segments if piece.offset <= offset)
        piece = next(piece for piece in embedded.segments if piece.offset == at)
        assert (piece.line, line[piece.column - 1 + offset - at]) == (2, character)


def test_an_escape_at_the_very_start_of_the_command():
    embedded = only(Embedded, user("@daily \\%x\n"))
    assert (embedded.text, [(piece.offset, piece.column) for piece in embedded.segments]) == ("%x", [(0, 9)])


def test_text_behind_a_bare_percent_is_standard_input():
    job = only(CronJob, user(r"0 3 * * * mail ops%Hello%100\% done" + "\n"))
    assert (job.command, job.stdin) == ("mail ops", "Hello\n100% done")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("A=b", "A", "b"),
        (" A = b c  ", "A", "b c"),
        ("A=' b c '", "A", " b c"),  # cron cuts blanks at the end, quoted or not
        ('A = "b" ', "A", "b"),
        ("'A B'=c", "A B", "c"),
        ("A=\"'b'\"", "A", "b"),
        ("A=b=c", "A", "b=c"),
        ('A=b"c', "A", 'b"c'),
        ('MAILTO=""', "MAILTO", ""),
        ("A=b\r", "A", "b"),
        ("=b", "", "b"),
    ],
)
def test_variables(line, name, value):
    (fact,) = user(f"{line}\n")
    assert isinstance(fact, Variable)
    assert (fact.name, fact.value) == (name, value)


def test_a_job_knows_the_variables_above_it_alone():
    jobs = [fact for fact in user("A=1\n@daily x\nA=2\nCRON_TZ=Asia/Tokyo\n@daily y\n") if isinstance(fact, CronJob)]
    assert jobs[0].environment == (("A", "1"),)
    assert jobs[1].environment == (("A", "2"), ("CRON_TZ", "Asia/Tokyo"))
    assert [job.time_zone for job in jobs] == ["", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("line", "why", "token"),
    [
        ("60 * * * * root x", "bad minute", "60"),
        ("0 24 * * * root x", "bad hour", "24"),
        ("0 0 32 * * root x", "bad day-of-month", "32"),
        ("0 0 1 13 * root x", "bad month", "13"),
        ("0 0 1 * 8 root x", "bad day-of-week", "8"),
        ("0 3 * * root x", "bad day-of-week", "root"),
        ("0 3 * *", "bad day-of-week", ""),
        ("5/10 * * * * root x", "bad minute", "5/10"),
        ("*/0 * * * * root x", "bad minute", "*/0"),
        ("@every 5m root x", "bad time specifier", "@every"),
        ("@Daily root x", "bad time specifier", "@Daily"),
        ("0 3 * * * /opt/x/run", "bad username", "/opt/x/run"),
        ("0 3 * * * /opt/x/run -q", "bad username", "/opt/x/run"),
        ("0 3 * * * php /opt/x/run", "bad username", "php"),
        ("0 3 * * * [ -x /opt/x/run ]", "bad username", "["),
        ("0 3 * * * root", "bad command", "root"),
        ("0 0 3 * * * root x", "bad username", "*"),
        ("echo hello", "bad minute", "echo"),
        ("A", "bad minute", "A"),
        ("A='b", "bad minute", "A='b"),
        ("\r", "bad minute", "\r"),
        ("0 3 * * * root " + "x" * 999, "command too long", ""),
    ],
)
def test_lines_that_cron_refuses(line, why, token):
    readings = system(f"{line}\n")
    assert rejected(readings) == [(1, why, token)]
    assert len(readings) == 1


def test_a_refused_line_costs_no_other():
    readings = system("nonsense here\n0 3 * * * root x\n")
    assert rejected(readings) == [(1, "bad minute", "nonsense")]
    assert only(CronJob, readings).span.first_line == 2


def test_what_another_cron_takes_is_both_refused_and_read():
    dash = system("-*/5 * * * * root x\n")
    assert only(CronLineRejected, dash).accepted_by == "cronie"
    assert (only(CronJob, dash).expression, only(Embedded, dash).segments[0].column) == ("*/5 * * * *", 19)
    group = system("@daily root:wheel x\n")
    assert only(CronLineRejected, group).accepted_by == "FreeBSD's cron"
    assert only(CronJob, group).user == "root"
    bare = system("MAILTO=\n")
    assert only(CronLineRejected, bare).accepted_by == "cronie"
    assert only(Variable, bare).value == ""


@pytest.mark.parametrize("end", ["0 3 * * * root x", "A=b"])
def test_a_last_line_without_newline(end):
    assert only(CronFileUnterminated, system(f"# x\n{end}")).span.first_line == 2


@pytest.mark.parametrize("end", ["", "# a comment", "  ", "\n"])
def test_an_end_that_cron_does_not_mind(end):
    assert not [fact for fact in system(f"@daily root x\n{end}") if isinstance(fact, CronFileUnterminated)]


def test_windows_line_ends():
    readings = system("# x\r\nA='b'\r\n0 3 * * * root /opt/x/run\r\n")
    assert only(CronJob, readings).command == "/opt/x/run"
    assert only(CronJob, readings).text.endswith("\r")
    assert only(Variable, readings).value == "b"
    assert rejected(readings) == []


def test_a_byte_order_mark_spoils_the_first_line_even_if_it_is_a_comment():
    assert rejected(system("\ufeff# x\n@daily root x\n")) == [(1, "bad minute", "byte order mark")]
    assert rejected(system("\ufeffA=b\n@daily root x\n")) == []


def test_text_that_is_not_utf_8():
    job = only(CronJob, system(b"# gr\xfc\xdfe\n0 3 * * * root /opt/m\xfcll/run\n"))
    assert (job.span.first_line, job.command) == (2, "/opt/müll/run")


@pytest.mark.parametrize(
    "line",
    [
        "{{ minute }} 3 * * * root x",
        "@MINUTE@ 3 * * * root x",
        "{% if x %}",
        "0 3 * * * @USER@ x",
        "0 3 * * * ${user} x",
    ],
)
def test_a_template_is_one_gap(line):
    readings = system(f"{line}\n{line}\n")
    assert [(type(reading), reading.effect, reading.reason) for reading in readings] == [(Gap, "partial", "template")]
    assert readings[0].span.first_line == 1


def test_a_placeholder_in_the_command_is_no_matter():
    assert only(CronJob, system("0 3 * * * root @PREFIX@/bin/x\n")).command == "@PREFIX@/bin/x"


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        ("0 3 * * * root x\n@daily www-data y --all\n", "system"),
        ("0 3 * * * /opt/x/run\n", "user"),
        ("0 3 * * * php artisan schedule:run\n", "user"),
        ("0 3 * * * backup --all\n", "user"),
        ("0 3 * * * root x\n0 3 * * * /opt/x\n0 3 * * * /opt/y z\n", "user"),
    ],
)
def test_the_dialect_of_a_file_whose_path_does_not_say(content, dialect):
    jobs = [fact for fact in unsure(content) if isinstance(fact, CronJob)]
    assert jobs
    assert {job.dialect for job in jobs} == {dialect}


@pytest.mark.parametrize(
    "content", ["# bash completion\ncomplete -F _crontab crontab\n", "#!/bin/sh\n0 3 * * * x\n", b"\x7fELF\0\0", ""]
)
def test_a_file_that_is_a_crontab_by_its_name_alone_states_nothing(content):
    assert unsure(content) == []


def test_a_sample_in_the_documentation_states_nothing():
    assert unsure("0 3 * * * root x\n", "x.deb!/data.tar.xz!/./usr/share/doc/x/examples/crontab") == []


def test_an_archive_that_lies_in_the_documentation_may_be_unpacked_anywhere():
    path = "x.deb!/data.tar.xz!/usr/share/doc/x/p.tar!/etc/cron.d/x"
    assert only(CronJob, read(CrontabReader(), "0 3 * * * root x\n", path=path, kind="crontab-system"))


def gaps(readings):
    return [(gap.effect, gap.reason, gap.span.first_line) for gap in readings if isinstance(gap, Gap)]


@pytest.mark.parametrize("comment", [b"# \0", b"#" + b"\0" * 5000, b" \t# x\0", b"#\0" + b"x" * (2 << 20)])
def test_a_nul_or_any_length_of_a_comment_hides_nothing(comment):
    readings = system(comment + b"\n@daily root x\n")
    assert gaps(readings) == []
    assert only(CronJob, readings).span.first_line == 2
    assert only(CronJob, unsure(comment + b"\n@daily root x --all\n")).command == "x --all"


@pytest.mark.parametrize("line", [b"0 3 * * * root x\0y", b"\0", b"A=b\0c", b"\0# x", b"* * * *\0 * root x"])
def test_a_nul_outside_of_comments_is_unread_and_hides_no_other_line(line):
    readings = system(line + b"\n@daily root x\n\0\n")
    assert gaps(readings) == [("unread", "binary", 1)]
    assert only(CronJob, readings).span.first_line == 2


def test_a_program_in_the_place_of_a_crontab_is_unread():
    readings = system(b"\x7fELF\2\1\1\0\0\nab\x01c\nde\n\0\0")
    assert gaps(readings) == [("unread", "binary", 1)]
    assert rejected(readings) == []


@pytest.mark.parametrize("blanks", [" " * 3000, "\t" * 3000, " \t" * (1 << 20)])
def test_blanks_in_a_row_hide_nothing(blanks):
    job = only(CronJob, system(f"{blanks}* * * * *{blanks}root{blanks}/bin/evil\n"))
    assert (job.expression, job.user, job.command) == ("* * * * *", "root", "/bin/evil")
    assert only(CronJob, unsure(f"* * * * *{blanks}/bin/evil\n")).command == "/bin/evil"


def test_a_long_file_is_read_as_far_as_cron_would():
    readings = system("# x\n" * LINE_LIMIT + "@daily root x\n@daily root y\n")
    assert rejected(readings) == [(LINE_LIMIT + 1, "crontab too long", "")]
    assert gaps(readings) == [("unread", "long-crontab", LINE_LIMIT + 1)]


@pytest.mark.parametrize("long", ["1," * 100_000, "9" * 100_000, "A=" + "b" * 100_000, "x" * 100_000])
def test_a_line_that_no_cron_would_take_is_one_gap(long):
    readings = system(f"{long}\n{long}\n@daily root x\n")
    assert gaps(readings) == [("unread", "long-line", 1)]
    assert only(CronJob, readings).span.first_line == 3


def test_a_text_that_is_no_crontab_states_a_bounded_number_of_refusals():
    assert len(rejected(system("what is this\n" * (REJECTED_LIMIT + 50)))) == REJECTED_LIMIT
