"""Code in a script for somebody else: each text exactly where it stands, in the language it is read in."""

from __future__ import annotations

import pytest

from pkgscan.facts.schedule import CronJob
from pkgscan.facts.shell import Command
from pkgscan.facts.systemd import UnitService
from pkgscan.model import Entry
from pkgscan.readers.base import Embedded, Source
from pkgscan.readers.shell import ShellReader
from pkgscan.reading import EntryReader
from pkgscan.registry import load
from pkgscan.values import literal


def embedded(text: str) -> list[Embedded]:
    found = ShellReader().read(Source(Entry(path="p!/x"), "shell", text.encode()))
    return [reading for reading in found if isinstance(reading, Embedded)]


@pytest.mark.parametrize(
    ("text", "kind", "inner"),
    [
        ("sh -c 'a; b'", "shell", "a; b"),
        ('su - app -c "a \\"b\\" \\$X $Y"', "shell", 'a "b" $X $Y'),
        ("sudo -u app bash -euc 'a'", "shell", "a"),
        ("ssh -p 22 me@host 'a; b'", "shell", "a; b"),
        ("eval 'a $X'", "shell", "a $X"),
        ("trap 'rm -f /x' EXIT INT", "shell", "rm -f /x"),
        ("cat <<E | sh\na \\$X\nE\n", "shell", "a $X\n"),
        ("bash <<'E'\na \\$X\nE\n", "shell", "a \\$X\n"),
        ("su app <<E\na\nE\n", "shell", "a\n"),
        ("ssh host <<-E\n\ta\n\tb\n\tE\n", "shell", "a\nb\n"),
        ("echo 'a b' | sh", "shell", "a b\n"),
        ("cat > /usr/bin/x <<'E'\n#!/bin/sh\na\nE\n", "shell", "#!/bin/sh\na\n"),
        ("cat > $D/hook <<'E'\n#!/bin/bash\na\nE\n", "shell", "#!/bin/bash\na\n"),
        ("cat > x <<'E'\n#!/usr/bin/python3\nimport os\nE\n", "python-script", "#!/usr/bin/python3\nimport os\n"),
        ("cat > /etc/cron.d/x <<E\n0 3 * * * root a\nE\n", "crontab-system", "0 3 * * * root a\n"),
        ("cat <<E | tee /etc/cron.d/x >/dev/null\n0 3 * * * root a\nE\n", "crontab-system", "0 3 * * * root a\n"),
        ("echo '0 3 * * * root a' > /etc/cron.d/$NAME", "crontab-system", "0 3 * * * root a\n"),
        ("(crontab -l; echo '0 3 * * * a') | crontab -", "crontab-user", "0 3 * * * a\n"),
        ("crontab -u app - <<E\n0 3 * * * a\nE\n", "crontab-user", "0 3 * * * a\n"),
        ("cat > /etc/systemd/system/x.service <<E\n[Service]\nExecStart=/a\nE\n", "unit-service",
         "[Service]\nExecStart=/a\n"),
        ("psql -c 'SELECT 1'", "sql-postgresql", "SELECT 1"),
        ('sudo -u postgres psql db --command="DROP TABLE t"', "sql-postgresql", "DROP TABLE t"),
        ("psql db <<E\nDROP TABLE t;\nE\n", "sql-postgresql", "DROP TABLE t;\n"),
        ("mysql -u root -e 'DROP TABLE t' db", "sql-mysql", "DROP TABLE t"),
        ("echo 'DROP TABLE t;' | mysql db", "sql-mysql", "DROP TABLE t;\n"),
        ("sqlite3 x.db 'DROP TABLE t'", "sql-sqlite", "DROP TABLE t"),
    ],
)  # fmt: skip
def test_code_is_handed_on_in_its_language(text: str, kind: str, inner: str) -> None:
    (found,) = embedded(text)
    assert (found.kind, found.text) == (kind, inner)
    lines = text.split("\n")
    for segment, following in zip(found.segments, (*found.segments[1:], None), strict=True):
        piece = inner[segment.offset : following.offset if following else len(inner)]
        assert lines[segment.line - 1][segment.column - 1 :].startswith(piece.rstrip("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "cat <<E\nsudo a\nE\n",
        "cat > /etc/app.conf <<E\na b\nE\n",
        "trap - EXIT",
        "trap '' INT",
        "sh run.sh <<E\nanswer\nE\n",
        "echo '$MINUTE 3 * * * a' | crontab -",
        "psql -f x.sql <<E\nanswer\nE\n",
        "python3 -c 'import os' x -c y",
        "echo 'a b' | cat",
    ],
)
def test_a_mere_text_is_not_handed_on(text: str) -> None:
    assert embedded(text) == []


def test_what_is_embedded_stands_in_what_its_command_stands_in() -> None:
    (found,) = embedded("if x; then\n  y && trap 'a' EXIT\nfi\n")
    assert [frame.kind for frame in found.within] == ["if", "and", "trap"]
    assert [literal(word) for word in found.within[-1].words] == ["EXIT"]
    assert (found.within[-1].areas[0].first_line, found.within[-1].areas[0].first_column) == (2, 8)


def test_what_is_written_becomes_what_its_place_makes_it() -> None:
    text = (
        "#!/bin/sh\n"
        "cat > /etc/systemd/system/app.service <<'E'\n[Service]\nUser=app\nExecStart=/opt/app/run\nE\n"
        "cat > /etc/cron.d/app <<'E'\n0 3 * * * app /opt/app/night\nE\n"
        "sh -c 'sudo su app -c \"systemctl restart app\"'\n"
    )
    entry = Entry(path="p!/install.sh", kind="shell")
    found = list(EntryReader(load()).read(entry, text.encode()))
    (unit,) = (fact for fact in found if isinstance(fact, UnitService))
    assert (unit.unit, unit.user, unit.span.first_line) == ("app.service", "app", 5)
    (job,) = (fact for fact in found if isinstance(fact, CronJob))
    assert (job.user, job.span.first_line) == ("app", 8)
    (restart,) = (fact for fact in found if isinstance(fact, Command) and fact.text.startswith("systemctl"))
    assert (restart.span.first_line, restart.span.first_column, restart.span.last_column) == (10, 24, 44)
    assert [frame.kind for frame in restart.context] == ["string", "string"]
