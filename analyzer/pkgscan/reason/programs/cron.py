"""Which commands change what cron runs: crontab(1), and files in the places that cron reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal as OneOf

import msgspec

from pkgscan.reason.programs.options import given, options
from pkgscan.reason.words import holed
from pkgscan.values import Value, literal

CRON_FOLDERS = (
    "/etc/cron.d/", "/etc/cron.hourly/", "/etc/cron.daily/", "/etc/cron.weekly/", "/etc/cron.monthly/",
    "/etc/cron.yearly/", "/var/spool/cron/", "/var/cron/tabs/", "/etc/crontabs/",
)  # fmt: skip
CRON_FILES = ("/etc/crontab", "/etc/anacrontab")
CrontabWay = OneOf["installs", "removes", "lists", "edits"]


class CrontabCall(msgspec.Struct, frozen=True):
    """What crontab(1) is told: for whom, and the file it reads, None for its standard input."""

    way: CrontabWay
    user: Value | None = None
    source: Value | None = None


def crontab_call(words: Sequence[Value], *, has_input: bool) -> CrontabCall | None:
    """What a crontab command does; None where it only waits for input that nobody gives."""
    found = given(words, options("us"))
    user = found.value("-u")
    flags: tuple[tuple[str, CrontabWay], ...] = (("-r", "removes"), ("-l", "lists"), ("-e", "edits"), ("-V", "lists"))
    for flag, way in flags:
        if found.has(flag):
            return CrontabCall(way, user)
    if found.operands and literal(found.operands[0]) != "-":
        return CrontabCall("installs", user, found.operands[0])
    return CrontabCall("installs", user) if found.operands or has_input else None


def is_cron_place(path: Value) -> bool:
    """Whether cron would read a file that is written here; a hole stands for any name."""
    text = holed(path)
    at = text.find("/etc/cron")
    text = text[at:] if at > 0 and text[0] == "\0" and at == 1 else text  # `$DESTDIR/etc/cron.d/x`
    return text in CRON_FILES or any(text.startswith(folder) and len(text) > len(folder) for folder in CRON_FOLDERS)
