"""Who may run what with sudo: `cvtsudoers -e -f json`, or what `sudo -l -U USER` prints.

Later lines of sudoers outweigh earlier ones, so the order of the grants is kept. Sources: sudoers(5), cvtsudoers(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pkgscan.captures.json_places import Keys
from pkgscan.captures.source import Captured, CapturedJson
from pkgscan.profile.model import Profile, Sudo, SudoGrant

_MAY_RUN = re.compile(r"User (\S+) may run the following commands on .*:")
_MAY_NOT = re.compile(r"User (\S+) is not allowed to run sudo on ")
_SPEC = re.compile(r"\s+\(([^)]*)\)\s+(.*)")
_TAG = re.compile(r"\s*([A-Z_]+):\s*")
_SECTIONS = frozenset({"User_Specs", "Defaults", "User_Aliases", "Command_Aliases"})
_WRAPPED = " " * 8
_COMMA = re.compile(r"(?<!\\),\s*")
_USERS = {"username": "", "usergroup": "%", "userid": "#", "usergid": "%#", "netgroup": "+", "nonunixgroup": "%:"}


def sudoers(source: Captured) -> Profile:
    """Every grant, in order; nothing else is granted, to the users of whom `sudo -l` speaks if it is that."""
    if source.text.lstrip().startswith("{"):
        sudo = Sudo(grants=tuple(_json(source.json())), complete=True, span=source.span(1))
    else:
        users, grants = _text(source)
        sudo = Sudo(grants=grants, complete=True, users=users, span=source.span(1))
    return Profile(path=source.path, sudo=sudo)


def _json(captured: CapturedJson) -> Iterator[SudoGrant]:
    if not isinstance(captured.data, dict) or _SECTIONS.isdisjoint(captured.data):
        captured.fail((), "no output of cvtsudoers: it has neither User_Specs nor Defaults")
    trusted = _trusted(captured)
    for at, spec in captured.items(captured.data.get("User_Specs", []), ("User_Specs",), "User_Specs"):
        if not isinstance(spec, dict):
            captured.fail(at, "a user specification must be an object")
        users = _names(captured, spec.get("User_List", []), (*at, "User_List"))
        hosts = _hosts(captured, spec.get("Host_List", []), (*at, "Host_List"))
        for inner, commands in captured.items(spec.get("Cmnd_Specs", []), (*at, "Cmnd_Specs"), "Cmnd_Specs"):
            if not isinstance(commands, dict):
                captured.fail(inner, "a command specification must be an object")
            for user in users:
                asks = _asks(captured, commands, inner, default=not trusted & {user, "ALL"})
                yield from _granted(captured, user, hosts, commands, inner, asks=asks)


def _trusted(captured: CapturedJson) -> set[str]:
    """Whom `Defaults !authenticate` frees from passwords; ALL for everybody."""
    users: set[str] = set()
    for at, item in captured.items(captured.data.get("Defaults", []), ("Defaults",), "Defaults"):
        if isinstance(item, dict) and not _asks(captured, item, at, default=True):
            users.update(_names(captured, item["Binding"], (*at, "Binding")) if "Binding" in item else ["ALL"])
    return users


def _asks(captured: CapturedJson, spec: dict[str, Any], at: Keys, *, default: bool) -> bool:
    """Whether a password is asked for, by the options of a specification."""
    for _, item in captured.items(spec.get("Options", []), (*at, "Options"), "Options"):
        if isinstance(item, dict) and isinstance(item.get("authenticate"), bool):
            return bool(item["authenticate"])
    return default


def _hosts(captured: CapturedJson, value: Any, at: Keys) -> tuple[str, ...]:
    """The hosts that a specification is for; none if it is for all. Networks and netgroups as they are written."""
    hosts = []
    for _, item in captured.items(value, at, "Host_List"):
        known = item.items() if isinstance(item, dict) else ()
        sign = "!" if ("negated", True) in known else ""
        hosts += [sign + (f"+{name}" if key == "netgroup" else str(name)) for key, name in known if key != "negated"]
    return () if hosts == ["ALL"] else tuple(hosts)


def _granted(  # noqa: PLR0913  # whose, where, what, and its place
    captured: CapturedJson, user: str, hosts: tuple[str, ...], spec: dict[str, Any], at: Keys, *, asks: bool
) -> Iterator[SudoGrant]:
    runas = tuple(_names(captured, spec.get("runasusers", []), (*at, "runasusers")))
    for place, item in captured.items(spec.get("Commands", []), (*at, "Commands"), "Commands"):
        if isinstance(item, dict) and "cmndalias" in item:
            captured.fail(place, "names an alias: have cvtsudoers expand them, with -e")
        (command,) = captured.texts(item, place, "command")
        sums = "".join(f"{key}:{value} " for key, value in item.items() if key.startswith("sha"))
        negated = item.get("negated") is True
        yield SudoGrant(user, sums + command, runas, asks, negated, captured.span(place), hosts)


def _names(captured: CapturedJson, value: Any, at: Keys) -> list[str]:
    """Users as sudoers writes them: a name, %group, #number."""
    names = []
    for place, item in captured.items(value, at, "users"):
        known = [key for key in _USERS if isinstance(item, dict) and key in item]
        if isinstance(item, dict) and any(key.endswith("alias") for key in item):
            captured.fail(place, "names an alias: have cvtsudoers expand them, with -e")
        if not known:
            captured.fail(place, f"must be an object with one of {', '.join(_USERS)}")
        sign = "!" if item.get("negated") is True else ""
        names.append(f"{sign}{_USERS[known[0]]}{item[known[0]]}")
    return names


def _text(source: Captured) -> tuple[tuple[str, ...], tuple[SudoGrant, ...]]:
    """The users that it speaks of, and what they may run."""
    users: list[str] = []
    grants: list[SudoGrant] = []
    for number, line in _unwrapped(source):
        if found := _MAY_RUN.fullmatch(line.strip()) or _MAY_NOT.match(line.strip()):
            users.append(found[1])
        elif users and (spec := _SPEC.fullmatch(line)):
            grants += _listed(source, users[-1], spec, number)
    if not users:
        source.fail(1, "no output of sudo -l or cvtsudoers: it says of no user what they may run")
    return tuple(users), tuple(grants)


def _unwrapped(source: Captured) -> Iterator[tuple[int, str]]:
    """Lines, those joined that sudo has wrapped: it indents what follows by eight, a new line by four."""
    first, text = 0, ""
    for number, line in source.lines():
        if text and line.startswith(_WRAPPED):
            text += f" {line.strip()}"
            continue
        if text:
            yield first, text
        first, text = number, line
    if text:
        yield first, text


def _listed(source: Captured, user: str, spec: re.Match[str], number: int) -> Iterator[SudoGrant]:
    runas = tuple(name.strip() for name in spec[1].partition(":")[0].split(",") if name.strip())
    asks = True
    for text in _COMMA.split(spec[2]):
        command = text
        while tag := _TAG.match(command):
            asks = {"NOPASSWD": False, "PASSWD": True}.get(tag[1], asks)
            command = command[tag.end() :]
        negated = command.startswith("!")
        column = spec.start(2) + spec[2].index(text) + 1
        yield SudoGrant(user, command.lstrip("! "), runas, asks, negated, source.span(number, column))
