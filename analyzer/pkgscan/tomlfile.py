"""A TOML file of the user's, read strictly: every complaint names the file, the line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

from pkgscan.errors import UserError

T = TypeVar("T", str, int, bool, list[Any], dict[str, Any], date)
Key = str | int  # a table's key, or a place in an array counted from 0

_LINE = r"\(at line (\d+), column \d+\)"  # as tomllib ends its messages
LISTED = 20  # known names that still fit in a hint
SHOWN_LENGTH = 60  # characters of a wrong value worth repeating
_SHOWN: Mapping[type, str] = MappingProxyType(
    {
        str: "a text in quotes",
        int: "a whole number",
        bool: "true or false",
        list: "a list in brackets",
        dict: "a table",
        date: "a date such as 2027-01-31, without quotes",
    }
)


class TomlFile:
    """The tables of one file, and the questions a strict reader asks of them. Raises UserError throughout."""

    def __init__(self, path: str, text: str, data: dict[str, Any]) -> None:
        self.path = path
        self.text = text
        self.data = data

    def fail(self, keys: tuple[Key, ...], message: str, hint: str = "") -> NoReturn:
        """Complain about the value at `keys`."""
        raise UserError(f"{self.path}:{self.line(keys)}: {message}", hint)

    def allow(self, table: dict[str, Any], at: tuple[Key, ...], known: Iterable[str]) -> None:
        """Complain about the first key of a table that is not known."""
        known = tuple(known)
        for key in table:
            if key not in known:
                self.fail((*at, key), f"unknown key {key!r}", did_you_mean(key, known))

    def typed(self, table: dict[str, Any], at: tuple[Key, ...], key: str, kind: type[T]) -> T | None:
        """A value that must be of exactly one type, or None where the key is absent."""
        value = table.get(key)
        if value is None or type(value) is kind:
            return value
        return self.fail((*at, key), f"{key} must be {_SHOWN[kind]}, not {shown(value)}")

    def line(self, keys: tuple[Key, ...]) -> int:
        """The line, from 1, on which the value at `keys` begins; it must be in the file.

        The first so many lines hold the value or do not: the place is found by halving. Where they end inside a value
        of several lines they do not parse; then the nearest number of lines that does is tried instead.
        """
        lines = self.text.split("\n")
        without, holding = 0, len(lines)
        while holding - without > 1:
            middle = (without + holding) // 2
            tries = (*range(middle, holding), *range(middle - 1, without, -1))
            at, found = next(
                ((count, found) for count in tries if (found := _holds(lines[:count], keys)) is not None), (0, None)
            )
            if found is None:
                break  # one value fills all these lines
            without, holding = (without, at) if found else (at, holding)
        return without + 1


def read_toml(path: str) -> TomlFile:
    """The file at a path. A file that cannot be read or parsed is a UserError with the line."""
    try:
        with open(path, "rb") as file:
            return parse_toml(path, file.read().decode("utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "name a file that exists and may be read") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8", "save it as UTF-8") from error


def parse_toml(path: str, text: str) -> TomlFile:
    """A text as the file at `path` would hold it."""
    import tomllib  # noqa: PLC0415  # not at start: most runs read no such file

    try:
        return TomlFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = re.search(_LINE, str(error))
        number = int(found[1]) if found else text.rstrip().count("\n") + 1  # "at end of document"
        raise UserError(f"{path}:{number}: no valid TOML: {error}", "mend that line") from error


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name nobody knows: the nearest known one, else all of them, or nothing where they are many."""
    import difflib  # noqa: PLC0415  # only on the way to an error

    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= LISTED else ""


def shown(value: object) -> str:
    """A value as an error names it: short, on one line."""
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in escaped) + '"'


def _holds(lines: list[str], keys: tuple[Key, ...]) -> bool | None:
    """Whether these lines alone hold a value at `keys`; None if they do not parse."""
    import tomllib  # noqa: PLC0415  # see parse_toml

    try:
        value: Any = tomllib.loads("\n".join(lines) + "\n")
    except tomllib.TOMLDecodeError:
        return None
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True
