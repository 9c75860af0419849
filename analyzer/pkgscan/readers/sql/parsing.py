"""A statement to its actions, by the parser that knows its dialect best, and by its words where none takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from pkgscan.facts.sql import Dialect, Parser
from pkgscan.readers.sql import forms_mysql, forms_postgresql
from pkgscan.readers.sql.action import Action, Parsed, Refused
from pkgscan.readers.sql.form import Form
from pkgscan.readers.sql.preparation import is_too_deep, prepared
from pkgscan.readers.sql.splitter import HEAD
from pkgscan.readers.sql.state import UnitState

SHORT, KEPT = 1000, 256  # characters of a statement, and how many are kept as parsed: BEGIN, and what functions repeat
# Rows for a table: most statements of most dumps, and nobody needs a parser to see that they are.
ROWS = re.compile(
    r"\s*+(?:insert|replace)\s++(?:ignore\s++)?+into\s++([^\s(]++)[^;]{0,2000}?(?<![`\"\[])\bvalues?+\b(?=\s*+\()",
    re.IGNORECASE,
)
_FIRST = re.compile(r"[\s;]*+([a-z]++)", re.IGNORECASE)


def parse(text: str, dialect: Dialect) -> Parsed:
    """The actions of one statement."""
    return _parse_short(text, dialect) if len(text) <= SHORT else _parse(text, dialect)


@lru_cache(maxsize=KEPT)
def _parse_short(text: str, dialect: Dialect) -> Parsed:
    return _parse(text, dialect)


def _parse(text: str, dialect: Dialect) -> Parsed:
    if rows := ROWS.match(text):
        name = rows[1].strip('`"[]').replace('"', "").replace("`", "").lower()
        return Parsed((Action(verb="insert", table=name),), "tokens")
    ready = prepared(text, dialect)
    if len(text) <= HEAD and not is_too_deep(ready):
        for parser in _order(dialect):
            try:
                return Parsed(tuple(_run(parser, ready, dialect)), parser)
            except Refused:
                continue
    return _by_words(ready[:HEAD])


def _order(dialect: Dialect) -> tuple[Parser, ...]:
    return ("pglast", "sqlglot") if dialect == "postgresql" else ("sqlglot",)


def _run(parser: Parser, text: str, dialect: Dialect) -> list[Action]:
    if parser == "pglast":
        from pkgscan.readers.sql import postgresql  # noqa: PLC0415  # loads a parser

        return postgresql.parse(text)
    from pkgscan.readers.sql import generic  # noqa: PLC0415  # the same

    return generic.parse(text, dialect)


def _by_words(text: str) -> Parsed:
    from pkgscan.readers.sql import matcher  # noqa: PLC0415  # only what parsers refuse

    try:
        return Parsed(tuple(matcher.match(text)), "tokens")
    except Refused:
        return Parsed((), None)


class Step(msgspec.Struct, frozen=True):
    """An action with its form. `is_new`: its table is one that the unit made."""

    action: Action
    form: Form
    is_new: bool


def with_forms(actions: tuple[Action, ...], dialect: Dialect, state: UnitState) -> Iterator[Step]:
    """The actions of one statement with their forms; the state goes along with each."""
    if dialect in {"mysql", "mariadb"}:
        together = zip(actions, ([form] for form in forms_mysql.forms(list(actions), state)), strict=True)
    else:
        together = ((action, forms_postgresql.forms(action, state)) for action in actions)  # type: ignore[assignment]  # pairs
    for action, forms in together:
        if action.verb == "define":  # known from here on, and no step: it comes with its table
            state.apply(action)
            continue
        names = [form.table or action.table for form in forms]
        before = [state.is_new(name) for name in names]
        state.apply(action)
        for form, name, was_new in zip(forms, names, before, strict=True):
            yield Step(action, form, was_new or state.is_new(name))
