"""Reads a profile from its TOML file. Whatever is wrong in it is a UserError with file, line and column."""

from __future__ import annotations

from typing import get_args

import msgspec

from pkgscan.errors import UserError
from pkgscan.facts.sql import Engine
from pkgscan.profile.calibration import read_calibration
from pkgscan.profile.model import (
    Contact,
    Database,
    Day,
    Endpoints,
    Host,
    Mount,
    Profile,
    RetiredHost,
    Stated,
    Sudo,
    SudoMode,
    Systemd,
    Table,
    Window,
)
from pkgscan.profile.signatures import read_signatures
from pkgscan.profile.table import TableReader
from pkgscan.tomlfile import TomlFile, did_you_mean, read_toml

FORMAT = 1  # the newest version of the format that is read
IMPORTS = (
    "ansible", "crontabs", "mounts", "os_release", "sudoers", "tables", "timedatectl", "timers", "unit_files"
)  # fmt: skip

_MODES: tuple[SudoMode, ...] = get_args(SudoMode)
_DAYS: tuple[Day, ...] = get_args(Day)
_ENGINES: tuple[Engine, ...] = get_args(Engine)


def read_profile(path: str) -> Profile:
    """The profile in the file at a path."""
    return profile_of(read_toml(path))


def profile_of(file: TomlFile) -> Profile:
    """The profile that a TOML file states."""
    table = TableReader(file, file.data)
    _check_format(table)
    profile = Profile(
        path=file.path,
        host=_host(table.table("host")),
        installed=table.pairs("installed"),
        systemd=_systemd(table.table("systemd")),
        sudo=_sudo(table.table("sudo")),
        window=_window(table.table("window")),
        endpoints=_endpoints(table.table("endpoints")),
        mounts=tuple(_mount(mount) for mount in table.tables("mounts")),
        databases=tuple(_database(database) for database in table.tables("databases")),
        signatures=read_signatures(table.table("signatures")),
        imports=_imports(table),
        contacts=tuple(_contact(vendor, contact) for vendor, contact in table.named_tables("contacts")),
    )
    table.close()
    return profile


def _check_format(table: TableReader) -> None:
    version = table.whole("profile")
    if version is None:
        table.near_miss("profile")
        raise UserError(f"{table.span.path}:1:1: it does not say that it is a profile", "begin it with: profile = 1")
    if version.value != FORMAT:
        table.fail("profile", f"a profile of version {version.value} is not read", f"this pkgscan reads {FORMAT}")


def _imports(table: TableReader) -> tuple[Stated[tuple[str, str]], ...]:
    imports = table.table("imports")
    for key in IMPORTS:
        imports.text(key)
    imports.close()
    return table.pairs("imports")


def _host(table: TableReader) -> Host:
    host = Host(
        name=table.text("name"),
        os=table.text("os"),
        version=table.text("version"),
        time_zone=_zone(table),
        user=table.text("user"),
        unattended=table.truth("unattended"),
        cpus=table.whole("cpus"),
        memory=table.size("memory"),
        users=table.listing("users"),
        commands=table.listing("commands"),
    )
    table.close()
    return host


def _zone(table: TableReader) -> Stated[str] | None:
    """A time zone that the tz database knows."""
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  # only for profiles

    zone = table.text("time_zone")
    if zone is not None:
        try:
            ZoneInfo(zone.value)
        except (OSError, ValueError, KeyError):  # an unknown zone is a KeyError, an odd name one of the others
            table.fail(
                "time_zone", f"unknown time zone {zone.value!r}", did_you_mean(zone.value, available_timezones())
            )
    return zone


def _systemd(table: TableReader) -> Systemd:
    systemd = Systemd(table.listing("units"), table.pairs("renamed"))
    table.close()
    return systemd


def _is_complete(table: TableReader) -> bool:
    stated = table.truth("complete")
    return stated is not None and stated.value


def _sudo(table: TableReader) -> Sudo:
    sudo = Sudo(
        mode=table.choice("mode", _MODES),
        nopasswd=table.texts("nopasswd"),
        complete=_is_complete(table),
        span=table.span if table else None,
    )
    table.close()
    return sudo


def _window(table: TableReader) -> Window | None:
    if not table:
        return None
    start, end = table.clock("start"), table.clock("end")
    for key, value in (("start", start), ("end", end)):
        if value is None:
            table.near_miss(key)
    if start is None or end is None:
        raise UserError(f"{_place(table)}: a window has a start and an end", 'write both, such as start = "02:00"')
    window = Window(
        start=start,
        end=end,
        span=table.span,
        days=table.choices("days", _DAYS),
        buffer=table.duration("buffer"),
        downtime=table.duration("downtime"),
    )
    if window.buffer is not None and window.buffer.value >= window.minutes * 60:
        table.fail("buffer", f"the buffer leaves nothing of the window of {window.minutes} minutes", "make it shorter")
    table.close()
    return window


def _endpoints(table: TableReader) -> Endpoints:
    endpoints = Endpoints(
        table.listing("reachable"),
        tuple(_retired(retired) for retired in table.tables("retired")),
    )
    table.close()
    return endpoints


def _retired(table: TableReader) -> RetiredHost:
    reason = table.text("reason")
    retired = RetiredHost(table.required("host"), table.date("retired_on"), reason.value if reason else "", table.span)
    table.close()
    return retired


def _mount(table: TableReader) -> Mount:
    mount = Mount(table.required("path"), table.size("free"))
    if not mount.path.value.startswith("/"):
        table.fail("path", f"a mount point begins with /, not {mount.path.value!r}")
    table.close()
    return mount


def _database(table: TableReader) -> Database:
    table.required("engine")
    engine = table.choice("engine", _ENGINES)
    assert engine is not None  # it is required
    database = Database(
        name=table.required("name"),
        engine=engine,
        version=table.text("version"),
        time_zone=_zone(table),
        longest_transaction=table.duration("longest_transaction"),
        calibration=table.text("calibration"),
        tables=tuple(_table(inner) for inner in table.tables("tables")),
        complete=_is_complete(table),
    )
    table.close()
    if database.calibration is None:
        return database
    return msgspec.structs.replace(database, rates=read_calibration(database, table.span.path))


def _table(table: TableReader) -> Table:
    found = Table(table.required("name"), table.whole("rows"), table.size("bytes"), table.whole("indexes"))
    table.close()
    return found


def _contact(vendor: str, table: TableReader) -> Contact:
    contact = Contact(vendor, table.text("security_txt"), table.text("ticket"))
    table.close()
    return contact


def _place(table: TableReader) -> str:
    return f"{table.span.path}:{table.span.first_line}:{table.span.first_column}"
