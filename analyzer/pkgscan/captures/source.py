"""One captured output: its text, the places in it, and complaints that name them."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NoReturn

import msgspec

from pkgscan.captures.json_places import Keys, places
from pkgscan.errors import UserError
from pkgscan.model import Span
from pkgscan.profile.model import Listing, Stated

MOST_BYTES = 64 << 20  # of one output; the packages of a large host, as Ansible prints them, are 5 MB
_AGAIN = "capture it again as docs/profile.md says, or leave it out"


class Captured(msgspec.Struct, frozen=True):
    """The text of an output, and the file that holds it. Raises UserError throughout."""

    path: str
    text: str

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number, text) of each line that is not blank, without its end."""
        for number, line in enumerate(self.text.split("\n"), 1):
            if line.strip():
                yield number, line.rstrip()

    def span(self, line: int, column: int = 1) -> Span:
        """A place in it."""
        return Span(self.path, line, line, column)

    def whole(self, items: Iterable[Stated[str]]) -> Listing:
        """A listing of all that there is, and that place in it."""
        return Listing(tuple(items), complete=True, span=self.span(1))

    def fail(self, line: int, message: str, column: int = 1) -> NoReturn:
        """Complain about a line."""
        raise UserError(f"{self.path}:{line}:{column}: {message}", _AGAIN)

    def json(self) -> CapturedJson:
        """The same as JSON."""
        import json  # noqa: PLC0415  # most captures are none

        try:
            return CapturedJson(self, json.loads(self.text), places(self.text))
        except json.JSONDecodeError as error:
            self.fail(error.lineno, f"no valid JSON: {error.msg}", error.colno)
        except ValueError:
            self.fail(1, "no valid JSON: it holds a number of thousands of digits")
        except RecursionError:
            self.fail(1, "its lists or objects nest too deep to be read")


class CapturedJson(msgspec.Struct, frozen=True, dict=True):
    """An output in JSON; `at` are keys and numbers that lead to a value."""

    source: Captured
    data: Any
    offsets: dict[Keys, int]

    def span(self, at: Keys) -> Span:
        """Where a value begins."""
        return self.source.span(*self._place(at))

    def fail(self, at: Keys, message: str) -> NoReturn:
        """Complain about a value."""
        line, column = self._place(at)
        self.source.fail(line, message, column)

    def texts(self, value: Any, at: Keys, *keys: str) -> list[str]:
        """The texts of an object under some keys. Raises UserError for one that is missing or another value."""
        if not isinstance(value, dict):
            self.fail(at, f"must be an object with {' and '.join(keys)}")
        for key in keys:
            if not isinstance(value.get(key), str):
                self.fail((*at, key), f"{key} must be a text")
        return [value[key] for key in keys]

    def items(self, value: Any, at: Keys, what: str) -> Iterator[tuple[Keys, Any]]:
        """(keys, value) of each item of a list."""
        if not isinstance(value, list):
            self.fail(at, f"{what} must be a list")
        yield from (((*at, number), item) for number, item in enumerate(value))

    def _place(self, at: Keys) -> tuple[int, int]:
        while at and at not in self.offsets:
            at = at[:-1]
        offset = self.offsets.get(at, 0)
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins: a capture may have thousands of values, all on one line or each on its own."""
        return [0, *(found.end() for found in re.finditer("\n", self.source.text))]


def read_capture(path: str) -> Captured:
    """The output in a file; not in a pipe or a device, which may never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UserError(f"{path} is no file", "name a file that exists and may be read")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "name a file that exists and may be read") from error
    if len(data) > MOST_BYTES:
        raise UserError(f"{path} is larger than any such output", _AGAIN)
    return Captured(path, text_of(data))


def text_of(data: bytes) -> str:
    """The text of an output, whatever system it came from."""
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
