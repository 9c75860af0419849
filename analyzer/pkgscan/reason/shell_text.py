"""The simple commands of a text that a variable hands to a shell: `$sh_c "curl $URL | tar x"`.

Readers read what `sh -c` is given; that `$sh_c` is such a shell is known only once values are. So this is no reading of
the whole language: words, quotes, and what ends a command.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.reason.words import Part, parts
from pkgscan.values import Literal, Value, join

LENGTH = 8 * 1024  # characters of a text; real ones have a few hundred
COMMANDS = 16  # of one text; people write two
ENDS = frozenset(";&|\n(){}<>")
REDIRECTS = frozenset("<>")
KEYWORDS = frozenset(map(Literal, ("if", "then", "else", "do", "while", "until", "!", "time")))


def simple_commands(text: Value) -> Iterator[tuple[Value, ...]]:
    """The words of each simple command, as far as they go without redirects; none of a text that is too long."""
    state = _Words()
    if sum(len(part.text) for part in parts(text) if isinstance(part, Literal)) > LENGTH:
        return iter(())
    for part in parts(text):
        if isinstance(part, Literal):
            state.read(part.text)
        else:
            state.word.append(part)
    state.end_command()
    return iter(state.commands[:COMMANDS])


class _Words:
    """The words read so far."""

    def __init__(self) -> None:
        self.commands: list[tuple[Value, ...]] = []
        self.words: list[Value] = []
        self.word: list[Part] = []
        self.quote = ""
        self.is_redirected = False

    def read(self, text: str) -> None:
        """A stretch of the text, character by character."""
        at = 0
        while at < len(text):
            char = text[at]
            if char == "\\" and self.quote != "'" and at + 1 < len(text):
                at += 1
                self.word.append(Literal(text[at]))
            elif self.quote:
                self._quoted(char)
            elif char in "'\"":
                self.quote = char
            elif char in ENDS:
                self._ends(char)
            elif char.isspace():
                self.end_word()
            else:
                self.word.append(Literal(char))
            at += 1

    def _quoted(self, char: str) -> None:
        if char == self.quote:
            self.quote = ""
        else:
            self.word.append(Literal(char))

    def _ends(self, char: str) -> None:
        if char in REDIRECTS:
            self.end_word()
            self.is_redirected = True
        else:
            self.end_command()

    def end_word(self) -> None:
        """A blank: the word before it is whole; one behind a redirect is its target."""
        if self.word and not self.is_redirected:
            self.words.append(join(self.word))
        self.is_redirected = self.is_redirected and not self.word
        self.word = []

    def end_command(self) -> None:
        """What ends a command: its words are whole. Assignments and words of the grammar before it are left out."""
        self.end_word()
        self.is_redirected = False
        words = self.words
        while words and (_is_assignment(words[0]) or words[0] in KEYWORDS):
            words = words[1:]
        if words:
            self.commands.append(tuple(words))
        self.words = []


def _is_assignment(word: Value) -> bool:
    first = parts(word)[0]
    name, equals, _ = first.text.partition("=") if isinstance(first, Literal) else ("", "", "")
    return bool(equals) and name.isidentifier() and name.isascii()
