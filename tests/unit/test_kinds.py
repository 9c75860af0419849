"""Which kind an entry has, where its name says one thing and its first bytes another."""

from __future__ import annotations

import pytest

from pkgscan.plan import kind_table
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
        ("bin/x.cron", b"#!/bin/sh\nexec true\n", "script:sh"),
        ("bin/x.cron", b"#!/usr/bin/env -S perl -w\n", "script:perl"),
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
        ("lib/common.sh", b"log() { logger -t app; }\n", "script:sh"),
        ("lib/common.sh", b"#!/usr/bin/env bash\n", "script:bash"),
        ("tool.cmd", ELF, "elf"),
    ],
)
def test_a_suffix_tells_a_script_that_names_no_interpreter(member: str, head: bytes, kind: str) -> None:
    assert kind_table(load()).identify(member, head) == kind
