"""Lines of text fit for a terminal: places, widths, wrapping, colour."""

from __future__ import annotations

import os.path
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

from pkgscan.model import MEMBER, Span
from pkgscan.safe import shown

Style = Literal["bold", "dim", "red", "yellow", "green", "cyan"]
_CODES: dict[Style, str] = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}

_ESCAPE = re.compile("\x1b\\[[0-9;]*m")  # what `paint` adds; safe text holds none
NARROWEST = 40  # columns; below that, wrapping costs more than it gives
_SHARE = 0.5  # of the width that a cell may take and still set the width of its column
_BESIDE = 24  # columns a text needs beside others; with less it goes below them


class Page:
    """Lines in the making. What is passed as `styled` or to `paint` must be safe already."""

    def __init__(self, width: int, *, color: bool = False, package: str = "") -> None:
        self.width = max(width, NARROWEST) if width else 0
        self._color = color
        self._prefix = os.path.basename(package.rstrip("/")) + MEMBER if package else ""
        self._lines: list[str] = []

    def text(self) -> str:
        """The whole page."""
        return "".join(line.rstrip() + "\n" for line in self._lines)

    def paint(self, text: str, *styles: Style) -> str:
        """The text in a style, where colour is on."""
        if not self._color or not styles or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def line(self, styled: str = "") -> None:
        """One line as it is."""
        self._lines.append(styled)

    def heading(self, title: str) -> None:
        """An empty line and a title."""
        self.line()
        self.line(self.paint(title, "bold"))

    def prose(self, text: str, first: str = "", rest: str = "", *styles: Style) -> None:
        """A text wrapped to the width, after `first` on its first line and `rest` on the others."""
        room = self.width - columns(rest) if self.width else 0
        for number, piece in enumerate(wrap(text, room, self.width - columns(_ESCAPE.sub("", first)))):
            self.line((rest if number else first) + self.paint(piece, *styles))

    def pair(self, head: str, painted: str, text: str, indent: str) -> None:
        """A head, `painted` where it fits, with a text beside it; below it where one line does not hold both."""
        if not self.width or columns(f"{head}  {text}") <= self.width:
            self.line(f"{painted}  {text}")
            return
        if columns(head) <= self.width:
            self.line(painted)
        else:
            self.prose(head, "", indent)
        self.prose(text, indent, indent)

    def rows(self, rows: Iterable[Sequence[str]], indent: str) -> None:
        """Rows in aligned columns; the last one wraps beside the others. What finds no room goes on below."""
        table = [tuple(row) for row in rows]
        limit = int(self.width * _SHARE) if self.width else 0
        count = max((len(row) for row in table), default=0)
        widths = [_column_width([row[at] for row in table if at < len(row) - 1], limit) for at in range(count)]
        for row in table:
            self._row(row, widths, indent)

    def _row(self, row: tuple[str, ...], widths: list[int], indent: str) -> None:
        cells = zip(row[:-1], widths, strict=False)
        lead = indent + "".join(pad(cell, width) + "  " for cell, width in cells if cell or width)
        room = self.width - columns(lead)
        if not self.width or columns(row[-1]) <= room or room >= _BESIDE:
            self.prose(row[-1], lead, " " * columns(lead))
        else:
            self._flow(row, widths, indent)

    def _flow(self, row: tuple[str, ...], widths: list[int], indent: str) -> None:
        """A row on as many lines as it takes: aligned on the first, then deeper, cell after cell."""
        line, start, deeper = indent, indent, indent + "    "
        for cell, width in zip(row, widths, strict=False):
            if line != indent and columns(line) + columns(cell) > self.width:
                if line.strip():
                    self.line(line)
                line = start = deeper
            *whole, rest = wrap(cell, self.width - columns(deeper))
            for piece in whole:
                self.line(line + piece)
                line = start = deeper
            if rest or start == indent:
                line += pad(rest, width if start == indent else 0) + "  "
        self.line(line)

    def place(self, span: Span | None) -> str:
        """A place as people write it, safe to print: without the package's own name, with its lines."""
        return place(span, self._prefix)

    def cell(self, text: str) -> str:
        """A text of a part, safe to print; where it is a path, without the package's own name."""
        return shown(text.removeprefix(self._prefix))


def place(span: Span | None, prefix: str = "") -> str:
    """`etc/cron.d/import:3`. `prefix` is dropped; an empty one drops the outermost archive, whatever its name."""
    if span is None:
        return "the package"
    path = span.path
    if prefix:
        path = path.removeprefix(prefix)
    elif MEMBER in path:
        path = path.partition(MEMBER)[2]
    where = shown(path)
    if span.first_line:
        last = f"-{span.last_line}" if span.last_line > span.first_line else ""
        return f"{where}:{span.first_line}{last}"
    return f"{where} at byte {span.first_byte}" if span.first_byte >= 0 else where


def columns(text: str) -> int:
    """How many columns a terminal gives a printable text: wide letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_column(char) for char in text)


def _column(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text with spaces up to a width in columns."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int, first: int | None = None) -> list[str]:
    """The lines of a text, at most `width` columns wide, the first at most `first`; 0 wraps nothing.

    A word too long for a line is a path most of the time, and breaks after a slash where it has one.
    """
    room = width if first is None else min(first, width)
    if width <= 0 or columns(text) <= room:
        return [text]
    lines: list[list[str]] = [[]]
    used = -1
    for word in chain.from_iterable(_pieces(long, width) for long in text.split()):
        wide = columns(word)
        if used + 1 + wide > room and (lines[-1] or wide > room):
            lines.append([])
            used, room = -1, width
        lines[-1].append(word)
        used += 1 + wide
    return [" ".join(words) for words in lines]


def _pieces(word: str, width: int) -> Iterator[str]:
    while columns(word) > width:
        end, used = 0, 0
        while used + _column(word[end]) <= width:
            used += _column(word[end])
            end += 1
        end = max(end, 1)  # a wide letter where one column is left
        end = word.rfind("/", 1, end) + 1 or end
        yield word[:end]
        word = word[end:]
    yield word


def _column_width(cells: list[str], limit: int) -> int:
    fitting = [columns(cell) for cell in cells]
    return max((width for width in fitting if not limit or width <= limit), default=0)


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("ry") else f"{number} {noun}s"
