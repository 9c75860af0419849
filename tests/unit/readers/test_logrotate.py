from __future__ import annotations

from pkgscan.facts.schedule import LogRotation
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.logrotate import LogrotateReader
from pkgscan.readers.maintainer import MaintainerReader
from pkgscan.reason.globs import path_matches


def read(text: str) -> list[Reading]:
    return list(LogrotateReader().read(Source(Entry(path="p!/etc/logrotate.d/x"), "logrotate", text.encode())))


def patterns(text: str) -> list[tuple[str, ...]]:
    found = read(text)
    assert not [reading for reading in found if isinstance(reading, Gap)]
    return [reading.patterns for reading in found if isinstance(reading, LogRotation)]


def test_patterns_of_stanzas() -> None:
    text = (
        "# system-wide\nweekly\ninclude /etc/logrotate.d\ncompress\n"
        "/var/log/a.log /var/log/b*.log {\n  daily\n}\n"
        "/var/log/c\n\"/var/log/d e.log\"\n'/var/log/f'\n{\n  rotate 3\n}\n"
        "/var/log/g { monthly }\n/var/log/h{\n}\n"
    )
    assert patterns(text) == [
        ("/var/log/a.log", "/var/log/b*.log"),
        ("/var/log/c", "/var/log/d e.log", "/var/log/f"),
        ("/var/log/g",),
        ("/var/log/h",),
    ]


def test_braces_within_a_script_do_not_end_a_stanza() -> None:
    text = "/a {\n  postrotate\n    f() {\n      x\n    }\n  endscript\n}\n/b {\n}\n"
    assert patterns(text) == [("/a",), ("/b",)]


def test_lines_of_a_stanza() -> None:
    (fact,) = read("\n/a\n/b {\n}\n")
    assert isinstance(fact, LogRotation)
    assert (fact.span.first_line, fact.span.last_line) == (2, 3)


def test_a_stanza_without_end_is_a_gap() -> None:
    readings = read("/a {\n  daily\n")
    assert [reading.reason for reading in readings if isinstance(reading, Gap)] == ["logrotate-syntax"]


def test_an_empty_file_says_nothing() -> None:
    assert read("") == []


def test_kinds() -> None:
    table = KindTable((*LogrotateReader.kinds, *MaintainerReader.kinds))
    assert table.identify("etc/logrotate.d/app", b"") == "logrotate"
    assert table.identify("debian/app.logrotate", b"") == "logrotate"
    assert table.identify("etc/other.d/app", b"") == "text"
    assert table.identify("postinst", b"#!/bin/sh\n") == "maintainer-script"


def test_patterns_match_as_glob_does() -> None:
    assert path_matches("/var/log/a/b.log", "/var/log/*/*.log")
    assert not path_matches("/var/log/a/b.log", "/var/log/*.log")
    assert not path_matches("/var/log/.hidden", "/var/log/*")
    assert path_matches("/var/log/a1", "/var/log/a[0-9]")
