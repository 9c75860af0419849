"""SQL behind a statement: in a DO block or function that it runs, or in a string that it has executed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from pkgscan.facts.sql import Dialect
from pkgscan.readers.sql.action import Action, Refused
from pkgscan.readers.sql.state import UnitState

DEPTH = 4  # functions that call functions
STRINGS = 500  # looked for in one statement
UNKNOWN_NAME = "unknown_name"
_DDL = r"(?:alter|create|drop|rename|truncate|reindex|update|delete|lock)\s"
_STRING = re.compile(
    rf"'(\s*+{_DDL}(?:[^'\\]++|\\.|'')*+)'|\"(\s*+{_DDL}(?:[^\"\\]++|\\.)*+)\"", re.IGNORECASE | re.DOTALL
)
_LITERAL = re.compile(r"[eE]?'((?:[^']++|'')*+)'")
_FORMAT = re.compile(r"%(?:\d+\$)?[IsL]")
# Of what is created, routines run strings; the strings of a table are the values that it takes.
_RUNS_STRINGS = re.compile(
    r"\s*+(?:set|prepare|exec|execute|begin|declare|if|call|do|select|"
    r"create(?!\s++(?:(?:global|temp|temporary|unlogged|unique)\s++)*+(?:table|index|view)\b))\b",
    re.IGNORECASE,
)
_INNER_STATEMENT = re.compile(
    r"^[ \t]*+(?=(?:alter\s++table|create\s++(?:unique\s++|clustered\s++|nonclustered\s++)*+index|"
    r"drop\s++(?:table|index)|"
    r"rename\s++table|truncate\s++table|update\s|delete\s|exec(?:ute)?\b)|(?:go|begin|end|else|if|print)\b)",
    re.IGNORECASE | re.MULTILINE,
)


class Inner(msgspec.Struct, frozen=True):
    """A statement that is reached through another: its text, where it stands in that (-1: not in it), and how.

    `length`: characters of the expression that builds it, of what is put together only when it runs.
    """

    text: str
    start: int
    via: str
    may: bool = False
    is_opaque: bool = False
    length: int = 0


def behind(action: Action, text: str, state: UnitState, routines: dict[str, str]) -> Iterator[Inner]:
    """What an action of PostgreSQL runs beside itself. `routines` are the statements that made functions, by name."""
    if action.verb == "do":
        yield from _body(f"DO {_quoted(action.body)}", action.body, text.find(action.body, max(action.start, 0)), "DO")
    for name in action.calls if action.verb == "call" else ():
        made = state.functions.get(name)
        if made is None:
            continue
        if made.language == "plpgsql":
            yield from _body(routines.get(name, ""), made.body, -1, f"function {name}")
        elif made.language == "sql":
            yield Inner(made.body, -1, f"function {name}")


def _quoted(body: str) -> str:
    tag = "$pkgscan$"
    return f"{tag}{body}{tag}"


def _body(statement: str, body: str, at: int, via: str) -> Iterator[Inner]:
    from pkgscan.readers.sql import postgresql  # noqa: PLC0415  # loads a parser

    try:
        found = postgresql.inner_statements(statement)
    except Refused:
        yield Inner(body, at, via, may=True, is_opaque=True)
        return
    for query, line, dynamic, maybe in found:
        place = body.find(query, _line_start(body, line)) if at >= 0 else -1
        start = at + place if place >= 0 else -1
        if dynamic:
            built = built_text(query)
            yield Inner(built, start, f"{via}, EXECUTE", may=True, is_opaque=not built, length=len(query))
        else:
            yield Inner(query, start, via, may=maybe)


def _line_start(body: str, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        found = body.find("\n", at)
        if found < 0:
            break
        at = found + 1
    return at


def built_text(expression: str) -> str:
    """The SQL that an expression builds, with what is not known in it as a name; empty if it cannot be told."""
    expression = expression.strip()
    literals = [match[1].replace("''", "'") for match in _LITERAL.finditer(expression)]
    if not literals or not re.match(rf"\s*{_DDL}", literals[0], re.IGNORECASE):
        return ""
    if expression.lower().startswith("format"):
        return _FORMAT.sub(UNKNOWN_NAME, literals[0])
    parts, at = [], 0
    for match in _LITERAL.finditer(expression):
        between = expression[at : match.start()].strip(" |()\n\t")
        parts += [UNKNOWN_NAME] if between and at else []
        parts.append(match[1].replace("''", "'"))
        at = match.end()
    return "".join(parts) + (UNKNOWN_NAME if expression[at:].strip(" |()\n\t;") else "")


def in_strings(text: str) -> Iterator[Inner]:
    """Statements that stand in strings of one that has them executed: MySQL's PREPARE, Oracle's EXECUTE IMMEDIATE."""
    if not _RUNS_STRINGS.match(text):
        return
    for count, match in enumerate(_STRING.finditer(text)):
        if count >= STRINGS:
            return
        inner = (match[1] or match[2]).replace("''", "'")
        yield Inner(inner, match.start(1 if match[1] else 2), "EXECUTE", may=True)


def on_lines(text: str, dialect: Dialect) -> Iterator[Inner]:
    """Statements within a block that nobody ends with a semicolon: those of a T-SQL batch, of an IF or BEGIN."""
    marks = [match.end() for match in _INNER_STATEMENT.finditer(text)]
    for number, start in enumerate(marks):
        end = marks[number + 1] if number + 1 < len(marks) else len(text)
        if start > 0 or dialect != "sqlserver":
            yield Inner(text[start:end], start, "", may=True)
