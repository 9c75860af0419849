"""PostgreSQL's own parser, by way of pglast: the one module that wraps it.

libpg_query is the server's grammar, so what it refuses the server refuses too, unless it is a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

import msgspec

from pkgscan.readers.sql import pg_alter, pg_objects, pg_rows
from pkgscan.readers.sql.action import Action, Refused
from pkgscan.readers.sql.pg_tree import Node

BODIES = 16  # of functions kept as read, of 64 KiB at most: scripts call the same few again and again


@cache
def _parser() -> tuple[Callable[[str], str], type[Exception]]:
    # The tree as JSON: to build pglast's own objects takes twenty times as long as to parse.
    from pglast.parser import ParseError, parse_sql_json  # noqa: PLC0415  # a tenth of a second of imports; only for SQL

    return parse_sql_json, ParseError


def parse(text: str) -> list[Action]:
    """The actions of a text of one or more statements. Raises Refused."""
    parse_json, error = _parser()
    try:
        trees = msgspec.json.decode(parse_json(text))["stmts"]
    except (error, RecursionError, MemoryError, ValueError, msgspec.DecodeError) as refused:
        raise Refused(str(refused)) from refused
    place = _characters(text)
    return [action for tree in trees for action in _placed(Node("RawStmt", tree), text, place)]


def _characters(text: str) -> Callable[[int], int]:
    """From the parser's places, which are bytes of UTF-8, to those in the text."""
    if text.isascii():
        return lambda at: at
    data = text.encode()
    return lambda at: at if at < 0 else len(data[:at].decode("utf-8", "replace"))


def _placed(tree: Node, text: str, place: Callable[[int], int]) -> Iterator[Action]:
    """The actions of a statement, each with the stretch of text that says it: one alone has all of it."""
    start = tree.stmt_location or 0
    end = place(start + tree.stmt_len) if tree.stmt_len else len(text)
    start = place(start)
    while start < end and text[start].isspace():
        start += 1
    actions = list(_actions(tree.stmt))
    if len(actions) > 1 and actions[1].verb == "define":  # a table with its columns, which are told with it
        yield msgspec.structs.replace(actions[0], start=start, end=end)
        yield from actions[1:]
        return
    if len(actions) == 1:
        yield msgspec.structs.replace(actions[0], start=start, end=end)
        return
    starts = [_clause_start(text, start, place(action.start)) for action in actions]
    for number, action in enumerate(actions):
        later = [one for one in starts[number + 1 :] if one > starts[number]]
        yield msgspec.structs.replace(action, start=starts[number], end=min(later, default=end))


def _clause_start(text: str, start: int, at: int) -> int:
    """Where the clause begins that the parser places at its name: at its ADD or ALTER."""
    if at < start:
        return start
    before = _CLAUSE.search(text, max(start, at - _CLAUSE_LENGTH), at)
    return before.start() if before else at


def _actions(statement: Node) -> Iterator[Action]:
    name = statement.node_type
    if name == "AlterTableStmt":
        yield from pg_alter.alter_table(statement)
    elif (read := pg_rows.READS.get(name)) or (read := pg_objects.READS.get(name)):
        yield from read(statement)
    else:
        yield Action(verb="other")


_CLAUSE_LENGTH = 60  # characters of `ALTER COLUMN IF NOT EXISTS` and blanks before a name
_CLAUSE = re.compile(r"\b(?:add|alter)\b(?:\s++column\b)?+(?:\s++if\s++not\s++exists\b)?+\s*+\Z", re.IGNORECASE)


@lru_cache(maxsize=BODIES)
def inner_statements(text: str) -> tuple[tuple[str, int, bool, bool], ...]:
    """What a PL/pgSQL function or DO block runs: (SQL, line in the body from 1, whether it is built at run time,
    whether it stands in a condition or loop). Raises Refused.
    """
    from pglast import parse_plpgsql  # noqa: PLC0415  # with the parser

    _, error = _parser()
    try:
        tree = parse_plpgsql(text)
    except (error, RecursionError, MemoryError, ValueError) as refused:
        raise Refused(str(refused)) from refused
    found: list[tuple[str, int, bool, bool]] = []
    waiting: list[tuple[Any, bool]] = [(tree, False)]
    while waiting:
        node, maybe = waiting.pop()
        if isinstance(node, list):
            waiting.extend((one, maybe) for one in reversed(node))
        elif isinstance(node, dict):
            for kind, value in reversed(list(node.items())):
                waiting.append((value, maybe or kind in _CONDITIONAL))
                if kind in _RUNS and isinstance(value, dict):
                    found.append((_query(value), value.get("lineno", 1), kind == "PLpgSQL_stmt_dynexecute", maybe))
    return tuple(sorted(found, key=lambda one: one[1]))


_CONDITIONAL = frozenset({
    "then_body", "elsif_list", "else_body", "case_when_list", "else_stmts", "exceptions", "PLpgSQL_stmt_loop",
    "PLpgSQL_stmt_while", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_forc", "PLpgSQL_stmt_foreach_a",
    "PLpgSQL_stmt_dynfors",
})  # fmt: skip
_RUNS = {"PLpgSQL_stmt_execsql": "sqlstmt", "PLpgSQL_stmt_dynexecute": "query", "PLpgSQL_stmt_perform": "expr"}


def _query(value: dict[str, Any]) -> str:
    inner = value.get("sqlstmt") or value.get("query") or value.get("expr") or {}
    return str(inner.get("PLpgSQL_expr", {}).get("query", ""))
