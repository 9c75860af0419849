"""Which dialect a text of SQL is in: as its path says, else as most of its words do, else unknown."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import msgspec

from pkgscan.facts.sql import Dialect

VOTERS = 64 << 10  # characters that vote; the first page of a script shows what it is for
By = Literal["", "kind", "path", "vote"]
KIND = "sql-"

_PATH_WORDS: dict[str, Dialect] = {
    **dict.fromkeys(("postgres", "postgresql", "pgsql", "pg", "psql", "postgre", "cockroach"), "postgresql"),
    **dict.fromkeys(("mysql", "percona"), "mysql"), "mariadb": "mariadb",
    **dict.fromkeys(("sqlite", "sqlite3"), "sqlite"),
    **dict.fromkeys(("oracle", "ora", "plsql", "oci8", "pls", "pks", "pkb"), "oracle"),
    **dict.fromkeys(("mssql", "sqlserver", "tsql", "sqlsrv"), "sqlserver"),
}  # fmt: skip
_COMMENT = re.compile(r"--|/\*(?!M?!)")
_PSQL_LINE = re.compile(r"^\\(?:connect|set|unset|echo|i|ir|if|gexec)\b", re.MULTILINE)  # no other client takes these
_WORD = re.compile(r"[a-z0-9]+")
_KINDS: dict[str, Dialect] = {
    "sql-postgresql": "postgresql", "sql-mysql": "mysql", "sql-sqlite": "sqlite", "sql-oracle": "oracle",
    "sql-sqlserver": "sqlserver",
}  # fmt: skip
# Words that one dialect has and the others lack.
_MARKS: dict[Dialect, str] = {
    "postgresql": r"\$\$|\b(?:big|small)?serial\b|::[a-z]|\bplpgsql\b|\bconcurrently\b|\btimestamptz\b|"
    r"\bbytea\b|\bjsonb\b|"
    r"\breturning\b|\bfrom stdin\b|\balter column \S+ (?:set data )?type\b|\bpg_catalog\b|\bcreate extension\b|"
    r"\bnot valid\b|\bowner to\b|\bnextval\s*\(|\bcreate (?:type|domain) \S+ as\b|"
    r"\bset (?:lock_timeout|statement_timeout|search_path)\b|\bpg_\w+\s*\(|\bregclass\b|"
    r"\balter table (?:if exists )?only\b",
    "mysql": r"`\w+`|\bengine\s*=|\bauto_increment\b|/\*!\d|^delimiter\b|\bunsigned\b|\bmodify (?:column )?\w|"
    r"\btinyint\s*\(|"
    r"(?:^|,|\balter table \S{1,64})[ \t]{0,16}change (?:column )?\w+ \w+ \w+|"
    r"\bdefault charset\b|\bset names\b|\block tables\b|\bmediumtext\b|\blongtext\b",
    "oracle": r"\bvarchar2\b|\bnumber\s*\(|^/\s*$|\bsysdate\b|\bexecute immediate\b|^\s*(?:prompt|whenever|spool)\b|"
    r"\bdbms_\w+|\bnvl\s*\(|\buser_tables\b|\bpls_integer\b|\bclob\b",
    "sqlserver": r"^\s*go\s*$|\bnvarchar\b|\[dbo\]|\bidentity\s*\(\s*\d|\bsp_\w+|\bobject_id\s*\(|\bsys\.\w+|"
    r"\bprint\s+'|\bdatetime2\b|"
    r"\buniqueidentifier\b|\bwith \(?nolock",
    "sqlite": r"\bautoincrement\b|\bpragma\b|\bwithout rowid\b|\bsqlite_\w+|\bstrftime\s*\(",
}  # fmt: skip


class Found(msgspec.Struct, frozen=True):
    """A dialect, and how it is known."""

    dialect: Dialect
    by: By


def dialect_of(kind: str, path: str, text: str) -> Found:
    """The dialect of a text of a kind at a path."""
    if kind in _KINDS:
        return Found(_KINDS[kind], "kind")
    for part in reversed(path.lower().split("/")):
        words = _WORD.findall(part)
        if found := {_PATH_WORDS[word] for word in words if word in _PATH_WORDS}:
            return Found(found.pop(), "path") if len(found) == 1 else _vote(text)
    return _vote(text)


@cache
def _patterns() -> tuple[tuple[Dialect, re.Pattern[str]], ...]:
    return tuple((dialect, re.compile(words, re.IGNORECASE | re.MULTILINE)) for dialect, words in _MARKS.items())


def _without_comments(text: str) -> str:
    """What is no prose; comments that MySQL and MariaDB run (`/*!`, `/*M!`) stay."""
    kept: list[str] = []
    at = 0
    for found in _COMMENT.finditer(text):
        if found.start() < at:
            continue
        kept.append(text[at : found.start()])
        at = _end_of_comment(text, found)
    return "".join((*kept, text[at:]))


def _end_of_comment(text: str, found: re.Match[str]) -> int:
    closing, length = ("\n", 0) if found[0] == "--" else ("*/", 2)
    end = text.find(closing, found.end())
    return end + length if end >= 0 else len(text)


def _vote(text: str) -> Found:
    """That of psql where lines are meant for it; else that of most different words, none where two have as many."""
    head = _without_comments(text[:VOTERS])
    if _PSQL_LINE.search(head):
        return Found("postgresql", "vote")
    votes = [(len({match.lower() for match in pattern.findall(head)}), dialect) for dialect, pattern in _patterns()]
    (most, winner), (second, _) = sorted(votes, reverse=True)[:2]
    if most == second:
        return Found("", "")
    return Found("mariadb" if winner == "mysql" and "/*M!" in head else winner, "vote")
