"""The text report: its shape, its order, its widths and colours."""

import re

import msgspec
import pytest
from report_samples import (
    ACCEPTED,
    ADDED,
    CRON,
    GAPS,
    INNER,
    JOBS,
    MANY,
    NONE,
    ONE,
    OPTIONS,
    RETIRED,
    THREE,
    UNROTATED,
    rule_info,
    sample,
)

from pkgscan.model import Gap, Related, Span
from pkgscan.report import Gate
from pkgscan.reporters.base import Options
from pkgscan.reporters.text import render, render_findings
from pkgscan.reporters.text.findings import SHOWN_A_RULE
from pkgscan.reporters.text.lines import columns, pad, place, wrap
from pkgscan.suppress import NEVER_ACCEPTED

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
    assert lines[0].startswith("vendor-upgrade-4.2.1.zip  11.8 MiB, sha256 9f86d081")
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
    assert "unread  encrypted  (5 places in keys.zip)" in text
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
            Gate("incomplete", "high", 0, 5, 3),
            "INCOMPLETE 5 gaps left bytes unseen, so nothing can be said about them (exit 3)",
        ),
        (
            Gate("incomplete", "high", 0, 6, 3),
            "INCOMPLETE 5 gaps left bytes unseen, and 1 place seen but not understood in full (exit 3)",
        ),
        (Gate("error", "high", 0, 0, 4), "ERROR pkgscan itself failed, see the gaps (exit 4)"),
    ],
)
def test_the_last_line_says_why(gate: Gate, line: str) -> None:
    assert render(sample(gaps=GAPS, gate=gate), at(0, verbose=True)).splitlines()[-1] == line


def test_gaps_that_are_partial_alone_left_no_bytes_unseen() -> None:
    gate = Gate("incomplete", "high", 0, 1, 3)
    last = render(sample(gaps=GAPS[5:6], gate=gate), at(0, verbose=True)).splitlines()[-1]
    assert last == "INCOMPLETE 1 place seen but not understood in full (exit 3)"


def test_fingerprints_are_shown_when_asked_and_the_last_line_says_so_when_something_failed() -> None:
    quiet, full = render(THREE, at()), render(THREE, at(verbose=True))
    for mark in (RETIRED.fingerprint, ADDED.fingerprint, UNROTATED.fingerprint, *(gap.fingerprint for gap in GAPS)):
        assert f"fingerprint {mark}\n" in full
        assert f"fingerprint {mark}\n" not in quiet
    hint = "-v shows fingerprints for suppress add"
    assert render(ONE, at()).splitlines()[-1] == f"FAIL 1 finding at high or above (exit 1); {hint}"
    assert hint not in full
    assert hint not in render(NONE, at())


AGAIN = "get the package again and compare its checksum with the vendor's"
UNPACK = "unpack what is not read here and scan what comes out"
ACCEPT = "-v shows fingerprints for suppress add"


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        (["truncated"], AGAIN),
        (["damaged", "bad-checksum", "truncated"], AGAIN),
        (["encrypted"], "decrypt what is encrypted and scan what comes out"),
        (["unsupported-format"], UNPACK),
        (["multi-volume", "unsupported-method"], f"join the parts and scan the whole; {UNPACK}"),
        (["limit-entry"], "raise the limit with --limit entry=N"),
        (["limit-toc"], UNPACK),
        (["timeout"], "give it more time with --timeout"),
        (["link-not-followed"], "look at what the links lead to"),
        (["overlap", "truncated"], f"{AGAIN}; {ACCEPT}"),
        (["truncated", "encrypted", "multi-volume", "timeout"], None),
    ],
)
def test_the_last_line_says_what_fits_the_reasons(reasons: list[str], told: str | None) -> None:
    details = {"limit-entry": "an entry of over 9 bytes; raise it with --limit entry=N", "limit-toc": "too many"}
    gaps = tuple(
        Gap(
            effect="unread", stage="walk", reason=reason, detail=details.get(reason, "x --limit y=N"), span=Span("p!/x")
        )
        for reason in reasons
    )
    last = render(sample(gaps=gaps, gate=Gate("incomplete", "high", 0, len(gaps), 3)), at(0)).splitlines()[-1]
    advice = last.partition(" (exit 3); ")[2]
    assert advice == told if told is not None else len(advice.split("; ")) == 3  # the most there are


@pytest.mark.parametrize("reason", ["shared-header", "no-local-header", "decoder-crash", "analyser-crash", "timeout"])
def test_nobody_is_told_to_accept_what_cannot_be_accepted(reason: str) -> None:
    assert reason in NEVER_ACCEPTED
    gap = Gap(effect="unread", stage="walk", reason=reason, detail="x", span=Span("p!/x"))
    assert ACCEPT not in render(sample(gaps=(gap,), gate=Gate("incomplete", "high", 0, 1, 3)), at(0))


def test_a_limit_that_no_option_raises_is_to_be_accepted() -> None:
    gap = Gap(effect="unread", stage="read", reason="limit-facts", detail="over 9 facts", span=Span("p!/x"))
    last = render(sample(gaps=(gap,), gate=Gate("incomplete", "high", 0, 1, 3)), at(0)).splitlines()[-1]
    assert last.endswith(f"(exit 3); {ACCEPT}")


def test_what_is_accepted_or_counts_less_asks_for_nothing() -> None:
    cut = Gap(effect="unread", stage="walk", reason="truncated", detail="x", span=Span("p!/x"))
    line = Gap(effect="partial", stage="read", reason="no-parser-took-it", detail="x", span=Span("p!/y"))
    gate = Gate("incomplete", "high", 0, 1, 3)
    assert render(sample(gaps=(cut, line), gate=gate), at(0)).splitlines()[-1].endswith(f"(exit 3); {AGAIN}")
    assert render(sample(gaps=(line,), gate=gate), at(0)).splitlines()[-1].endswith(f"(exit 3); {ACCEPT}")
    failed = Gate("fail", "high", 1, 1, 1)
    assert render(sample(gaps=(cut,), gate=failed), at(0)).splitlines()[-1].endswith(f"(exit 1); {ACCEPT}")


@pytest.mark.parametrize(("stage", "preview", "mark"), [
    ("preview", False, "  (preview, not counted)"),
    ("deprecated", True, "  (deprecated, not counted)"),
    ("preview", True, ""),
    ("stable", False, ""),
])  # fmt: skip
def test_what_the_gate_does_not_count_is_marked(stage: str, mark: str, *, preview: bool) -> None:
    rule = msgspec.structs.replace(rule_info(RETIRED.rule), stage=stage)
    gate = Gate("pass", "high", 0, 0, 0, preview)
    lines = render(sample(RETIRED, rules=(rule,), gate=gate), at()).splitlines()
    assert f"high  retired-host-contact  payload.tar.gz!/opt/app/import.sh:12{mark}" in lines


def test_the_head_says_what_was_only_listed_and_what_was_accepted() -> None:
    lines = render(sample(ACCEPTED), at()).splitlines()
    assert lines[1] == "312 entries, 43.6 MiB unpacked; 48 read in detail, 264 only listed"
    assert lines[2] == "no findings, 1 accepted"
    assert render(THREE, at()).splitlines()[1].endswith("48 read in detail, 1 in part, 258 only listed, 5 not seen")


def test_a_directory_has_no_size() -> None:
    package = msgspec.structs.replace(NONE.package, path="/srv/incoming/", sha256="", size=0)
    assert render(sample(package=package), at()).splitlines()[0] == "incoming  a directory"


def test_a_file_that_was_not_read_is_no_directory() -> None:
    package = msgspec.structs.replace(NONE.package, path="/srv/app.zip", sha256="", size=2048)
    assert render(sample(package=package), at()).splitlines()[0] == "app.zip  2.0 KiB, not read to its end"


@pytest.mark.parametrize("width", [1, 40, 60, 80, 100, 160])
def test_every_line_keeps_to_the_width_and_loses_nothing(width: int) -> None:
    deep = "opt/" + "component-of-a-path/" * 12 + "x" * 120
    finding = msgspec.structs.replace(
        RETIRED, span=Span(f"{INNER}!/{deep}", 1), related=(Related(Span(f"{INNER}!/{deep}", 2), "started by it"),)
    )
    gaps = (*GAPS, *(msgspec.structs.replace(gap, span=Span(f"{INNER}!/{deep}")) for gap in (GAPS[0], GAPS[5])))
    jobs = [{**job, "starts": f"/{deep}"} for job in JOBS]
    package = msgspec.structs.replace(NONE.package, path="/srv/" + "long-name-" * 20 + ".zip")
    report = sample(finding, ACCEPTED, gaps=gaps, package=package, parts={"schedule": jobs}, sandbox=("child process",))
    for verbose in (False, True):
        text = render(report, at(width, verbose=verbose))
        assert max(columns(line) for line in text.splitlines()) <= max(width, 40)
        joined = re.sub(r"\s+", "", text)
        wide = re.sub(r"\s+", "", render(report, at(0, verbose=verbose)))
        assert sorted(joined) == sorted(wide)


def test_rows_without_room_go_on_below_aligned() -> None:
    lines = render(ONE, at(60)).splitlines()
    start = lines.index("Schedule")
    assert lines[start + 1 : start + 5] == [
        "  every day at 03:00  root  /opt/app/import.sh",
        "      etc/cron.d/import:3",
        "  at minute 5 of every hour, Monday to Friday  app",
        "      /opt/app/clean.sh  etc/cron.d/import:4",
    ]


def test_a_long_word_breaks_after_a_slash() -> None:
    assert wrap("see etc/cron.d/import-of-data:3 there", 16) == ["see etc/cron.d/", "import-of-data:3", "there"]
    assert wrap("x" * 10, 4) == ["xxxx", "xxxx", "xx"]
    assert wrap("日本日", 3) == ["日", "本", "日"]
    assert wrap("one two", 7, 3) == ["one", "two"]


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
