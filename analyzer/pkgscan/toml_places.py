"""Where each key and value of a TOML text stands: neither tomllib nor msgspec says it.

The text is one that tomllib has taken, so nothing is checked here again. Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
from bisect import bisect_right

Key = str | int  # a table's key, or a place in an array counted from 0
Keys = tuple[Key, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_NAME = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'  # the closing quotes may follow up to two that belong to the text
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+"  # a date and a time may have a space between them
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


class Places:
    """The places of all keys and values of one text, as (line, column), both counted from 1, in characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._keys: dict[Keys, int] = {}
        self._values: dict[Keys, int] = {}
        self._tables: dict[Keys, int] = {}  # how many tables an array of tables has so far
        self._scan()

    def key(self, keys: Keys) -> tuple[int, int]:
        """Where the key, or the header, of the value at `keys` stands; of what is not there, its nearest parent's."""
        return self._place(self._keys, keys)

    def value(self, keys: Keys) -> tuple[int, int]:
        """Where the value at `keys` begins; that of a table is its header."""
        return self._place(self._values, keys)

    def _place(self, places: dict[Keys, int], keys: Keys) -> tuple[int, int]:
        while keys and keys not in places:
            keys = keys[:-1]
        at = places.get(keys, 0)
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def _scan(self) -> None:
        text, table = self._text, Keys()
        at = self._skip(0)
        while at < len(text):
            start = at
            if text.startswith("[", at):
                count = 2 if text.startswith("[[", at) else 1
                names, at = self._names(at + count)
                table = self._opened(names, is_array=count > 1)
                self._note(table, start, start)
                at += count
            else:
                names, at = self._names(at)
                at = self._value(self._skip(at + 1), self._named(table, names, start))
            at = self._skip(at)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _names(self, at: int) -> tuple[tuple[str, ...], int]:
        """The parts of a dotted key, and where what follows it stands."""
        names: list[str] = []
        while found := _NAME.match(self._text, at):
            names.append(_unquoted(found[1]))
            at = found.end()
            if not self._text.startswith(".", at):
                break
            at += 1
        return tuple(names), at

    def _opened(self, names: tuple[str, ...], *, is_array: bool) -> Keys:
        """The table that a header opens: of arrays of tables, their last one."""
        table = Keys()
        for place, name in enumerate(names, 1):
            table += (name,)
            if is_array and place == len(names):
                self._tables[table] = self._tables.get(table, 0) + 1
            if table in self._tables:
                table += (self._tables[table] - 1,)
        return table

    def _named(self, table: Keys, names: tuple[str, ...], start: int) -> Keys:
        """The keys of a value by its name in a table; its place, and that of tables which only it names, are noted."""
        for name in names:
            table += (name,)
            self._keys.setdefault(table, start)
            self._values.setdefault(table, start)
        return table

    def _note(self, keys: Keys, key: int, value: int) -> None:
        for count in range(1, len(keys)):  # tables that are named by their own ones alone
            self._keys.setdefault(keys[:count], key)
            self._values.setdefault(keys[:count], key)
        self._keys[keys], self._values[keys] = key, value

    def _value(self, at: int, keys: Keys) -> int:
        """Note the value at `at` and all in it; where it ends. A stack of its own: arrays nest as deep as they like."""
        text = self._text
        around: list[tuple[str, Keys, int]] = []  # closing bracket, keys, items so far
        while True:
            self._values[keys] = at
            self._keys.setdefault(keys, at)
            if text[at] in "[{":
                around.append(("]" if text[at] == "[" else "}", keys, 0))
                at += 1
            elif scalar := _SCALAR.match(text, at):
                at = scalar.end()
            while around:
                closing, outer, count = around[-1]
                at = self._skip(at)
                if text[at] == ",":
                    at = self._skip(at + 1)
                if text[at] != closing:
                    break
                around.pop()
                at += 1
            else:
                return at
            around[-1] = (closing, outer, count + 1)
            if closing == "]":
                keys = (*outer, count)
            else:
                start = at
                names, at = self._names(at)
                at, keys = self._skip(at + 1), self._named(outer, names, start)


def _unquoted(name: str) -> str:
    """A part of a key as tomllib gives it."""
    if name.startswith('"') and "\\" in name:
        import tomllib  # noqa: PLC0415  # hardly ever

        return str(tomllib.loads(f"name = {name}")["name"])
    return name[1:-1] if name[0] in "\"'" else name
