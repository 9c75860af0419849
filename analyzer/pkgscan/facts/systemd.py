"""Facts about systemd units, as far as scheduling needs them."""

from typing import Literal

from pkgscan.model import Fact, Span


class UnitTimer(Fact, frozen=True):
    """A timer unit. `calendars` are its OnCalendar expressions with their places.

    `monotonic` holds (directive, value) of OnBootSec and its kin, which have no fixed time of day.
    `starts` is the unit it starts: its Unit= or the service of its own name.
    """

    unit: str
    starts: str
    calendars: tuple[tuple[str, Span], ...] = ()
    monotonic: tuple[tuple[str, str], ...] = ()
    randomized_delay: str = ""
    persistent: bool = False


class UnitService(Fact, frozen=True):
    """A service unit: who runs it, and its Exec lines in order as (directive, command line, place).

    `user` is empty for a unit of a user's own manager, `dynamic` for one that systemd makes up.
    """

    unit: str
    user: str = "root"
    commands: tuple[tuple[str, str, Span], ...] = ()


class UnitDirectiveRejected(Fact, frozen=True):
    """A directive systemd would ignore with a warning, such as an OnCalendar it cannot parse."""

    directive: Literal["OnCalendar"]
    value: str
    why: str


def template(unit: str) -> str:
    """The template of an instance: `getty@.service` of `getty@tty1.service`; any other unit is its own."""
    stem, at, rest = unit.partition("@")
    return f"{stem}@.{rest.rpartition('.')[2]}" if at else unit
