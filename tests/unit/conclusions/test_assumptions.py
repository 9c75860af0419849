"""What a package takes for granted is told once, with what the target profile says of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.conclusions import assumptions, made_for, reliances
from pkgscan.facts.assumption import Assumption, Reliance
from pkgscan.facts.schedule import ScheduledJob
from pkgscan.facts.uses import AccountUse
from pkgscan.graph import Graph
from pkgscan.model import Entry, Span
from pkgscan.profile.reader import profile_of
from pkgscan.registry import _in_order
from pkgscan.testing import NOW, Member, pack_members, scan
from pkgscan.tomlfile import parse_toml

WITHOUT = Circumstances(NOW)
PROFILE = """profile = 1
[host]
os = "debian"
version = "12"
complete = true
users = ["root", "app"]
[systemd]
complete = true
units = ["known.service"]
[[mounts]]
path = "/opt"
free = "10 B"
"""


def conclude(*reliances_: Reliance) -> list[Assumption]:
    return list(assumptions.conclude(Graph((), {Reliance: reliances_}), WITHOUT))


def reliance(subject: str, line: int, *, holds: bool | None = None, kind: str = "unit") -> Reliance:
    return Reliance(span=Span("a.sh", line), kind=kind, subject=subject, holds=holds, phrase=f"is {holds}")


def test_each_thing_is_told_once() -> None:
    found = conclude(reliance("b", 3), reliance("a", 2), reliance("b", 1), reliance("b", 1, kind="user"))
    assert [(one.kind, one.subject, one.count, [span.first_line for span in one.uses]) for one in found] == [
        ("unit", "a", 1, [2]), ("unit", "b", 2, [1, 3]), ("user", "b", 1, [1]),
    ]  # fmt: skip


def test_of_several_answers_the_worst_counts() -> None:
    (found,) = conclude(reliance("b", 1, holds=True), reliance("b", 2), reliance("b", 3, holds=False))
    assert (found.verdict, found.phrase) == ("not met", "is False")
    (found,) = conclude(reliance("b", 1, holds=True), reliance("b", 2))
    assert found.verdict == "not known"
    (found,) = conclude(reliance("b", 1, holds=True))
    assert found.verdict == "met"


def test_a_flood_of_uses_is_counted_and_not_listed() -> None:
    (found,) = conclude(*(reliance("b", line) for line in range(1, 1000)))
    assert (found.count, len(found.uses)) == (999, assumptions.USES)


def test_whoever_concludes_what_it_collects_comes_first() -> None:
    late = Conclusion(name="late", concludes=(Reliance,), conclude=reliances.conclude)
    ordered = _in_order([assumptions.ASSUMPTIONS, late])
    assert [one.name for one in ordered] == ["late", "assumptions"]


MEMBERS = (
    Member(
        "etc/cron.d/app", b"0 3 * * * other /usr/bin/psql\n1 3 * * * app /opt/app/run\n2 3 * * * root /opt/app/run\n"
    ),
    Member("opt/app/run", b"#!/bin/sh\n", mode=0o755),
    Member("usr/lib/systemd/system/a.timer", b"[Timer]\nOnCalendar=daily\nUnit=known.service\n"),
    Member("usr/lib/systemd/system/b.timer", b"[Timer]\nOnCalendar=daily\n"),
    Member("usr/lib/systemd/system/c.timer", b"[Timer]\nOnCalendar=daily\n"),
    Member("usr/lib/systemd/system/c.service", b"[Service]\nExecStart=/opt/app/run\nUser=app\n"),
    Member("opt/app/data", b"x" * 30),
)


def rows(tmp_path: Path, *, profile: bool) -> dict[tuple[str, str], tuple[str, str]]:
    pack_members(MEMBERS, str(tmp_path / "a.tar"))
    report = scan(str(tmp_path / "a.tar"), profile=profile_of(parse_toml("p.toml", PROFILE)) if profile else None)
    found = msgspec.convert(report.parts["assumptions"], list[Assumption])
    return {(row.kind, row.subject): (row.verdict, row.phrase) for row in found}


def test_jobs_units_and_files_rely_on_the_host(tmp_path: Path) -> None:
    assert rows(tmp_path, profile=False) == dict.fromkeys(
        (
            ("unit", "b.service"),
            ("unit", "known.service"),
            ("user", "app"),
            ("user", "other"),
            ("command", "/usr/bin/psql"),
        ),
        ("not known", ""),
    )


def test_a_profile_says_what_is_met(tmp_path: Path) -> None:
    assert rows(tmp_path, profile=True) == {
        ("unit", "b.service"): ("not met", "is no unit of the host"),
        ("unit", "known.service"): ("met", "is a unit of the host"),
        ("user", "app"): ("met", "is a user of the host"),
        ("user", "other"): ("not met", "is no user of the host"),
        ("command", "/usr/bin/psql"): ("not known", "is there if postgresql-client-common is"),
        ("disk", "40 B below /opt"): ("not met", "10 B are free on /opt"),
    }


JOB = ScheduledJob(span=Span("a!/etc/cron.d/app", 1), kind="cron job", when="daily", user="other")


def users(*entries: Entry, accounts: tuple[AccountUse, ...] = ()) -> list[str]:
    graph = Graph(entries, {ScheduledJob: (JOB,), AccountUse: accounts})
    return [one.subject for one in reliances.conclude(graph, WITHOUT) if one.kind == "user"]


def test_a_user_that_the_package_makes_is_not_taken_for_granted() -> None:
    account = AccountUse(span=Span("a!/install.sh", 2), name="other", creates=True)
    assert users() == ["other"]
    assert users(accounts=(account,)) == []
    assert users(accounts=(msgspec.structs.replace(account, creates=False),)) == ["other"]
    assert users(Entry("a!/usr/lib/sysusers.d/other.conf")) == []


def test_tables_that_nothing_in_the_package_makes(tmp_path: Path) -> None:
    statements = {
        "migrations/001_a.sql": b"CREATE TABLE made (id bigint);\nALTER TABLE made ADD COLUMN a int;\n",
        "migrations/002_b.sql": b"ALTER TABLE public.known ADD COLUMN a int;\nALTER TABLE made DROP COLUMN a;\n"
        b"ALTER TABLE gone ADD COLUMN a serial;\nDROP TABLE IF EXISTS older;\nDROP VIEW shown;\n",
    }
    pack_members([Member(name, text) for name, text in statements.items()], str(tmp_path / "a.tar"))
    for complete, verdict in (("true", "not met"), ("false", "not known")):
        text = f'profile = 1\n[[databases]]\nname = "d"\nengine = "postgresql"\ncomplete = {complete}\n'
        profile = profile_of(parse_toml("p.toml", text + '[[databases.tables]]\nname = "public.known"\n'))
        found = scan(str(tmp_path / "a.tar"), profile=profile).parts["assumptions"]
        assert [(row["kind"], row["subject"], row["verdict"]) for row in found] == [
            ("table", "gone", verdict), ("table", "public.known", "met"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "os", "version"),
    [
        ("app_7.4-1~deb11u1_amd64.deb", "debian", "11"),
        ("app_7.4+deb12u3_all.deb", "debian", "12"),
        ("app_1.2~bpo12+1_all.deb", "debian", "12"),
        ("app_1.2-1ubuntu22.04_all.deb", "ubuntu", "22.04"),
        ("app_1.2-0ubuntu1_all.deb", "", ""),
        ("app_1.2~jammy_all.deb", "ubuntu", "22.04"),
        ("app-bookworm-1.2.deb", "debian", "12"),
        ("app_1.2_amd64.deb", "", ""),
        ("focalizer_1.2_amd64.deb", "", ""),
    ],
)
def test_what_a_deb_is_made_for(name: str, os: str, version: str) -> None:
    found = made_for.made_for(Entry(f"a.zip!/{name}", format="deb"))
    assert (found.tool, found.os, found.version) == ("dpkg", os, version)


@pytest.mark.parametrize(
    ("name", "os", "version"),
    [
        ("app-7.4-1.el8.x86_64.rpm", "rhel", "8"),
        ("app-7.4-1.el9_2.noarch.rpm", "rhel", "9"),
        ("app-7.4-1.fc38.noarch.rpm", "fedora", "38"),
        ("app-7.4-1.amzn2023.noarch.rpm", "amzn", "2023"),
        ("app-el8-tools-7.4-1.noarch.rpm", "rhel", "8"),
        ("model8-1.0-1.noarch.rpm", "", ""),
    ],
)
def test_what_an_rpm_is_made_for(name: str, os: str, version: str) -> None:
    found = made_for.made_for(Entry(f"a.zip!/{name}", format="rpm"))
    assert (found.tool, found.os, found.version) == ("rpm", os, version)
