"""Options and operands of one command, told apart by which options of the program take a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pkgscan.reason.words import behind, head
from pkgscan.values import Literal, Value, literal


class Options(msgspec.Struct, frozen=True):
    """The options of a program that take a value: `short` letters, and `long` names with their dashes.

    `first_operand_ends`: what follows the first operand is all operands, as where another command follows. `plain`:
    letters do not cluster, `-init` is one option, as of sqlite3. An option is known by its whole name in `long` then.
    `attached` letters take the rest of their word and never the next one, as `-pPASSWORD` of mysql.
    """

    short: str = ""
    long: frozenset[str] = frozenset()
    first_operand_ends: bool = False
    plain: bool = False
    attached: str = ""


class Given(msgspec.Struct, frozen=True):
    """What was given: options in order, each with its value if it takes one, and operands."""

    options: tuple[tuple[str, Value | None], ...] = ()
    operands: tuple[Value, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether any of these options is given."""
        return any(name in names for name, _ in self.options)

    def value(self, *names: str) -> Value | None:
        """The last value of any of these options."""
        return next((value for name, value in reversed(self.options) if name in names and value is not None), None)

    def values(self, *names: str) -> Iterator[Value]:
        """Every value of any of these options."""
        return (value for name, value in self.options if name in names and value is not None)

    def texts(self) -> tuple[str, ...]:
        """The operands as texts, empty where one is not known."""
        return tuple(literal(operand) or "" for operand in self.operands)


def options(
    short: str = "", long: str = "", *, first_operand_ends: bool = False, plain: bool = False, attached: str = ""
) -> Options:
    """Options from texts: letters, and long names with their dashes, blanks between them."""
    return Options(short, frozenset(long.split()), first_operand_ends, plain, attached)


def given(words: Sequence[Value], known: Options) -> Given:
    """Reads the words of a command, its name first."""
    found: list[tuple[str, Value | None]] = []
    operands: list[Value] = []
    at = 1
    while at < len(words):
        text = head(words[at])
        if text == "--" and literal(words[at]) is not None:
            operands += words[at + 1 :]
            break
        if not text.startswith("-") or literal(words[at]) == "-":
            if known.first_operand_ends:
                operands += words[at:]
                break
            operands.append(words[at])
            at += 1
            continue
        read, taken = _option(words, at, known)
        found += read
        at += taken
    return Given(tuple(found), tuple(operands))


def _option(words: Sequence[Value], at: int, known: Options) -> tuple[list[tuple[str, Value | None]], int]:
    """The options in one word, and how many words they take."""
    word, text = words[at], head(words[at])
    following = words[at + 1] if at + 1 < len(words) else None
    if text.startswith("--") or known.plain:
        name, equals, _ = text.partition("=")
        if equals:
            return [(name, behind(word, len(name) + 1))], 1
        return ([(name, following)], 2) if name in known.long else ([(name, None)], 1)
    return _cluster(word, text, following, known)


def _cluster(
    word: Value, text: str, following: Value | None, known: Options
) -> tuple[list[tuple[str, Value | None]], int]:
    """`-fsSLo FILE`, `-oFILE`: letters up to one that takes a value, which is the rest of the word or the next one."""
    found: list[tuple[str, Value | None]] = []
    for at, letter in enumerate(text[1:], 1):
        if letter in known.short:
            rest = behind(word, at + 1)
            if rest == Literal(""):
                return [*found, (f"-{letter}", following)], 2
            return [*found, (f"-{letter}", rest)], 1
        found.append((f"-{letter}", None))
        if letter in known.attached:
            break
    return found, 1
