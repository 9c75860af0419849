"""Words of a command whose parts may not be known: their beginnings, what follows those, and their written form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pkgscan.values import Join, Literal, Unknown, Value, VariableRef, join, literal

HOLE = "\0"  # stands for a part that is not known; no word of a shell can hold the character itself

Part = Literal | VariableRef | Unknown


def parts(value: Value) -> tuple[Part, ...]:
    """The parts of a value, one for what is no join."""
    return value.parts if isinstance(value, Join) else (value,)


def head(value: Value) -> str:
    """The text that a word begins with, as far as it is known."""
    first = value.parts[0] if isinstance(value, Join) else value
    return first.text if isinstance(first, Literal) else ""


def behind(value: Value, count: int) -> Value:
    """What follows the first `count` characters of a word that begins with at least so many."""
    first, *rest = parts(value)
    return join([Literal(first.text[count:]), *rest] if isinstance(first, Literal) else [first, *rest])


def holed(value: Value) -> str:
    """The text of a word, with a hole for each part that is not known."""
    return "".join(part.text if isinstance(part, Literal) else HOLE for part in parts(value))


def variables(value: Value) -> Iterator[str]:
    """The names of the variables in a word."""
    return (part.name for part in parts(value) if isinstance(part, VariableRef))


def joined(words: Sequence[Value]) -> Value:
    """The words as one text, a blank between them."""
    pieces: list[Part] = []
    for word in words:
        pieces += [Literal(" "), *parts(word)] if pieces else parts(word)
    return join(pieces)


def split(words: Sequence[Value]) -> tuple[Value, ...]:
    """The words that an unquoted value makes: split at blanks where it is known."""
    found: list[Value] = []
    for word in words:
        text = literal(word)
        if text is not None:
            found += [Literal(piece) for piece in text.split()]
        else:
            found += _split_parts(parts(word))
    return tuple(found)


def _split_parts(pieces: Sequence[Part]) -> Iterator[Value]:
    """The words of a value with parts that are not known, each of which stays with its neighbours."""
    current: list[Part] = []
    for piece in pieces:
        if not isinstance(piece, Literal):
            current.append(piece)
            continue
        texts = piece.text.split(" ")
        for at, text in enumerate(texts):
            if at and current:
                yield join(current)
                current = []
            current += [Literal(text)] if text else []
    if current:
        yield join(current)
