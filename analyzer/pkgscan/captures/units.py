"""The units of a host: `systemctl list-unit-files` as JSON or as text, and `systemctl list-timers`.

Forms: systemd 252 prints JSON with `-o json`, systemd 239 ignores that and prints a table of two or three columns;
`--no-legend` leaves out its first and last lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.captures.source import Captured
from pkgscan.profile.model import Listing, Profile, Stated, Systemd

_SORTS = frozenset({
    "automount", "device", "mount", "path", "scope", "service", "slice", "socket", "swap", "target", "timer",
})  # fmt: skip
_LEAST, _MOST = 2, 4  # columns: file and state; the preset, with an arrow in some versions
_TIMER_COLUMNS = ("UNIT", "ACTIVATES")


def unit_files(source: Captured) -> Profile:
    """All units of the host, and which are masked: the list is complete."""
    rows = _json_rows(source) if source.text.lstrip().startswith("[") else _text_rows(source)
    units: list[Stated[str]] = []
    masked: list[Stated[str]] = []
    for name, state in rows:
        units.append(name)
        if state.startswith("masked"):
            masked.append(name)
    return Profile(path=source.path, systemd=Systemd(units=source.whole(units), masked=source.whole(masked)))


def _json_rows(source: Captured) -> Iterator[tuple[Stated[str], str]]:
    captured = source.json()
    for at, item in captured.items(captured.data, (), "the units"):
        name, state = captured.texts(item, at, "unit_file", "state")
        if not _is_unit(name):
            captured.fail((*at, "unit_file"), f"{name!r} is no unit")
        yield Stated(name, captured.span((*at, "unit_file"))), state


def _text_rows(source: Captured) -> Iterator[tuple[Stated[str], str]]:
    for number, line in source.lines():
        words = line.split()
        if words[:2] == ["UNIT", "FILE"] or line.endswith("unit files listed."):
            continue
        if not _LEAST <= len(words) <= _MOST or not _is_unit(words[0]):
            source.fail(number, "no line of systemctl list-unit-files: a unit and its state")
        yield Stated(words[0], source.span(number, line.index(words[0]) + 1)), words[1]


def _is_unit(name: str) -> bool:
    return name.rpartition(".")[2] in _SORTS and "/" not in name


def timers(source: Captured) -> Profile:
    """The timers that systemd has loaded, and what each starts; units that are known, not all that there are."""
    found: list[Stated[tuple[str, str]]] = []
    columns: list[int] = []
    for number, line in source.lines():
        if not columns:
            columns = [line.find(name) for name in _TIMER_COLUMNS]
            if min(columns) < 0:
                source.fail(number, "no first line of systemctl list-timers: it has no UNIT and ACTIVATES")
        elif not line.endswith("timers listed.") and not line.startswith("Pass --all"):
            timer, starts = line[columns[0] : columns[1]].strip(), line[columns[1] :].strip()
            if not _is_unit(timer):
                source.fail(number, "no line of systemctl list-timers: its column UNIT names no timer")
            found.append(Stated((timer, starts), source.span(number, columns[0] + 1)))
    units = [Stated(name, item.span) for item in found for name in item.value if _is_unit(name)]
    return Profile(
        path=source.path, systemd=Systemd(units=Listing(tuple(units), span=source.span(1)), timers=tuple(found))
    )
