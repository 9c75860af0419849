"""A statement as its words, for the matcher."""

from __future__ import annotations

import re

from pkgscan.readers.sql.action import Refused

CLAUSES = 500  # of one ALTER TABLE; more are a generated text's
_WORD = re.compile(
    r"\s++|--[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|"
    r"(?P<word>(?:`[^`]*+`|\"[^\"]*+\"|\[[^\]]*+\]|[\w$@#]++)(?:\.(?:`[^`]*+`|\"[^\"]*+\"|\[[^\]]*+\]|[\w$@#]++))*+)|"
    r"(?P<text>'(?:[^'\\]++|\\.|'')*+'?)|(?P<sign>.)",
    re.DOTALL,
)
_NAME_PART = re.compile(r"`([^`]*+)`|\"([^\"]*+)\"|\[([^\]]*+)\]|([^.]++)")


def fold(name: str) -> str:
    """A name as engines fold it: quotes away, what is not quoted in lower case."""
    parts = _NAME_PART.finditer(name)
    return ".".join(next(filter(None, match.groups()[:3]), None) or (match[4] or "").lower() for match in parts)


class Words:
    """The words of a statement, read from left to right."""

    def __init__(self, words: list[tuple[str, int, int]]) -> None:
        self._words = words
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        """A word in upper case; empty behind the end."""
        at = self._at + ahead
        return self._words[at][0].upper() if at < len(self._words) else ""

    def take(self, *wanted: str) -> bool:
        """Take these words in this order, or none."""
        if all(self.peek(number) == word for number, word in enumerate(wanted)):
            self._at += len(wanted)
            return True
        return False

    def any_of(self, *wanted: str) -> str:
        """Take the next word if it is one of these."""
        word = self.peek()
        return word if word in wanted and self.take(word) else ""

    def name(self) -> str:
        """Take a name, folded."""
        word = self._words[self._at][0] if self._at < len(self._words) else ""
        if not word or not _WORD.fullmatch(word) or word[0] in "'(),;=":
            raise Refused("no name where one belongs")
        self._at += 1
        return fold(word)

    def optional(self, *wanted: str) -> None:
        """Take these if they are there."""
        self.take(*wanted)

    @property
    def start(self) -> int:
        """Where the next word stands."""
        return self._words[self._at][1] if self._at < len(self._words) else -1

    @property
    def end(self) -> int:
        """Where the last word ends."""
        return self._words[-1][2] if self._words else -1

    def rest(self) -> frozenset[str]:
        """All words that follow."""
        return frozenset(word.upper() for word, _, _ in self._words[self._at :])

    def parts(self) -> list[Words]:
        """What follows, cut at commas outside of brackets."""
        found: list[list[tuple[str, int, int]]] = [[]]
        depth = 0
        for word in self._words[self._at :]:
            depth += {"(": 1, ")": -1}.get(word[0], 0)
            if word[0] == "," and depth == 0 and len(found) < CLAUSES:
                found.append([])
            elif word[0] != ";":
                found[-1].append(word)
        return [Words(part) for part in found]

    def inside(self) -> Words:
        """What stands in the brackets that come next."""
        depth, start = 0, self._at
        for at in range(start, len(self._words)):
            depth += {"(": 1, ")": -1}.get(self._words[at][0], 0)
            if depth == 0:
                return Words(self._words[start + 1 : at])
        return Words(self._words[start + 1 :])


def words_of(text: str) -> Words:
    """The words of a text, comments left out."""
    found = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text) if match.lastgroup]
    return Words(found)


def is_online(words: Words) -> bool:
    """ONLINE of Oracle, ONLINE = ON of SQL Server."""
    rest = words.rest()
    return "ONLINE" in rest and not ({"=", "OFF"} <= rest and "ON" not in rest)
