"""One table of a profile, read strictly: each value of the right sort with its place, or a complaint with the place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from pkgscan.model import Span
from pkgscan.profile import measures
from pkgscan.profile.model import Listing, Stated
from pkgscan.toml_places import Keys
from pkgscan.tomlfile import TomlFile, did_you_mean, shown

T = TypeVar("T", str, int, bool)
C = TypeVar("C", bound=str)

_MOST = (1 << 63) - 1  # what databases and file systems count with
_LIKE = 0.6  # how much of two keys is the same where one is taken for the other, as difflib counts it


class TableReader:
    """The values of one table, and the questions asked of them. Raises UserError throughout.

    A key that is not there gives None, or nothing; a key that no question names is told by `close`.
    """

    def __init__(self, file: TomlFile, data: Any, at: Keys = ()) -> None:
        self._file = file
        self._at = at
        self._asked: set[str] = set()
        if type(data) is not dict:
            file.fail(at, f"{_dotted(at)} must be a table, not {shown(data)}")
        self._data: dict[str, Any] = data

    @property
    def span(self) -> Span:
        """Where the table is."""
        return self._span(self._at)

    def close(self) -> None:
        """Complain about a key that nobody asked for."""
        self._file.allow(self._data, self._at, sorted(self._asked))

    def fail(self, key: str, message: str, hint: str = "") -> Any:
        """Complain about the value of a key."""
        return self._file.fail((*self._at, key), message, hint)

    def text(self, key: str) -> Stated[str] | None:
        """A text that is not empty and fits on a line."""
        found = self._typed(key, str)
        if found is not None and (not found.value.strip() or not found.value.isprintable()):
            self.fail(key, f"{key} must be a text on one line that is not empty, not {shown(found.value)}")
        return found

    def required(self, key: str) -> Stated[str]:
        """A text without which the table says nothing."""
        found = self.text(key)
        if found is None:
            self.near_miss(key)
        return found or self._file.fail(self._at, f"{_dotted(self._at)} lacks the key {key!r}")

    def near_miss(self, key: str) -> None:
        """Complain about a key that is nearly one which is not there."""
        import difflib  # noqa: PLC0415  # only on the way to an error

        near = difflib.get_close_matches(key, self._data.keys() - self._asked, n=1, cutoff=_LIKE)
        if near:
            self._file.allow({near[0]: None}, self._at, (key,))

    def whole(self, key: str) -> Stated[int] | None:
        """A whole number from 0 on."""
        found = self._typed(key, int)
        if found is not None and found.value < 0:
            self.fail(key, f"{key} must not be negative")
        if found is not None and found.value > _MOST:
            self.fail(key, f"{key} is larger than anything that can be counted")
        return found

    def truth(self, key: str) -> Stated[bool] | None:
        """True or false."""
        return self._typed(key, bool)

    def date(self, key: str) -> date | None:
        """A date."""
        self._asked.add(key)
        return self._file.typed(self._data, self._at, key, date)

    def size(self, key: str) -> Stated[int] | None:
        """A size, in bytes."""
        return self._measured(key, measures.size, 'a size such as "6 GiB"')

    def duration(self, key: str) -> Stated[int] | None:
        """A duration, in seconds."""
        return self._measured(key, measures.duration, 'a duration such as "30m" or "1h 30m"')

    def interval(self, key: str) -> tuple[float, float]:
        """Two numbers above 0, the smaller first, that have to be there."""
        self._asked.add(key)
        found = self._data.get(key)
        if found is None:
            self._file.fail(self._at, f"it lacks the key {key!r}")
        numbers = [item for item in found if type(item) in {int, float}] if type(found) is list else []
        if len(numbers) != 2 or len(found) != 2 or not 0 < numbers[0] <= numbers[1] < float("inf"):  # noqa: PLR2004  # a pair
            self.fail(key, f"{key} must be two numbers above 0, the smaller first, not {shown(found)}")
        return float(numbers[0]), float(numbers[1])

    def clock(self, key: str) -> Stated[int] | None:
        """A time of day, in minutes."""
        return self._measured(key, measures.clock, 'a time such as "02:30"')

    def choice(self, key: str, choices: tuple[C, ...]) -> Stated[C] | None:
        """One of some words."""
        found = self.text(key)
        return None if found is None else self._chosen(found, (*self._at, key), key, choices)

    def texts(self, key: str) -> tuple[Stated[str], ...]:
        """A list of texts, each with its place."""
        self._asked.add(key)
        values = self._file.typed(self._data, self._at, key, list) or []
        for number, value in enumerate(values):
            if type(value) is not str or not value.strip() or not value.isprintable():
                self._file.fail((*self._at, key, number), f"{key} must hold texts on one line, not {shown(value)}")
        return tuple(Stated(value, self._span((*self._at, key, number))) for number, value in enumerate(values))

    def listing(self, key: str) -> Listing:
        """A list of names; that it is complete, the key of that name says for all lists of the table."""
        complete = self.truth("complete")
        items = self.texts(key)
        span = self._span((*self._at, key)) if key in self._data else None
        return Listing(items, span is not None and complete is not None and complete.value, span)

    def choices(self, key: str, choices: tuple[C, ...]) -> tuple[Stated[C], ...]:
        """A list of words, each one of some."""
        found = self.texts(key)
        return tuple(self._chosen(item, (*self._at, key, place), key, choices) for place, item in enumerate(found))

    def pairs(self, key: str) -> tuple[Stated[tuple[str, str]], ...]:
        """A table of texts as (key, text), each with its place."""
        self._asked.add(key)
        table = self.table(key)
        found = ((name, table.text(name)) for name in self._data.get(key, {}))
        return tuple(Stated((name, stated.value), stated.span) for name, stated in found if stated is not None)

    def named_tables(self, key: str) -> tuple[tuple[str, TableReader], ...]:
        """The tables of a table, each with its own name."""
        self.table(key)
        inner: dict[str, Any] = self._data.get(key, {})
        return tuple((name, TableReader(self._file, value, (*self._at, key, name))) for name, value in inner.items())

    def table(self, key: str) -> TableReader:
        """A table in this one; one without keys if it is not there."""
        self._asked.add(key)
        return TableReader(self._file, self._data.get(key, {}), (*self._at, key))

    def tables(self, key: str) -> tuple[TableReader, ...]:
        """An array of tables in this one."""
        self._asked.add(key)
        values = self._file.typed(self._data, self._at, key, list) or []
        return tuple(TableReader(self._file, value, (*self._at, key, place)) for place, value in enumerate(values))

    def __bool__(self) -> bool:
        """Whether the table holds anything."""
        return bool(self._data)

    def _typed(self, key: str, kind: type[T]) -> Stated[T] | None:
        self._asked.add(key)
        value = self._file.typed(self._data, self._at, key, kind)
        return None if value is None else Stated(value, self._span((*self._at, key)))

    def _measured(self, key: str, parse: Callable[[str], int | None], expected: str) -> Stated[int] | None:
        found = self.text(key)
        if found is None:
            return None
        value = parse(found.value)
        if value is None:
            self.fail(key, f"{key} must be {expected}, not {shown(found.value)}")
        return Stated(int(value or 0), found.span)

    def _chosen(self, found: Stated[str], at: Keys, key: str, choices: tuple[C, ...]) -> Stated[C]:
        for choice in choices:
            if choice == found.value:
                return Stated(choice, found.span)
        return self._file.fail(at, f"unknown {key} {found.value!r}", did_you_mean(found.value, choices))

    def _span(self, keys: Keys) -> Span:
        line, column = self._file.places.value(keys)
        return Span(self._file.path, line, line, column)


def _dotted(keys: Keys) -> str:
    return ".".join(str(key) for key in keys) or "the profile"
