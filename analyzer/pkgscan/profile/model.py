"""What is known of the host. Each item keeps its place in the file that states it, so that a finding can point there.

Absence is told from ignorance: `None` and an empty listing are "not stated", and only of a complete listing is what
it does not hold known not to be there.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Generic, Literal, TypeVar

import msgspec

from pkgscan.facts.sql import Engine
from pkgscan.model import Span

T = TypeVar("T")

SudoMode = Literal["none", "password", "nopasswd"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Stated(msgspec.Struct, Generic[T], frozen=True, gc=False):  # many, and none leads back to itself
    """One value, and where it is stated."""

    value: T
    span: Span


Text = Stated[str] | None
Number = Stated[int] | None
Truth = Stated[bool] | None
Texts = tuple[Stated[str], ...]


class Listing(msgspec.Struct, frozen=True, dict=True):
    """Names of one sort that the host has: all of them if `complete`, else those that are known.

    `span` is where the list is stated; None where it is not.
    """

    items: Texts = ()
    complete: bool = False
    span: Span | None = None

    def find(self, name: str) -> Stated[str] | None:
        """Where a name is stated; None if it is not."""
        return self._by_name.get(name)

    def lacks(self, name: str) -> bool:
        """Whether it is certain that the host does not have it."""
        return self.complete and self.find(name) is None

    @cached_property
    def _by_name(self) -> dict[str, Stated[str]]:
        return {item.value: item for item in reversed(self.items)}  # of a name stated twice, the first


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """The machine and who upgrades it. `memory` is in bytes; `commands` are paths beyond the distribution's own."""

    name: Text = None
    os: Text = None
    version: Text = None
    time_zone: Text = None
    user: Text = None
    unattended: Truth = None
    cpus: Number = None
    memory: Number = None
    users: Listing = Listing()
    commands: Listing = Listing()


class Systemd(msgspec.Struct, frozen=True):
    """The units of the host; `renamed` are (old name, new name), `timers` (timer, what it starts)."""

    units: Listing = Listing()
    renamed: tuple[Stated[tuple[str, str]], ...] = ()
    masked: Listing = Listing()
    timers: tuple[Stated[tuple[str, str]], ...] = ()


class SudoGrant(msgspec.Struct, frozen=True):
    """A command that a user may run as others, or may not if `negated`; user and command as sudoers writes them.

    `hosts` are those on which it is so; empty: all.
    """

    user: str
    command: str
    runas: tuple[str, ...]  # empty: root
    asks: bool  # for a password
    negated: bool
    span: Span
    hosts: tuple[str, ...] = ()


class Sudo(msgspec.Struct, frozen=True):
    """What the user who upgrades may do with sudo; `nopasswd` are commands as sudoers writes them, with globs.

    `grants` are those of all users, later ones outweigh earlier ones; `complete`: nothing else is granted, to `users`
    if they are named. `span` is where they are stated.
    """

    mode: Stated[SudoMode] | None = None
    nopasswd: Texts = ()
    grants: tuple[SudoGrant, ...] = ()
    complete: bool = False
    users: tuple[str, ...] = ()
    span: Span | None = None


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When the host is upgraded. `start` and `end` are minutes of the day in the host's zone; an end that is not after
    the start is on the next day. `buffer` and `downtime` are in seconds; the buffer is the window's own last part.
    """

    start: Stated[int]
    end: Stated[int]
    span: Span
    days: tuple[Stated[Day], ...] = ()
    buffer: Number = None
    downtime: Number = None

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.end.value - self.start.value) % (24 * 60) or 24 * 60


class RetiredHost(msgspec.Struct, frozen=True):
    """A host that must not be talked to any more."""

    host: Stated[str]
    retired_on: date | None
    reason: str
    span: Span


class Endpoints(msgspec.Struct, frozen=True):
    """Where the host can connect to, as `host:port`, and what is gone."""

    reachable: Listing = Listing()
    retired: tuple[RetiredHost, ...] = ()


class Mount(msgspec.Struct, frozen=True):
    """A file system: its mount point, the bytes free on it, and its type."""

    path: Stated[str]
    free: Number
    type: Text = None


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """How much a database server does in a second, slowest and fastest. Of `scan` and the rewrites it is bytes, of the
    others rows; `rewrite` is that of a table with one index at most.
    """

    scan: tuple[float, float]
    rewrite: tuple[float, float]
    rewrite_indexed: tuple[float, float]
    index: tuple[float, float]
    check_key: tuple[float, float]
    update: tuple[float, float]


class Table(msgspec.Struct, frozen=True, gc=False):
    """A table of a database, as large as it is now; `bytes` with its indexes."""

    name: Stated[str]
    rows: Number = None
    bytes: Number = None
    indexes: Number = None


class Database(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A database that the host uses. `longest_transaction` is in seconds, `calibration` a file, `rates` what it says.

    `complete`: it has no other tables.
    """

    name: Stated[str]
    engine: Stated[Engine] | None = None  # an import of table sizes does not say it
    version: Text = None
    time_zone: Text = None
    longest_transaction: Number = None
    calibration: Text = None
    rates: Rates | None = None
    tables: tuple[Table, ...] = ()
    complete: bool = False

    def find(self, table: str) -> Table | None:
        """A table by its name, or by its bare name where only one schema has such a table.

        Names are compared without regard to case, as servers take those that are not quoted.
        """
        found = self._by_name.get(table.casefold(), ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, list[Table]]:
        found: dict[str, list[Table]] = {}
        for table in self.tables:
            name = table.name.value.casefold()
            for key in {name, name.rpartition(".")[2]}:
                found.setdefault(key, []).append(table)
        return found


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to trust for one vendor: files of roots, and pins as `openpgp:FINGERPRINT` or `x509-sha256:DIGEST`."""

    vendor: Stated[str]
    roots: Texts = ()
    pins: Texts = ()
    use: Texts = ()


class RetiredPin(msgspec.Struct, frozen=True, kw_only=True):
    """A key or root that was trusted until a day."""

    pin: Stated[str]
    until: date | None
    reason: str = ""
    compromised: bool = False


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """A key that took another's place, and the file that shows it, signed by `evidence_signature`."""

    old: Stated[str]
    new: Stated[str]
    after: date | None = None
    evidence: Text = None
    evidence_signature: Text = None


class Signatures(msgspec.Struct, frozen=True, kw_only=True):
    """What signatures are asked for, and what they are judged by. Files are named as the profile names them."""

    require_signature: Truth = None
    require_crl: Truth = None
    trust: tuple[Trust, ...] = ()
    retired: tuple[RetiredPin, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    advisory_keys: Texts = ()
    crls: Texts = ()
    previous_signer: Text = None


class HostJob(msgspec.Struct, frozen=True):
    """A job that the host's own crontabs hold: its five fields or nickname, whose it is, and what it runs."""

    schedule: str
    user: str
    command: str
    span: Span


class Contact(msgspec.Struct, frozen=True):
    """Where a vendor is reached: a security.txt, a ticket."""

    vendor: str
    security_txt: Text
    ticket: Text


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `installed` are (package, version), `imports` (key, file); `path` is the file it was read from.

    `notes` say what could not be known.
    """

    path: str
    host: Host = Host()
    installed: tuple[Stated[tuple[str, str]], ...] = ()
    systemd: Systemd = Systemd()
    sudo: Sudo = Sudo()
    window: Window | None = None
    endpoints: Endpoints = Endpoints()
    mounts: tuple[Mount, ...] = ()
    databases: tuple[Database, ...] = ()
    signatures: Signatures = Signatures()
    contacts: tuple[Contact, ...] = ()
    jobs: tuple[HostJob, ...] = ()
    imports: tuple[Stated[tuple[str, str]], ...] = ()
    notes: tuple[str, ...] = ()

    def states(self, table: str) -> bool:
        """Whether it says anything in one of its tables."""
        return bool(getattr(self, table) != getattr(Profile(path=""), table))
