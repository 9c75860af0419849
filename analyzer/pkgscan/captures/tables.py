"""The sizes of tables, as the queries in docs/profile.md print them: database,table,rows,bytes,indexes."""

from __future__ import annotations

from pkgscan.captures.source import Captured
from pkgscan.profile.model import Database, Profile, Stated, Table

HEADER = ["database", "table", "rows", "bytes", "indexes"]
_DIGITS = 20  # of a number; more bytes than that are on no disk


def tables(source: Captured) -> Profile:
    """All tables of each database that is named."""
    import csv  # noqa: PLC0415  # only here

    found: dict[str, tuple[Stated[str], list[Table]]] = {}
    rows = csv.reader(source.text.split("\n"))
    try:
        if (header := next(rows, [])) != HEADER:
            source.fail(1, f"no table sizes: the first line must be {','.join(HEADER)}, not {','.join(header)[:80]}")
        for row in rows:
            if not row:
                continue
            line = rows.line_num
            if len(row) != len(HEADER) or not row[0] or not row[1]:
                source.fail(line, f"must have {len(HEADER)} columns: {', '.join(HEADER)}")
            span = source.span(line)
            if row[0] not in found:
                found[row[0]] = Stated(row[0], span), []
            count, size, indexes = [
                Stated(int(text), span) if text.isdecimal() and len(text) <= _DIGITS else _unknown(source, line, text)
                for text in row[2:]
            ]
            found[row[0]][1].append(Table(Stated(row[1], span), count, size, indexes))
    except csv.Error as error:
        source.fail(rows.line_num, f"no CSV: {error}")
    databases = (Database(name=name, tables=tuple(items), complete=True) for name, items in found.values())
    return Profile(path=source.path, databases=tuple(databases))


def _unknown(source: Captured, line: int, text: str) -> Stated[int] | None:
    """A number that the server does not know: it is empty, or -1, as PostgreSQL has it."""
    if text not in {"", "-1", "NULL", "\\N"}:
        source.fail(line, f"rows, bytes and indexes must be whole numbers, not {text[:40]!r}")
    return None
