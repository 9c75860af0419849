from __future__ import annotations

import pytest

from pkgscan.facts.shell import Command
from pkgscan.facts.systemd import UnitDirectiveRejected, UnitService, UnitTimer
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Embedded, Reader, Reading, Source
from pkgscan.readers.unit import LINE_LIMIT, ServiceReader, TimerReader
from pkgscan.reading import EntryReader
from pkgscan.registry import load
from pkgscan.values import Literal, VariableRef, shown


def read(reader: Reader, text: str, member: str = "lib/systemd/system/app.timer") -> list[Reading]:
    return list(reader.read(Source(Entry(path=f"p.tar!/{member}", archive="p.tar"), "unit", text.encode())))


def timer(text: str, member: str = "lib/systemd/system/app.timer") -> UnitTimer:
    (found,) = (reading for reading in read(TimerReader(), text, member) if isinstance(reading, UnitTimer))
    return found


def commands(line: str) -> list[list[str]]:
    readings = read(ServiceReader(), f"[Service]\nExecStart={line}\n")
    return [[shown(word) for word in reading.words] for reading in readings if isinstance(reading, Command)]


def test_timer_with_all_it_says() -> None:
    found = timer(
        "[Unit]\nOnCalendar=ignored here\n[Timer]\nOnCalendar=daily\n  OnCalendar = Mon 03:00 \nOnBootSec=5min\n"
        "RandomizedDelaySec=1h\nPersistent=true\nUnit=other.service\n"
    )
    assert [(calendar, span.first_line) for calendar, span in found.calendars] == [("daily", 4), ("Mon 03:00", 5)]
    assert found.monotonic == (("OnBootSec", "5min"),)
    assert (found.unit, found.starts) == ("app.timer", "other.service")
    assert (found.randomized_delay, found.persistent) == ("1h", True)


def test_an_empty_assignment_drops_times_of_either_sort() -> None:
    found = timer("[Timer]\nOnCalendar=daily\nOnBootSec=1\nOnCalendar=\nOnUnitActiveSec=2\n")
    assert found.calendars == ()
    assert found.monotonic == (("OnUnitActiveSec", "2"),)


def test_a_refused_calendar_is_said_and_left_out() -> None:
    readings = read(TimerReader(), "[Timer]\nOnCalendar=*-*-* 25:00\nOnCalendar=weekly\n")
    (rejected,) = (reading for reading in readings if isinstance(reading, UnitDirectiveRejected))
    assert (rejected.value, rejected.span.first_line) == ("*-*-* 25:00", 2)
    assert [calendar for calendar, _ in timer("[Timer]\nOnCalendar=x\nOnCalendar=weekly").calendars] == ["weekly"]


def test_a_placeholder_is_no_refused_calendar() -> None:
    found, gap = (read(TimerReader(), f"[Timer]\nOnCalendar={value}\n")[0] for value in ("at @ noon", "@WHEN@"))
    assert isinstance(found, UnitDirectiveRejected)
    assert isinstance(gap, Gap)
    assert (gap.effect, gap.reason, gap.detail) == (
        "partial", "template", "@WHEN@ stands for a value that is filled in elsewhere",
    )  # fmt: skip


def test_a_specifier_leaves_a_calendar_open() -> None:
    assert [calendar for calendar, _ in timer("[Timer]\nOnCalendar=%i\n").calendars] == ["%i"]


@pytest.mark.parametrize(
    ("member", "unit", "starts"),
    [
        ("etc/systemd/system/backup@.timer", "backup@.timer", "backup@.service"),
        ("etc/systemd/system/app.timer.d/override.conf", "app.timer", "app.service"),
    ],
)
def test_which_unit_a_file_belongs_to(member: str, unit: str, starts: str) -> None:
    found = timer("[Timer]\nOnCalendar=daily\n", member)
    assert (found.unit, found.starts) == (unit, starts)


def test_kinds_of_units_and_drop_ins() -> None:
    table = KindTable((*TimerReader.kinds, *ServiceReader.kinds))
    assert table.identify("lib/systemd/system/a.timer", b"") == "unit-timer"
    assert table.identify("etc/systemd/system/a.timer.d/x.conf", b"") == "unit-timer"
    assert table.identify("etc/systemd/system/a.service.d/x.conf", b"") == "unit-service"
    assert table.identify("etc/app.d/x.conf", b"") == "text"


def test_service_with_continued_lines_and_comments_between() -> None:
    text = "[Service]\nUser=app\nExecStartPre=-/bin/a \\\n# no\n  ; no\n  'b c'\nExecStart=/bin/d\nExecStop=\n"
    readings = read(ServiceReader(), text, "etc/app.service")
    service = readings[0]
    assert isinstance(service, UnitService)
    assert (service.unit, service.user) == ("app.service", "app")
    assert [(directive, span.first_line, span.last_line) for directive, _, span in service.commands] == [
        ("ExecStartPre", 3, 6),
        ("ExecStart", 7, 7),
    ]
    first = readings[1]
    assert isinstance(first, Command)
    assert [shown(word) for word in first.words] == ["/bin/a", "b c"]
    assert (first.span.first_line, first.span.first_column, first.span.last_line, first.span.last_column) == (
        3,
        15,
        6,
        7,
    )


def test_an_empty_exec_line_drops_those_before_it() -> None:
    readings = read(ServiceReader(), "[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\n")
    assert [reading.words for reading in readings if isinstance(reading, Command)] == [(Literal("/bin/b"),)]


def test_prefixes_variables_and_several_commands() -> None:
    assert commands("@/bin/a zero one ; -!!/bin/b two") == [["/bin/a", "one"], ["/bin/b", "two"]]
    readings = read(ServiceReader(), "[Service]\nExecStart=/bin/a $B ${C}d $$ e$F %i\n")
    (command,) = (reading for reading in readings if isinstance(reading, Command))
    assert command.words[1] == VariableRef("B")
    assert [shown(word) for word in command.words[2:]] == ["$Cd", "$", "e$F", "%i"]
    assert commands(":/bin/a $B") == [["/bin/a", "$B"]]


def test_a_shell_string_is_handed_on_with_its_place() -> None:
    readings = read(ServiceReader(), "[Service]\nExecStart=/bin/sh -c 'a \"$$B\" \\\n  >> /l'\n")
    (embedded,) = (reading for reading in readings if isinstance(reading, Embedded))
    assert (embedded.kind, embedded.text) == ("shell-line", 'a "$B"    >> /l')
    places = [(segment.offset, segment.line, segment.column) for segment in embedded.segments]
    assert places == [(0, 2, 23), (4, 2, 28), (8, 3, 1)]


def test_a_line_too_long_is_a_gap() -> None:
    readings = read(ServiceReader(), "[Service]\nExecStart=/bin/a " + "b" * LINE_LIMIT + "\n")
    gaps = [(reading.effect, reading.reason) for reading in readings if isinstance(reading, Gap)]
    assert gaps == [("unread", "line-too-long")]


def test_other_files_of_that_name_say_nothing() -> None:
    assert read(ServiceReader(), "[D-BUS Service]\nName=org.x\nExec=/usr/bin/x\n") == []
    assert read(TimerReader(), "not a unit\n") == []
    assert read(TimerReader(), "") == []


def test_a_shell_in_a_shell_keeps_its_place_across_a_continuation() -> None:
    text = "[Service]\nExecStart=/bin/sh -c \"sh -c 'true \\\n  && /opt/app/run'\"\n"
    entry = Entry(path="p!/lib/systemd/system/app.service", archive="p", kind="unit-service")
    places = {
        reading.text: (reading.span.first_line, reading.span.first_column)
        for reading in EntryReader(load()).read(entry, text.encode())
        if isinstance(reading, Command)
    }
    assert places["/opt/app/run"] == (3, 6)
