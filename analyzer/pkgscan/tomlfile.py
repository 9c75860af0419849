"""A TOML file of the user's, read strictly: every complaint names the file, the line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pkgscan.errors import UserError

if TYPE_CHECKING:  # a file in which nothing is wrong is not asked for places, unless it is a profile
    from pkgscan.toml_places import Keys, Places

T = TypeVar("T", str, int, bool, list[Any], dict[str, Any], date)

_PLACE = r"\(at line (\d+), column (\d+)\)"  # as tomllib ends its messages
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

    def fail(self, keys: Keys, message: str, hint: str = "") -> NoReturn:
        """Complain about the value at `keys`."""
        self._fail(self.places.value(keys), message, hint)

    def _fail(self, place: tuple[int, int], message: str, hint: str) -> NoReturn:
        raise UserError(f"{self.path}:{place[0]}:{place[1]}: {message}", hint)

    def allow(self, table: dict[str, Any], at: Keys, known: Iterable[str]) -> None:
        """Complain about the first key of a table that is not known."""
        known = tuple(known)
        for key in table:
            if key not in known:
                self._fail(self.places.key((*at, key)), f"unknown key {key!r}", did_you_mean(key, known))

    def typed(self, table: dict[str, Any], at: Keys, key: str, kind: type[T]) -> T | None:
        """A value that must be of exactly one type, or None where the key is absent."""
        value = table.get(key)
        if value is None or type(value) is kind:
            return value
        return self.fail((*at, key), f"{key} must be {_SHOWN[kind]}, not {shown(value)}")

    @cached_property
    def places(self) -> Places:
        """Where each key and value stands; worked out for who asks, which is mostly nobody."""
        from pkgscan.toml_places import Places  # noqa: PLC0415  # see above

        return Places(self.text)


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
        found = re.search(_PLACE, str(error))
        end = text.rstrip()  # "at end of document"
        place = f"{found[1]}:{found[2]}" if found else f"{end.count(chr(10)) + 1}:{len(end) - end.rfind(chr(10))}"
        raise UserError(f"{path}:{place}: no valid TOML: {error}", "mend that line") from error
    except ValueError as error:  # of Python itself, which takes no number of more than 4300 digits
        raise UserError(f"{path}: it holds a number of thousands of digits", "write a smaller one") from error
    except RecursionError as error:
        raise UserError(f"{path}: its arrays or tables nest too deep to be read", "write them flat") from error


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
    try:
        text = repr(value)
    except ValueError:  # one in hexadecimal is taken, and then not shown: Python limits the digits
        return "a number of thousands of digits"
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in escaped) + '"'
