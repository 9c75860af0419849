"""What parsers of every dialect say of a statement: the same words, whichever of them read it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pkgscan.facts.sql import Parser

# Names of one type, by the one that messages use. PostgreSQL's and MySQL's do not clash where it matters.
_TYPE_NAMES = {
    "int2": "smallint", "int4": "int", "integer": "int", "int8": "bigint", "float4": "real", "float8": "double",
    "double precision": "double", "bool": "boolean", "bpchar": "char", "character": "char", "nchar": "char",
    "character varying": "varchar", "decimal": "numeric", "dec": "numeric", "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp", "timestampntz": "timestamp", "serial4": "serial",
    "serial8": "bigserial",
    "serial2": "smallserial", "varbit": "varbit", "time without time zone": "time",
}  # fmt: skip


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a statement does, as written; what it means for a lock is worked out by `forms`.

    `verb` names it. `flags` are the words that matter: `not-null`, `unique`, `references`, `check`, `concurrently` ...
    `calls` are functions in a default, `columns` those of a key,
    an index or a check for not null. `start` and `end` are
    characters in the statement; -1: not known.
    """

    verb: str
    table: str = ""
    others: tuple[str, ...] = ()
    column: str = ""
    columns: tuple[str, ...] = ()
    name: str = ""
    new_name: str = ""
    type: str = ""
    default: str = ""
    calls: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    body: str = ""  # of a function or a DO block, or the text of a statement in a string
    start: int = -1
    end: int = -1

    def has(self, *flags: str) -> bool:
        """Whether any of these is among its flags."""
        return not self.flags.isdisjoint(flags)


class Parsed(msgspec.Struct, frozen=True):
    """The actions of a statement, and who read it. No parser: nobody could."""

    actions: tuple[Action, ...]
    parser: Parser | None


class Refused(Exception):  # noqa: N818  # the parser's answer, no failure of ours
    """The parser does not take this statement."""


def type_name(name: str, modifiers: Iterable[str] = (), suffix: str = "") -> str:
    """A type as messages show it: `varchar(50)`, `numeric(10,2)`, `int[]`."""
    lower = " ".join(name.lower().split())
    inside = ",".join(modifiers)
    return _TYPE_NAMES.get(lower, lower) + (f"({inside})" if inside else "") + suffix


def flags(**named: object) -> frozenset[str]:
    """The names of what is true, underscores as hyphens."""
    return frozenset(name.replace("_", "-") for name, value in named.items() if value)
