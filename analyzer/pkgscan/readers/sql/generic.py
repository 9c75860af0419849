"""Every dialect that is not PostgreSQL's, by way of sqlglot: the one module that starts it.

sqlglot reads what it does not know as a mere Command; that, and what it refuses, is for the matcher.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pkgscan.facts.sql import Dialect
from pkgscan.readers.sql import glot_alter, glot_objects
from pkgscan.readers.sql.action import Action, Refused

_NAMES: dict[Dialect, str] = {
    "": "", "postgresql": "postgres", "mariadb": "mysql", "mysql": "mysql", "sqlite": "sqlite", "sqlserver": "tsql",
    "oracle": "oracle",
}  # fmt: skip


@cache
def _parser() -> tuple[Callable[..., Any], tuple[type[Exception], ...]]:
    import sqlglot  # noqa: PLC0415  # a quarter of a second of imports; only for SQL
    from sqlglot.errors import SqlglotError  # noqa: PLC0415  # the same

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it speaks of what it reads as a Command
    refusals = (
        SqlglotError,
        RecursionError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        IndexError,
        AssertionError,
    )
    return sqlglot.parse, refusals


def parse(text: str, dialect: Dialect) -> list[Action]:
    """The actions of a text of one or more statements. Raises Refused."""
    parse_sql, refusals = _parser()
    try:
        trees = parse_sql(text, dialect=_NAMES[dialect])
        return [action for tree in trees if tree is not None for action in _actions(tree)]
    except refusals as refused:  # its parser raises what its own mistakes raise, too; the matcher then tries
        raise Refused(type(refused).__name__) from refused


def _actions(tree: Any) -> Iterator[Action]:
    name = type(tree).__name__
    if name in {"Command", "Alias", "Column", "Identifier", "Var"}:
        raise Refused(name)
    if name == "Alter":
        yield from glot_alter.alter(tree)
    elif read := glot_objects.READS.get(name):
        yield from read(tree)
    else:
        yield Action(verb="other")
