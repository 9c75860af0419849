"""Which kind an entry has, where its name says one thing and its first bytes another."""

from __future__ import annotations

import pytest

from pkgscan.errors import UserError
from pkgscan.kinds import KindTable
from pkgscan.plan import kind_table
from pkgscan.readers.base import Kind
from pkgscan.registry import load

ELF = b"\x7fELF\x02\x01\x01" + bytes(9)
PE = b"MZ\x90\x00\x03\x00"
JOB = b"0 3 * * * /opt/app/run\n"


@pytest.mark.parametrize(
    ("member", "head", "kind"),
    [
        ("usr/bin/crontab", ELF, "elf"),
        ("bin/crontab", JOB, "crontab"),
        ("bin/crontab", b"# m h dom mon dow\n" + JOB, "crontab"),
        ("bin/x.cron", b"#!/bin/sh\nexec true\n", "shell"),
        ("bin/x.cron", b"#!/usr/bin/env -S perl -w\n", "perl-script"),
        ("x.crontab", PE, "pe"),
        ("x.crontab", b"", "crontab"),
        # dpkg runs a compiled preinst as well, and systemd takes a #! line for a comment
        ("preinst", ELF, "maintainer-script"),
        ("postinst", b"#!/bin/sh\n", "maintainer-script"),
        ("lib/systemd/system/x.timer", b"#!/bin/sh\n[Timer]\n", "unit-timer"),
        # cron reads whatever lies in its directory
        ("etc/cron.d/x", b"#!/bin/sh\n" + JOB, "crontab-system"),
    ],
)
def test_a_name_does_not_hide_a_program(member: str, head: bytes, kind: str) -> None:
    assert kind_table(load()).identify(member, head) == kind


@pytest.mark.parametrize(
    ("member", "head", "kind"),
    [
        ("setup.ps1", b"param([string]$Path)\r\n", "script:PowerShell"),
        ("SETUP.BAT", b"@echo off\r\n", "script:batch"),
        ("lib/common.sh", b"log() { logger -t app; }\n", "shell"),
        ("lib/common.sh", b"#!/usr/bin/env bash\n", "shell"),
        ("tool.cmd", ELF, "elf"),
    ],
)
def test_a_suffix_tells_a_script_that_names_no_interpreter(member: str, head: bytes, kind: str) -> None:
    assert kind_table(load()).identify(member, head) == kind


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        (Kind(name="acme", paths=("etc/acme/*/job.conf",)), "x/etc/acme/nightly/job.conf"),
        (Kind(name="acme", paths=("etc/acme-*/job.conf",)), "etc/acme-v1.2/job.conf"),
        (Kind(name="acme", paths=("etc/acme/*/*/job",)), "x/etc/acme/a/b/job"),
        (Kind(name="acme", paths=("etc/acme-*/*/job",)), "etc/acme-v1.2/b/job"),
        (Kind(name="acme", paths=("acme/*/*", "b/*")), "acme/a/job"),
        (Kind(name="acme", paths=("*.acme",)), "etc/job.acme"),
        (Kind(name="acme", paths=("*.acme",)), "job.acme"),
        (Kind(name="acme", paths=("*.timer.d/*",)), "x/a.timer.d/job"),
        (Kind(name="acme", suffixes=(".service.in",)), "src/job.service.in"),
        (Kind(name="acme", suffixes=(".b.in", ".service.in")), "src/a.b.in"),
        (Kind(name="acme", suffixes=(".sql",)), "src/SCHEMA.SQL"),
        (Kind(name="acme", suffixes=(".SQL",)), "src/schema.sql"),
    ],
)
def test_whatever_a_kind_is_known_by_matches(kind: Kind, member: str) -> None:
    other = Kind(name="other", paths=("etc/other.d/*",), suffixes=(".in",))
    table = KindTable((kind, other))
    assert table.identify(member, JOB) == "acme"
    assert table.identify("etc/x", JOB) == "text"
    assert table.identify("etc/other.d/x", JOB) == "other"


@pytest.mark.parametrize(
    "known_by",
    [
        {"paths": ("/etc/acme",)},
        {"paths": ("etc/acme/",)},
        {"paths": ("etc/acme/job?",)},
        {"paths": ("etc/acme/[ab]",)},
        {"names": ("etc/acme",)},
        {"suffixes": ("acme",)},
        {"interpreters": ("/usr/bin/acme",)},
        {"magic": (b"",)},
    ],
    ids=str,
)
def test_a_kind_known_by_what_never_matches_is_refused(known_by: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UserError, match=r"the kind acme is known by .*, which matches nothing"):
        Kind(name="acme", **known_by)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("member", "head", "kind"),
    [
        ("index.acme", b"[1]", "acme"),
        ("index.acme", b" [1]", "acme"),
        ("index.acme", b"{}", "text"),
        ("index.acme", b"\0" * 600, "binary"),
        ("etc/x.acme", b"[1]", "text"),
    ],
)
def test_a_kind_may_want_its_content_to_begin_in_a_certain_way(member: str, head: bytes, kind: str) -> None:
    table = KindTable((Kind(name="acme", names=("index.acme",), heads=(b"[", b" ")),))
    assert table.identify(member, head) == kind


def test_a_kind_that_begins_with_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="matches nothing"):
        Kind(name="acme", names=("x",), heads=(b"",))


def test_no_kind_of_ours_may_lie_just_anywhere() -> None:
    """One that may has every path of a package looked at by all patterns: a millisecond for a long one."""
    assert not kind_table(load(), tree_only=False).may_hold("folder")
