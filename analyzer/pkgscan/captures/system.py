"""The system itself: /etc/os-release, `df -PT`, `timedatectl show`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.captures.source import Captured
from pkgscan.profile.model import Host, Mount, Profile, Stated

_RELEASE = re.compile(r"([A-Z_0-9]+)=(\"?)(.*?)\2|([A-Z_0-9]+)='(.*)'")
_DF = re.compile(
    r"(?P<device>\S.*?)\s+(?:(?P<type>[A-Za-z][\w.-]*)\s+)?\d+\s+\d+\s+(?P<free>\d{1,20})\s+(?:\d+%|-)\s+(?P<path>/.*)"
)
_BLOCKS = re.compile(r"\s(\d{1,9})(K?)-blocks\s")
_ZONES = re.compile(r"\s*(?:Timezone=|Time zone: )([^\s(]+)")


def os_release(source: Captured) -> Profile:
    """Distribution and version, by os-release(5)."""
    values: dict[str, Stated[str]] = {}
    for number, line in source.lines():
        if line.lstrip().startswith("#"):
            continue
        found = _RELEASE.fullmatch(line.strip())
        if found is None:
            source.fail(number, "no line of os-release: NAME=value")
        values[found[1] or found[4]] = Stated(found[3] or found[5] or "", source.span(number))
    if "ID" not in values:
        source.fail(1, "no os-release: it has no ID")
    return Profile(path=source.path, host=Host(os=values["ID"], version=values.get("VERSION_ID")))


def mounts(source: Captured) -> Profile:
    """File systems and the room on them, by `df -PT` or `df -P`."""
    return Profile(path=source.path, mounts=tuple(_mounts(source)))


def _mounts(source: Captured) -> Iterator[Mount]:
    block = 0
    for number, line in source.lines():
        if not block:
            found = _BLOCKS.search(line)
            if found is None:
                source.fail(number, "no first line of df -PT: it does not say how large its blocks are")
            block = int(found[1]) * (1024 if found[2] else 1)
            continue
        row = _DF.fullmatch(line)
        if row is None:
            source.fail(number, "no line of df -PT: device, type, blocks, used, available, capacity, mount point")
        span = source.span(number)
        kind = Stated(row["type"], span) if row["type"] else None
        yield Mount(Stated(row["path"], span), Stated(int(row["free"]) * block, span), kind)


def timedatectl(source: Captured) -> Profile:
    """The time zone, by `timedatectl show` or `timedatectl status`."""
    from zoneinfo import available_timezones  # noqa: PLC0415  # only here

    for number, line in source.lines():
        if found := _ZONES.match(line):
            if found[1] not in available_timezones():
                source.fail(number, f"unknown time zone {found[1]!r}", found.start(1) + 1)
            zone = Stated(found[1], source.span(number, found.start(1) + 1))
            return Profile(path=source.path, host=Host(time_zone=zone))
    return source.fail(1, "no output of timedatectl: it names no time zone")
