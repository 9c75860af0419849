"""Cuts SQL into statements as it streams by, whatever the dialect: the chunks joined are the text again.

Nothing is parsed here. A statement is held no longer than to its head: what goes beyond is handed on in pieces that say
so, for nobody but a database wants the rows of a dump.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from pkgscan.facts.sql import Dialect
from pkgscan.readers.sql import lexis as words

HEAD = 64 << 10  # characters of a statement that are held together; longer ones carry data
REFUSALS = 1000  # of one beginning: each may cost a look through a whole block; a statement is cut by every block's end
BEGINNINGS = 200  # of rows that are passed over; each is a pattern to make, and a dump has one for each table
_NO_TAG_IS_LONGER = 64  # characters; what closes a construct may stand across two blocks

ChunkKind = Literal["space", "comment", "meta", "statement", "more", "rows", "data", "end"]


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """A piece of the text. `statement` has its terminator; `more` is the rest of one that is over `HEAD` long.

    `rows` are statements that were to be passed over, many together. `meta` is a line for the client (psql's,
    sqlplus's, GO, DELIMITER), `data` the rows behind a COPY, `end` a terminator that ends nothing. `is_whole` is false
    of a statement whose rest follows as `more`, or never comes.
    """

    kind: ChunkKind
    text: str
    is_whole: bool = True


def split(text: str, dialect: Dialect) -> Iterator[Chunk]:
    """All chunks of a text."""
    splitter = Splitter(dialect)
    yield from splitter.feed(text)
    yield from splitter.close()


class Splitter:
    """Takes text in blocks of any size. Feed it, then close it."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect
        self._lexis = words.lexis(dialect)
        self._delimiters = 0
        self._text = ""
        self._at = 0  # where the present chunk begins
        self._to = 0  # up to where it is known to go
        self._depth = 0  # of BEGIN in a routine
        self._is_routine = False
        self._is_rule = False
        self._is_long = False  # the head of the present statement is handed on
        self._open = ""  # the construct that the text ends in, once its beginning is handed on
        self._mode: Literal["between", "statement", "data"] = "between"
        self._final = False
        self._rows: re.Pattern[str] | None = None
        self._beginning = ""
        self._beginnings: dict[str, re.Pattern[str]] = {}
        self._refused: dict[str, int] = {}

    def pass_over(self, beginning: str) -> None:
        """From here on, take statements that begin like this together: rows for one table, thousands of them."""
        found = self._beginnings.get(beginning)
        if found is None and len(self._beginnings) < BEGINNINGS:
            body = self._lexis.body.pattern
            found = re.compile(rf"(?:\s*+{re.escape(beginning)}{body};)++", re.DOTALL)
            self._beginnings[beginning] = found
        self._rows = None if self._delimiters or self._refused.get(beginning, 0) > REFUSALS else found
        self._beginning = beginning

    def feed(self, block: str) -> Iterator[Chunk]:
        """The chunks that are whole by now. A last line is kept back: what it is may yet depend on its end."""
        text = self._text[self._at :] + block
        self._to -= self._at
        self._at = 0
        cut = text.rfind("\n")
        if len(text) - cut > HEAD:
            cut = len(text) - _NO_TAG_IS_LONGER
        held, self._text = text[cut:], text[:cut]
        if cut > self._to:
            yield from self._chunks()
        self._text += held

    def close(self) -> Iterator[Chunk]:
        """What is left, now that nothing follows."""
        self._final = True
        yield from self._chunks()
        if self._at < len(self._text):
            yield self._take("more" if self._is_long else "statement", len(self._text))

    def _chunks(self) -> Iterator[Chunk]:
        while self._at < len(self._text):
            step = self._between if self._mode == "between" else self._data if self._mode == "data" else self._statement
            chunk = step()
            if chunk is None:
                return
            yield chunk

    def _take(self, kind: ChunkKind, end: int, *, is_whole: bool = True) -> Chunk:
        chunk = Chunk(kind, self._text[self._at : end], is_whole)
        self._at = self._to = end
        return chunk

    def _between(self) -> Chunk | None:
        """Blanks, comments and lines for the client; else a statement begins."""
        text, at = self._text, self._at
        for kind, pattern in (("rows", self._rows), ("space", _BLANK), ("comment", self._lexis.comment)):
            if pattern is not None and (match := pattern.match(text, at)):
                return self._take(kind, match.end())  # type: ignore[arg-type]  # one of its kinds
        if self._rows and text.startswith(self._beginning, at):  # it begins so, and is not taken: mostly cut short
            self._refused[self._beginning] = self._refused.get(self._beginning, 0) + 1
            self._rows = None
        if self._lexis.is_nested and text.startswith("/*", at):
            return self._comment()
        if match := self._lexis.meta.match(text, at):
            return self._meta(match.end())
        if (match := self._lexis.terminator.match(text, at)) and match.end() > at:
            return self._take("end", match.end())
        self._mode, self._depth, self._is_long, self._to = "statement", 0, False, at
        self._is_rule = self._dialect == "postgresql" and words.RULE.match(text, at) is not None
        self._is_routine = self._is_rule or self._lexis.routine.match(text, at) is not None
        return self._statement()

    def _comment(self) -> Chunk | None:
        end = self._end_of_comment(self._at)
        if end < 0 and not self._final and len(self._text) - self._at < HEAD:
            return None
        if end < 0:  # without an end in sight: it is no more use than a statement that is not whole
            self._mode, self._to, self._is_routine, self._is_long = "statement", self._at, False, False
            return self._statement()
        return self._take("comment", end)

    def _meta(self, end: int) -> Chunk:
        chunk = self._take("meta", end)
        name, _, rest = chunk.text.partition(" ")
        delimiter = rest.strip().partition(" ")[0]
        if name.lower() == "delimiter" and delimiter and self._delimiters < words.DELIMITERS:
            self._delimiters += 1
            self._lexis = words.lexis(self._dialect, delimiter[:_NO_TAG_IS_LONGER])
        return chunk

    def _data(self) -> Chunk | None:
        """Rows behind a COPY, up to the line that ends them."""
        text, at = self._text, self._at
        if match := words.END_OF_ROWS.match(text, at) or words.END_OF_ROWS.search(text, text.find("\n\\.", at) + 1):
            self._mode = "between"
            return self._take("data", match.end())
        return self._take("data", len(text) if self._final else text.rfind("\n", at) + 1 or len(text))

    def _statement(self) -> Chunk | None:
        """The present statement as far as it is known: to its end, or its head once that is long enough."""
        if self._open and not self._leave_open():
            return self._pass_on()
        while (end := self._scan()) is None:
            if self._open:
                return self._pass_on()
        if end < 0:
            return self._pass_on() if self._to - self._at > HEAD else None
        chunk = self._take("more" if self._is_long else "statement", end)
        copies = chunk.kind == "statement" and self._dialect in {"postgresql", ""}
        self._mode = "data" if copies and words.COPIES_FROM_INPUT.match(chunk.text) else "between"
        return chunk

    def _pass_on(self) -> Chunk | None:
        """Hand on what there is of a long statement, but for the last characters, which may be half of what ends it."""
        end = len(self._text) if self._final else min(self._to, len(self._text))
        if end <= self._at:
            return None
        kind: ChunkKind = "more" if self._is_long else "statement"
        self._is_long = True
        return self._take(kind, end, is_whole=False)

    def _scan(self) -> int | None:
        """The end of the statement; -1 if more text is needed; None to scan on from `_to`."""
        text = self._text
        match = self._lexis.body.match(text, self._to)
        before, self._to = self._to, match.end() if match else self._to
        if self._is_routine:
            self._count_blocks(text[before : self._to])
        at = self._to
        if at >= len(text):
            return -1
        if match := self._lexis.terminator.match(text, at):
            return self._at_terminator(match.end(), is_line=match.group().startswith("\n"))
        return self._construct(at)

    def _at_terminator(self, end: int, *, is_line: bool) -> int | None:
        holds_more = self._lexis.ends_at_line or (self._depth > 0 and not self._delimiters)
        if is_line or not self._is_routine or not holds_more:
            return end
        self._to = end
        return None

    def _count_blocks(self, piece: str) -> None:
        if self._is_rule:
            self._depth += sum(bool(match[1]) - bool(match[2]) for match in words.PARENTHESIS.finditer(piece))
            return
        for match in words.BLOCK_WORD.finditer(piece):
            if match[1] and (self._dialect != "postgresql" or self._depth or words.ATOMIC.match(piece, match.start())):
                self._depth += 1
            elif match[2]:
                self._depth -= 1

    def _construct(self, at: int) -> int | None:
        """A dollar quote, a nested comment, a line for psql, or something whose end is not in sight."""
        text = self._text
        if (match := words.DOLLAR_TAG.match(text, at)) and self._dialect in {"postgresql", ""}:
            end = text.find(match.group(), match.end())
            return self._leap(end + len(match.group()) if end >= 0 else -1, match.group())
        if text.startswith("/*", at):
            return self._leap(self._end_of_comment(at) if self._lexis.is_nested else -1, "/*")
        if text[at] == "\\" and self._dialect == "postgresql":
            return at
        opener = text[at]
        if opener == "'" and self._dialect == "postgresql" and text[at - 1 : at] in {"e", "E"} and at:
            opener = "e'"
        if opener.lstrip("e") in self._lexis.closers:
            return self._leap(-1, opener)
        self._to = at + 1  # a character that opens nothing after all
        return None

    def _leap(self, end: int, opener: str) -> int | None:
        if end >= 0:
            self._to = end
            return None
        if not self._final and len(self._text) - self._at <= HEAD:
            return -1
        self._open, self._to = opener, len(self._text) if self._final else max(self._to + 1, self._before_end())
        return None

    def _before_end(self) -> int:
        """A place shortly before the end that parts neither a pair of quotes nor a backslash and what it escapes."""
        at = len(self._text) - _NO_TAG_IS_LONGER
        while at > self._at and self._text[at - 1] in "'\"`]\\":
            at -= 1
        return at

    def _leave_open(self) -> bool:
        """Whether the construct that was begun in an earlier block ends in this one; what is behind is scanned on."""
        text, opener = self._text, self._open
        if opener.startswith("$"):
            found = text.find(opener, self._to)
            end = found + len(opener) if found >= 0 else -1
        else:
            match = self._lexis.closers[opener].match(text, self._to)
            end = match.end() if match else -1
        if end < 0:
            self._to = len(text) if self._final else max(self._to, self._before_end())
            return False
        self._open, self._to = "", end
        return True

    def _end_of_comment(self, at: int) -> int:
        depth = 0
        for mark in words.COMMENT_MARK.finditer(self._text, at):
            depth += 1 if mark.group() == "/*" else -1
            if not depth:
                return mark.end()
        return -1


_BLANK = re.compile(r"[\s\ufeff]++")
