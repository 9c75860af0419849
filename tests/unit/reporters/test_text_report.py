"""The text report: its shape, its order, its widths and colours."""

import re

import msgspec
import pytest
from report_samples import ADDED, CRON, GAPS, INNER, MANY, NONE, ONE, OPTIONS, RETIRED, THREE, UNROTATED, sample

from pkgscan.model import Gap, Related, Span
from pkgscan.report import Gate
from pkgscan.reporters.base import Options
from pkgscan.reporters.text import render, render_findings
from pkgscan.reporters.text.findings import SHOWN_A_RULE
from pkgscan.reporters.text.lines import columns, pad, place, wrap

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def at(width: int = 100, **changes: bool) -> Options:
    return msgspec.structs.replace(OPTIONS, width=width, **changes)


def test_a_finding_stands_as_documented() -> None:
    finding = msgspec.structs.replace(
        RETIRED,
        span=Span("p.zip!/opt/app/import.sh", 12, 12),
        related=(
            Related(Span("p.zip!/etc/cron.d/import", 3, 3), "started by cron job at 03:00"),
            Related(Span("profile.toml", 9, 9), "retired here"),
        ),
    )
    assert render_findings([finding]) == (
        "high  retired-host-contact  opt/app/import.sh:12\n"
        "      sftp contacts sftp-old, retired on 2026-03-01\n"
        "      etc/cron.d/import:3  started by cron job at 03:00\n"
        "      profile.toml:9       retired here\n"
    )


def test_no_findings_are_no_text() -> None:
    assert render_findings([]) == ""


def test_findings_stand_in_order_of_severity_rule_and_place() -> None:
    later = msgspec.structs.replace(RETIRED, span=Span("p.zip!/z", 1, 1))
    told = render_findings([ADDED, later, UNROTATED, RETIRED])
    heads = [line.split()[:3] for line in told.splitlines() if not line.startswith(" ")]
    assert [(head[0], head[1]) for head in heads] == [
        ("high", "retired-host-contact"),
        ("high", "retired-host-contact"),
        ("medium", "unrotated-log"),
        ("info", "scheduled-job-added"),
    ]
    assert [head[2] for head in heads[:2]] == ["z:1", "payload.tar.gz!/opt/app/import.sh:12"]


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span("p.zip!/a", 3, 3), "a:3"),
        (Span("p.zip!/a", 3, 5), "a:3-5"),
        (Span("p.zip!/i.tar!/a"), "i.tar!/a"),
        (Span("p.zip!/a", first_byte=16, last_byte=20), "a at byte 16"),
        (Span("p.zip"), "p.zip"),
        (Span("p.zip!/\x1b[1m\u202ex"), "\\x1b[1m\\u202ex"),
        (None, "the package"),
    ],
)
def test_places(span: Span | None, shown: str) -> None:
    assert place(span) == place(span, "p.zip!/") == shown


def test_a_place_of_another_input_keeps_its_name() -> None:
    assert place(Span("old.zip!/a"), "p.zip!/") == "old.zip!/a"


def test_nothing_found_is_said_in_four_lines() -> None:
    lines = render(NONE, at()).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("PASS  vendor-upgrade-4.2.1.zip  11.8 MiB")
    assert lines[2:] == ["no findings", "", "PASS nothing at high or above (exit 0)"]


def test_a_remedy_stands_once_a_rule_however_many_findings() -> None:
    text = render(MANY, at())
    assert text.count("Ask the vendor for the successor") == 1
    assert text.count("high  retired-host-contact") == SHOWN_A_RULE
    assert f"... and {100 - SHOWN_A_RULE} more of retired-host-contact (-v shows all)" in text
    assert render(MANY, at(verbose=True)).count("high  retired-host-contact") == 100


def test_rows_of_a_part_stand_in_columns() -> None:
    lines = render(ONE, at()).splitlines()
    first, second = lines[lines.index("Schedule") + 1 :][:2]
    assert first.split("  ")[1] == "every day at 03:00"
    assert [first.index(word) for word in ("root", "/opt", "etc/")] == [
        second.index(word) for word in ("app ", "/opt", "etc/")
    ]


def test_gaps_of_one_archive_and_reason_are_told_together() -> None:
    text = render(sample(gaps=GAPS), at())
    assert "unread  encrypted (5 places in keys.zip)" in text
    assert text.count("needs a password") == 3
    assert render(sample(gaps=GAPS), at(verbose=True)).count("needs a password") == 5


def test_entries_of_an_archive_that_are_understood_in_part_are_one_line() -> None:
    def unread(name: str, line: int = 0) -> Gap:
        span = Span(f"p.zip!/in.tar!/{name}", line, line)
        return Gap(effect="partial", stage="read", reason="no-reader", detail="not read", span=span)

    told = render(sample(gaps=(unread("bin/a"), unread("bin/b"), unread("bin/c"))), at(0)).splitlines()
    (line,) = (line for line in told if "no-reader" in line)
    assert line == "  partial  no-reader  3 places in p.zip!/in.tar, such as bin/a: not read"
    assert not [line for line in told if "bin/b" in line]
    narrow = render(sample(gaps=(unread("bin/" + "a " * 90), unread("bin/b"))), at(60)).splitlines()
    assert max(columns(line) for line in narrow[narrow.index("Not seen or not understood") :]) <= 60
    everything = render(sample(gaps=(unread("bin/a"), unread("bin/b"))), at(0, verbose=True))
    assert everything.count("not read") == 2
    lines_of_a_script = render(sample(gaps=(unread("bin/a", 3), unread("bin/b", 4))), at(0))
    assert "bin/b:4" in lines_of_a_script


def test_an_expired_acceptance_is_loud_and_other_notes_are_not() -> None:
    lines = render(THREE, at()).splitlines()
    assert lines[3] == "! the acceptance of unrotated-log at etc/cron.d/old expired on 2026-01-31"
    assert lines.index("Notes") > lines.index("Not seen or not understood")


def test_accepted_findings_are_counted_and_listed_only_when_asked() -> None:
    quiet, full = render(THREE, at()), render(THREE, at(0, verbose=True))
    assert "1 accepted earlier (-v lists them)" in quiet
    assert "etc/cron.d/clean" not in quiet
    assert "3 findings" in quiet
    assert "rotated by the host's own rules (ops, until 2027-01-31)" in full


@pytest.mark.parametrize(
    ("gate", "line"),
    [
        (Gate("pass", "high", 0, 0, 0), "PASS nothing at high or above (exit 0)"),
        (Gate("pass", "never", 0, 0, 0), "PASS no severity fails the gate (exit 0)"),
        (Gate("fail", "medium", 2, 0, 1), "FAIL 2 findings at medium or above (exit 1)"),
        (Gate("fail", "high", 1, 1, 1), "FAIL 1 finding at high or above, and 1 gap left bytes unseen (exit 1)"),
        (
            Gate("incomplete", "high", 0, 2, 3),
            "INCOMPLETE 2 gaps left bytes unseen, so nothing can be said about them (exit 3)",
        ),
        (Gate("error", "high", 0, 0, 4), "ERROR pkgscan itself failed, see the gaps (exit 4)"),
    ],
)
def test_the_last_line_says_why(gate: Gate, line: str) -> None:
    assert render(sample(gate=gate), at()).splitlines()[-1] == line


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ((), "sandbox: none"),
        (("child process", "resource limits"), "sandbox: child process, resource limits; not landlock, seccomp"),
        (
            ("child process", "resource limits without memory", "landlock", "seccomp"),
            "sandbox: child process, resource limits without memory, landlock, seccomp",
        ),
        (
            ("child process", "resource limits", "landlock v7"),
            "sandbox: child process, resource limits, landlock v7; not seccomp",
        ),
    ],
)
def test_the_sandbox_is_named_when_it_is_weak(layers: tuple[str, ...], line: str) -> None:
    assert line in render(sample(sandbox=layers), at()).splitlines()


def test_the_usual_sandbox_is_named_only_when_asked() -> None:
    assert "sandbox" not in render(NONE, at())
    assert "sandbox: child process, resource limits, landlock, seccomp" in render(NONE, at(verbose=True))
    full = sample(sandbox=("child process", "resource limits", "landlock v7", "seccomp"))
    assert "sandbox" not in render(full, at())
    told = render(full, at(verbose=True)).splitlines()
    assert "sandbox: child process, resource limits, landlock v7, seccomp" in told


def test_colour_adds_nothing_but_colour() -> None:
    plain, coloured = render(THREE, at()), render(THREE, at(color=True))
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in coloured
    assert ANSI.sub("", coloured).splitlines() == plain.splitlines()


@pytest.mark.parametrize("width", [60, 72, 100, 200])
def test_prose_keeps_to_the_width(width: int) -> None:
    long = " ".join(f"word{n}" for n in range(60))
    finding = msgspec.structs.replace(RETIRED, message=long, remedy=long, related=(Related(Span(CRON, 3), long),))
    text = render(
        sample(finding, notes=(long,), gaps=(Gap(effect="partial", stage="read", reason="x", detail=long),)), at(width)
    )
    body = [line for line in text.splitlines() if "word" in line]
    assert max(map(len, body)) <= width
    assert min(len(line) for line in body if "word0 " in line) > width / 3


def test_width_zero_wraps_nothing() -> None:
    long = " ".join(f"word{n}" for n in range(60))
    assert long in render(sample(msgspec.structs.replace(RETIRED, message=long)), at(0))


def test_widths_count_columns_not_letters() -> None:
    assert columns("日本") == 4
    assert columns("e\u0301") == 1
    assert pad("日", 4) == "日  "
    assert [columns(line) for line in wrap("日本 日本 " * 10, 40)] == [39, 39, 19]


def test_the_line_itself_is_shown_once_and_cut_to_the_width() -> None:
    text = render(ONE, at(60))
    (cut,) = (line for line in text.splitlines() if "12 |" in line)
    assert cut.startswith('      12 | sftp -b "$BATCH" import@sftp-old >>/var/log/')
    assert (cut[-3:], len(cut)) == ("...", 60)
    quoting = msgspec.structs.replace(
        RETIRED, message='runs sftp -b "$BATCH" import@sftp-old >>/var/log/app/import.log 2>&1'
    )
    assert "12 |" not in render(sample(quoting), at())


def test_hostile_strings_stay_on_their_line() -> None:
    finding = msgspec.structs.replace(RETIRED, message="a\nPASS\x1b[2J", span=Span(f"{INNER}!/x\n\u202ey", 1))
    text = render(sample(finding), at())
    assert "a\\x0aPASS\\x1b[2J" in text
    assert all(line.isprintable() for line in text.splitlines())
