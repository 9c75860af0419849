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
_COMMA = re.compile(r"(?<!\\),\s*")
_USERS = {"username": "", "usergroup": "%", "userid": "#", "usergid": "%#", "netgroup": "+", "nonunixgroup": "%:"}


def sudoers(source: Captured) -> Profile:
    """Every grant, in order; nothing else is granted."""
    found = _json(source.json()) if source.text.lstrip().startswith("{") else _text(source)
    return Profile(path=source.path, sudo=Sudo(grants=tuple(found), complete=True))


def _json(captured: CapturedJson) -> Iterator[SudoGrant]:
    for at, spec in captured.items(captured.data.get("User_Specs", []), ("User_Specs",), "User_Specs"):
        if not isinstance(spec, dict):
            captured.fail(at, "a user specification must be an object")
        users = _names(captured, spec.get("User_List", []), (*at, "User_List"))
        for inner, commands in captured.items(spec.get("Cmnd_Specs", []), (*at, "Cmnd_Specs"), "Cmnd_Specs"):
            if not isinstance(commands, dict):
                captured.fail(inner, "a command specification must be an object")
            yield from _granted(captured, users, commands, inner)


def _granted(captured: CapturedJson, users: list[str], spec: dict[str, Any], at: Keys) -> Iterator[SudoGrant]:
    options = [item for _, item in captured.items(spec.get("Options", []), (*at, "Options"), "Options")]
    free = any(isinstance(item, dict) and item.get("authenticate") is False for item in options)
    runas = tuple(_names(captured, spec.get("runasusers", []), (*at, "runasusers")))
    for place, item in captured.items(spec.get("Commands", []), (*at, "Commands"), "Commands"):
        if isinstance(item, dict) and "cmndalias" in item:
            captured.fail(place, "names an alias: have cvtsudoers expand them, with -e")
        (command,) = captured.texts(item, place, "command")
        negated = item.get("negated") is True
        span = captured.span(place)
        yield from (SudoGrant(user, command, runas, not free, negated, span) for user in users)


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


def _text(source: Captured) -> Iterator[SudoGrant]:
    user = ""
    for number, line in source.lines():
        if found := _MAY_RUN.fullmatch(line.strip()) or _MAY_NOT.match(line.strip()):
            user = found[1]
        elif user and (spec := _SPEC.fullmatch(line)):
            yield from _listed(source, user, spec, number)
    if not user:
        source.fail(1, "no output of sudo -l or cvtsudoers: it says of no user what they may run")


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
