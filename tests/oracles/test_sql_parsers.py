"""Every statement of real migrations of PostgreSQL is read, and both parsers say the same of it where both speak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sql_corpus import corpus

from pkgscan.readers.sql import generic, postgresql
from pkgscan.readers.sql.action import Action, Refused
from pkgscan.readers.sql.parsing import ROWS
from pkgscan.readers.sql.preparation import prepared
from pkgscan.readers.sql.splitter import split

# Where sqlglot says less, and why it does not matter: comments lock nobody out, and of a name of its own for BYTEA
# nothing is made.
SAYS_LESS = {("comment", "other")}
OWN_NAMES = {"varbinary": "bytea"}


def statements() -> Iterator[tuple[str, str]]:
    for name, text in corpus("postgresql"):
        for chunk in split(text, "postgresql"):
            if chunk.kind == "statement" and not ROWS.match(chunk.text):
                yield name, prepared(chunk.text, "postgresql")


def said(action: Action) -> tuple[object, ...]:
    calls = action.calls if action.verb == "add-column" else ()
    name = action.name if action.verb != "other" else ""
    marks = sorted(action.flags - {"null"})
    kind = OWN_NAMES.get(action.type, action.type)
    return (action.verb, action.table, action.others, action.column, name, kind, calls, marks)


def test_the_parsers_agree_on_real_migrations() -> None:
    counts: Counter[str] = Counter()
    differences = []
    for name, text in statements():
        counts["statements"] += 1
        try:
            own = postgresql.parse(text)
        except Refused:
            counts["pglast refuses"] += 1
            continue
        try:
            other = generic.parse(text, "postgresql")
        except Refused:
            counts["sqlglot refuses"] += 1
            continue
        pairs = list(zip(own, other, strict=False))
        if len(own) == len(other) and all(said(a) == said(b) or (a.verb, b.verb) in SAYS_LESS for a, b in pairs):
            counts["agree"] += 1
        else:
            differences.append((name, text[:200], [said(one) for one in own], [said(one) for one in other]))
    print(dict(counts))
    assert counts["statements"] > 2000
    assert counts["pglast refuses"] == 0  # each would be a gap
    assert differences == []
