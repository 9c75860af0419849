"""The questions that rules and conclusions ask of the host a package is meant for.

Each answer tells certain absence from ignorance, and names the line of the profile that it stands on. A profile that
says nothing, as of a scan without one, knows no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pkgscan.facts.systemd import template
from pkgscan.profile.answer import Answer
from pkgscan.profile.model import Database, Listing, Mount, Profile, RetiredHost, Stated, Table
from pkgscan.profile.nearest import nearest
from pkgscan.profile.systems import takes, tool_of

if TYPE_CHECKING:  # most scans have no profile, and these are imported where one is asked
    from pkgscan.profile.release import Release
    from pkgscan.profile.sudo_rights import Asked

_SORTS = (
    ".automount", ".device", ".mount", ".path", ".scope", ".service", ".slice", ".socket", ".swap", ".target",
    ".timer",
)  # fmt: skip
_LOOPBACK = ("localhost", "127.", "::1", "ip6-localhost", "localhost.localdomain")


class SudoRight(msgspec.Struct, frozen=True):
    """That sudo lets a user run a command; `asks` for a password first."""

    asks: bool


class Target:
    """A profile, asked. Names are those that the package writes."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def unit(self, name: str) -> Answer[str]:
        """Whether the host has a systemd unit; one without a suffix is a service, an instance is of its template.

        The value is the name that a renamed unit has now.
        """
        name, systemd = unit_name(name), self.profile.systemd
        for renamed in systemd.renamed:
            if unit_name(renamed.value[0]) == name:
                new = renamed.value[1]
                return Answer(False, f"is called {new} on the host", renamed.span, "renamed here", new, new)
        found = systemd.units.find(name) or systemd.units.find(template(name))
        if found is None and self.release is not None:
            found = systemd.units.find(self.release.alias(name))
        if found is not None:
            return Answer(True, "is a unit of the host", found.span, "known here", found.value)
        return self._by_release(_absent(name, systemd.units, "unit"), "unit", name)

    def unit_package(self, name: str) -> str:
        """The package of the host's release that brings a unit; empty if none does, or the release is not known."""
        return self.release.unit(unit_name(name)) if self.release else ""

    def installs_with(self, tools: Sequence[str]) -> Answer[str]:
        """Whether the host installs packages with one of some tools: dpkg, rpm."""
        system = self.profile.host.os
        tool = tool_of(system.value) if system else None
        if system is None or tool is None:
            return Answer(None, _NOT_STATED)
        return Answer(tool in tools, f"is {system.value}, which has {tool}", system.span, _SYSTEM)

    def is_system(self, os: str, version: str) -> Answer[str]:
        """Whether packages made for a release of a distribution are made for the host."""
        host = self.profile.host
        if host.os is None:
            return Answer(None, _NOT_STATED)
        version_here = host.version.value if host.version else ""
        name = " ".join(filter(None, (host.os.value, version_here)))
        fits = takes(host.os.value, version_here, os, version)
        place = host.version if host.version and host.os.value == os else host.os
        return Answer(fits, f"is {name}", place.span, _SYSTEM, name)

    @property
    def release(self) -> Release | None:
        """What is known of the release that the host has; None where that is not stated, or nothing is."""
        host = self.profile.host
        if host.os is None or host.version is None:
            return None
        from pkgscan.profile.release import release  # noqa: PLC0415  # only where the system is stated

        return release(host.os.value, host.version.value)

    def _by_release(self, answer: Answer[str], what: Literal["unit", "user", "command"], name: str) -> Answer[str]:
        """An answer with what the release adds to it: a known part, so that only what every host has is certain."""
        known, host = self.release, self.profile.host
        if answer.holds is not None or known is None or host.os is None:
            return answer
        package = {"unit": known.unit, "user": known.user, "command": known.command}[what](name)
        if not package:
            near = known.near_unit(name) if what == "unit" else ""
            phrase = f"is a {what} of no package of {known.title}" + (" that was read" if what == "user" else "")
            return Answer(None, phrase, answer.span or host.os.span, answer.note or _SYSTEM, near=answer.near or near)
        if what != "unit" and (known.is_everywhere(package) or package == "base-passwd"):
            return Answer(True, f"is of {package}, which every {known.title} has", host.os.span, _SYSTEM, name)
        brings = "makes" if what == "user" else "brings"
        phrase = f"{answer.phrase}, though {package} {brings} it" if answer.span else f"is there if {package} is"
        return Answer(None, phrase, answer.span or host.os.span, answer.note or _SYSTEM, near=answer.near)

    def masked(self, name: str) -> Stated[str] | None:
        """Where it is stated that a unit is masked, so that nothing can start it."""
        return self.profile.systemd.masked.find(unit_name(name))

    def user(self, name: str) -> Answer[str]:
        """Whether the host has a user."""
        return self._by_release(_listed(name, self.profile.host.users, "user"), "user", name)

    def command(self, name: str) -> Answer[str]:
        """Whether the host has a command, by its path or its bare name; the value is its path."""
        from pkgscan.profile.release import spellings  # noqa: PLC0415  # only where one asks

        commands = self.profile.host.commands
        same = (other for other in spellings(name) if commands.find(other))
        bare = (item.value for item in commands.items if "/" not in name and item.value.rpartition("/")[2] == name)
        found = next(same, None) or next(bare, name)
        return self._by_release(_listed(found, commands, "command"), "command", found)

    def retired_host(self, host: str) -> RetiredHost | None:
        """What the profile says of a host that is retired."""
        wanted = _host(host)
        return next((one for one in self.profile.endpoints.retired if _host(one.host.value) == wanted), None)

    def reachable(self, host: str, port: int | None = None) -> Answer[str]:
        """Whether the host can connect to another; a port that is not known is any."""
        if _host(host).startswith(_LOOPBACK):
            return Answer(True, "is the host itself")
        retired = self.retired_host(host)
        if retired is not None:
            since = f" since {retired.retired_on}" if retired.retired_on else ""
            return Answer(False, f"is retired{since}", retired.span, "retired here", retired.reason)
        reachable = self.profile.endpoints.reachable
        for item in reachable.items:
            if _leads_to(item.value, _host(host), port):
                return Answer(True, "can be reached from the host", item.span, "reachable here", item.value)
        there = f"{host}:{port}" if port else host
        return _absent(there, reachable, "endpoint", "cannot be reached from the host")

    def sudo(self, command: Sequence[str], user: str = "", runas: str = "root") -> Answer[SudoRight]:
        """Whether a user may run a command with sudo, by its words; without a user the one who upgrades.

        `mode` and `nopasswd` of the profile speak of that user alone, and before what sudoers says.
        """
        from pkgscan.profile.sudo_rights import Asked  # noqa: PLC0415  # only where one asks

        host = self.profile.host
        upgrader = host.user.value if host.user else ""
        stated = self._stated_right(command) if not user or user == upgrader else None
        asked = Asked(user or upgrader, runas, host.name.value if host.name else "", tuple(command))
        return stated or self._granted_right(asked)

    def _granted_right(self, asked: Asked) -> Answer[SudoRight]:
        from pkgscan.profile.sudo_rights import ruling  # noqa: PLC0415  # only where one asks

        sudo = self.profile.sudo
        grant, sure = ruling(sudo.grants, asked)
        who = f"by {asked.user} with sudo" if asked.user else "with sudo"
        if sudo.span is None:
            return Answer(None, _NOT_STATED)
        if not sure or not asked.words or (sudo.grants and not asked.user):
            return Answer(None, "depends on what this profile does not tell", sudo.span, "the rights are listed here")
        if grant is not None and not grant.negated:
            right = SudoRight(grant.asks and asked.user != "root")
            return Answer(True, f"may be run {who}{_asking(right)}", grant.span, "granted here", right)
        if grant is not None:
            return Answer(False, f"may not be run {who}", grant.span, "forbidden here")
        if sudo.complete and (not sudo.users or asked.user in sudo.users):
            return Answer(False, f"may not be run {who}", sudo.span, "all rights are listed here")
        return Answer(None, "is not among the commands this profile grants", sudo.span, "some rights are listed here")

    def _stated_right(self, command: Sequence[str]) -> Answer[SudoRight] | None:
        from pkgscan.profile.sudo_rights import command_fits  # noqa: PLC0415  # only where one asks

        sudo = self.profile.sudo
        for item in sudo.nopasswd:
            if command_fits(item.value, command):
                right = SudoRight(asks=False)
                return Answer(True, f"may be run with sudo{_asking(right)}", item.span, "granted here", right)
        if sudo.mode is None:
            return None
        if sudo.mode.value == "none":
            return Answer(False, "may not be run with sudo", sudo.mode.span, "no sudo, it says here")
        right = SudoRight(asks=sudo.mode.value == "password")
        return Answer(True, f"may be run with sudo{_asking(right)}", sudo.mode.span, "stated here", right)

    def database(self, name: str) -> Answer[Database]:
        """Whether the host uses a database."""
        databases = self.profile.databases
        for one in databases:
            if one.name.value.casefold() == name.casefold():
                return Answer(True, "is a database of the host", one.name.span, "stated here", one)
        names = Listing(tuple(one.name for one in databases), span=databases[0].name.span if databases else None)
        return _absent(name, names, "database")

    def table(self, table: str, database: str = "") -> Answer[Table]:
        """What the profile knows of a table; without a database, of the one that has such a table alone.

        Not there is certain where every database that may be meant is listed with all its tables.
        """
        among = [one for one in self.profile.databases if not database or _same(one.name.value, database)]
        found = [known for one in among if (known := one.find(table)) is not None]
        if len(found) == 1:
            return Answer(True, "is a table of the host", found[0].name.span, "its size is stated here", found[0])
        names = Listing(
            tuple(known.name for one in among for known in one.tables),
            complete=bool(among) and all(one.complete for one in among),
            span=among[0].name.span if among else None,
        )
        if found:
            return Answer(None, "is a table of several databases of the host", names.span, "one of them")
        return _absent(table, names, "table")

    def mount(self, path: str) -> Mount | None:
        """The file system that holds a path, as far as they are known."""
        holding = (one for one in self.profile.mounts if f"{path}/".startswith(f"{one.path.value.rstrip('/')}/"))
        return max(holding, key=lambda one: len(one.path.value), default=None)

    def installed(self, package: str) -> Stated[tuple[str, str]] | None:
        """The version of a package that the host has now, as (package, version)."""
        return next((one for one in self.profile.installed if one.value[0] == package), None)


_SYSTEM = "the system is stated here"
_NOT_STATED = "is nothing this profile speaks of"


def unit_name(name: str) -> str:
    """A unit as systemctl takes it: `nginx` is `nginx.service`."""
    return name if name.endswith(_SORTS) else f"{name}.service"


def _listed(name: str, listing: Listing, what: str) -> Answer[str]:
    found = listing.find(name)
    if found is not None:
        return Answer(True, f"is a {what} of the host", found.span, "known here", found.value)
    return _absent(name, listing, what)


def _absent(name: str, listing: Listing, what: str, gone: str = "") -> Answer[Any]:
    """What a listing says of a name that it lacks; `gone` is the phrase where that is certain."""
    if listing.span is None:
        return Answer(None, _NOT_STATED)
    near = nearest(name, (item.value for item in listing.items))
    if listing.complete:
        phrase = gone or f"is no {what} of the host"
        return Answer(False, phrase, listing.span, f"all {what}s are listed here", near=near)
    count = f"{what}s" if len(listing.items) == 1 else f"{len(listing.items)} {what}s"
    return Answer(None, f"is not among the {count} this profile knows", listing.span, f"the {what}s known", near=near)


def _asking(right: SudoRight) -> str:
    return ", which asks for a password" if right.asks else ", without a password"


def _host(name: str) -> str:
    return name.strip("[]").rstrip(".").casefold()


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _leads_to(endpoint: str, host: str, port: int | None) -> bool:
    """Whether an endpoint (`host`, `host:port`, `*.example.com:443`) is a host and port."""
    name, colon, digits = endpoint.rpartition(":")
    if not colon or not digits.isdecimal():
        name, digits = endpoint, ""
    name = _host(name)
    fits = host.endswith(name[1:]) if name.startswith("*.") else host == name
    return fits and (not digits or port is None or int(digits) == port)
