"""What the words of each dialect look like, as far as one must know to find where a statement ends.

Everything here is a possessive pattern, so that no text makes it backtrack.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from pkgscan.facts.sql import Dialect

_PLAIN_STRING = r"'[^']*+'"
_ESCAPED_STRING = r"'(?:[^'\\]++|\\.)*+'"
_DOUBLE = r'"[^"]*+"'
_ESCAPED_DOUBLE = r'"(?:[^"\\]++|\\.)*+"'
_BACKTICK = r"`[^`]*+`"
_BRACKET = r"\[[^\]]*+\]"
_LINE_COMMENT = r"--[^\n]*+"
_MYSQL_LINE_COMMENT = r"--(?=\s|\Z)[^\n]*+|\#[^\n]*+"
_FLAT_COMMENT = r"/\*(?:[^*]++|\*(?!/))*+\*/"
# PostgreSQL: E'..' knows backslashes. E is a word of its own where no other word character stands before it.
_IS_ESCAPE = r"(?<=[eE])(?<!\w\w)"
_POSTGRES_STRING = rf"{_IS_ESCAPE}{_ESCAPED_STRING}|(?!{_IS_ESCAPE}){_PLAIN_STRING}"
_TAG = r"\$(?:[^\W\d]\w*)?\$"
_MERE_DOLLAR = r"(?<=\w)\$|\$(?!(?:[^\W\d]\w*)?\$)"
_NO_GO = r"\n(?![ \t]*+[gG][oO][ \t]*+\d*+[ \t\r]*+(?:\n|\Z|--))"
_NO_SLASH_LINE = r"\n(?![ \t]*+/[ \t\r]*+(?:\n|\Z))"
_Q_STRING = r"(?<=[qQ])(?<!\w\w)'(?:\[.*?\]|\{.*?\}|\(.*?\)|<.*?>|([^\s\[{(<]).*?\1)'"

_ROUTINE = (
    r"(?:or\s++replace\s++|or\s++alter\s++|temp(?:orary)?\s++|definer\s*+=\s*+\S++\s++|(?:non)?editionable\s++)*+"
)
DELIMITERS = 64  # different ones of a text; real scripts know two, and each costs the making of patterns


class Lexis(msgspec.Struct, frozen=True):
    """How to find one's way in a dialect's text. All patterns are matched at a place.

    `body` takes everything that cannot end a statement; where it stops stands a terminator,
    a construct that is not whole
    yet, or one of `nested` comments and dollar quotes, which no pattern can follow. `meta` is a line for the client and
    not for the server. `routine` begins a statement that may hold others.
    """

    body: re.Pattern[str]
    terminator: re.Pattern[str]
    comment: re.Pattern[str]
    meta: re.Pattern[str]
    routine: re.Pattern[str]
    closers: dict[str, re.Pattern[str]]
    ends_at_line: bool = False  # a routine ends at a line of `/` or GO alone, never at a semicolon
    is_nested: bool = False  # comments in comments


class _Words(msgspec.Struct, frozen=True):
    """What a dialect's patterns are made of."""

    strings: tuple[str, ...]
    stops: str
    comments: tuple[str, ...] = (_LINE_COMMENT, _FLAT_COMMENT)
    others: tuple[str, ...] = (r"-(?!-)", r"/(?!\*)")
    meta: str = r"(?!)"
    line_end: str = ""
    routine: str = "function|procedure|trigger|event|package|type\\s++body"
    is_nested: bool = False
    escapes: bool = False


_GENERIC = _Words((_PLAIN_STRING, _DOUBLE, _BACKTICK), r"'\"`$;/\-", others=(r"-(?!-)", r"/(?!\*)", _MERE_DOLLAR))
_WORDS: dict[Dialect, _Words] = {
    "": _GENERIC,
    "postgresql": _Words(
        (_POSTGRES_STRING, _DOUBLE), r"'\"$;/\\\-", comments=(_LINE_COMMENT,), is_nested=True,
        others=(r"-(?!-)", r"/(?!\*)", _MERE_DOLLAR), meta=r"\\[^\n]*+\n?",
    ),
    "sqlite": _Words(
        (_PLAIN_STRING, _DOUBLE, _BACKTICK, _BRACKET), r"'\"`\[;/\-", meta=r"\.[a-z][^\n]*+\n?",
    ),
    "sqlserver": _Words(
        (_PLAIN_STRING, _DOUBLE, _BRACKET), r"'\"\[;/\-\n", comments=(_LINE_COMMENT,), is_nested=True,
        others=(r"-(?!-)", r"/(?!\*)", _NO_GO), line_end=r"\n(?=[ \t]*+[gG][oO]\b)",
        meta=r"[ \t]*+(?:go(?:[ \t]++\d++)?[ \t\r]*+(?:\n|\Z)|:(?:r|setvar|on|connect|out|error|exit|!!)\b[^\n]*+\n?)",
    ),
    "oracle": _Words(
        (_Q_STRING, r"(?!(?<=[qQ])(?<!\w\w))" + _PLAIN_STRING, _DOUBLE), r"'\";/\-\n",
        others=(r"-(?!-)", r"/(?!\*)", _NO_SLASH_LINE), line_end=r"\n(?=[ \t]*+/[ \t\r]*+(?:\n|\Z))",
        meta=r"[ \t]*+(?:/[ \t\r]*+(?:\n|\Z)|@[^\n]*+\n?|"
        r"(?:set\s++(?!role\b|transaction\b|constraints?\b)|(?:prompt|whenever|spool|define|undefine|accept|connect|conn|"
        r"disconnect|exit|quit|rem|remark|show|column|col|host|start|pause|variable|var|exec|execute|clear|ttitle|btitle|"
        r"print|describe|desc|timing)\b)[^\n]*+\n?)",
    ),
}  # fmt: skip
_MYSQL = _Words(
    (_ESCAPED_STRING, _ESCAPED_DOUBLE, _BACKTICK), r"'\"`;/\-#", comments=(_MYSQL_LINE_COMMENT, _FLAT_COMMENT),
    others=(r"-(?!-\s)", r"/(?!\*)"), escapes=True,
    meta=r"(?:delimiter[ \t][^\n]*+|source[ \t][^\n]*+|\\[.uGgWw][^\n]*+)\n?",
)  # fmt: skip


def lexis(dialect: Dialect, delimiter: str = ";") -> Lexis:
    """The lexis of a dialect, with the delimiter that ends its statements."""
    return _lexis("mysql" if dialect == "mariadb" else dialect, delimiter)


@lru_cache(maxsize=DELIMITERS + 8)
def _lexis(dialect: Dialect, delimiter: str) -> Lexis:
    words = _MYSQL if dialect == "mysql" else _WORDS[dialect]
    # MySQL runs what stands in /*! */, so that is no comment but part of a statement.
    outside = (
        [comment.replace(r"/\*", r"/\*(?!M?!)") for comment in words.comments] if words.escapes else words.comments
    )
    first = re.escape(delimiter[0])
    stops = words.stops if delimiter == ";" else words.stops.replace(";", "") + first
    odd = () if delimiter == ";" else (first,)
    parts = (rf"[^{stops}]++", *words.strings, *words.comments, *words.others, *odd)
    guard = "" if delimiter == ";" else rf"(?!{re.escape(delimiter)})"
    flags = re.DOTALL
    return Lexis(
        body=re.compile(f"(?:{guard}(?:{'|'.join(parts)}))*+", flags),
        terminator=re.compile("|".join(filter(None, (re.escape(delimiter), words.line_end))), flags | re.IGNORECASE),
        comment=re.compile("|".join(outside), flags),
        meta=re.compile(words.meta, flags | re.IGNORECASE),
        routine=re.compile(_routine(dialect, words.routine), flags | re.IGNORECASE),
        closers={quote: re.compile(closer, flags) for quote, closer in _closers(escapes=words.escapes).items()},
        ends_at_line=dialect in {"oracle", "sqlserver"},
        is_nested=words.is_nested,
    )


def _routine(dialect: Dialect, kinds: str) -> str:
    alter = "(?:create|alter)" if dialect == "sqlserver" else "create"
    proc = kinds + "|proc" if dialect == "sqlserver" else kinds
    block = r"|declare\b|begin\b" if dialect == "oracle" else ""
    return rf"{alter}\s++{_ROUTINE}(?:{proc})\b{block}"


def _closers(*, escapes: bool) -> dict[str, str]:
    escaped = {"'": r"(?:[^'\\]++|\\.)*+'", '"': r'(?:[^"\\]++|\\.)*+"'}
    plain = {"'": r"[^']*+'", '"': r'[^"]*+"'}
    both = escaped if escapes else plain
    return {**both, "`": r"[^`]*+`", "[": r"[^\]]*+\]", "e'": escaped["'"], "/*": r"(?:[^*]++|\*(?!/))*+\*/"}


DOLLAR_TAG = re.compile(_TAG)
COMMENT_MARK = re.compile(r"/\*|\*/")
END_OF_ROWS = re.compile(r"^\\\.[ \t\r]*+(?:\n|\Z)", re.MULTILINE)
COPIES_FROM_INPUT = re.compile(r"\s*+copy\b[^;]*?\bfrom\s++stdin\b", re.IGNORECASE)
# What opens and closes blocks in the body of a routine; `END IF` and the like close what no BEGIN opened.
BLOCK_WORD = re.compile(
    r"'[^']*+'|\"[^\"]*+\"|`[^`]*+`|--[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|"
    r"\b(?:(begin|case)|(end)(?!\s++(?:if|loop|while|repeat|for)\b)|end)\b",
    re.IGNORECASE,
)
# A rule of PostgreSQL holds several statements in parentheses.
RULE = re.compile(r"create\s++(?:or\s++replace\s++)?rule\b", re.IGNORECASE)
PARENTHESIS = re.compile(r"'[^']*+'|\"[^\"]*+\"|--[^\n]*+|(\()|(\))")
ATOMIC = re.compile(r"\bbegin\s++atomic\b", re.IGNORECASE)
