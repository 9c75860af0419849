"""Bounds the lines of which each is a command, as in a crontab: to read one costs as much as an ordinary file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.archive.events import Event, Seen, gap
from pkgscan.kinds import KindTable

# What is neither blank nor a comment, which cost next to nothing.
_COMMAND = re.compile(rb"^[ \t]*+[^#\n][^\n]*+\n?", re.MULTILINE)
_SHORT = 64  # bytes; a shorter line counts as this long, for it makes a job as well
_LONGEST = 2048  # bytes that count; the rest of such a line is blanks, or no reader takes it


class CommandLines:
    """The lines of one package's entries of such kinds; `most` bytes are handed on, in the order of the walk."""

    def __init__(self, kinds: KindTable, most: int) -> None:
        self._kinds = kinds
        self._most = most
        self._count = 0

    def bounded(self, seen: Seen, content: bytes) -> Iterator[Event]:
        """An entry, its content ending where there is no more room for lines of its kind, and the gap that says so."""
        end = self._end(content) if seen.entry.kind in self._kinds.line_by_line else len(content)
        if end == len(content):
            yield seen
            return
        yield Seen(seen.entry, content[:end] or None, truncated=True)
        more = sum(1 for _ in _COMMAND.finditer(content, end))
        detail = f"{more} lines of it were not read, the package has commands of over {self._most} bytes"
        yield gap(seen.entry.path, "limit-commands", f"{detail}; raise it with --limit commands=N")

    def _end(self, content: bytes) -> int:
        """Up to which byte there is room; all of what follows the last line that counts."""
        for line in _COMMAND.finditer(content):
            cost = min(max(_SHORT, line.end() - line.start()), _LONGEST)
            if self._count + cost > self._most:
                self._count = self._most  # a shorter one that follows is not read either
                return line.start()
            self._count += cost
        return len(content)
