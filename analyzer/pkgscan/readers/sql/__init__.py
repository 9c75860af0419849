"""SQL: cut into statements, parsed by whoever knows the dialect, stated as what each does to which table.

This module is what the registry loads: the reader of files of SQL, and of what others find embedded. What cuts and
parses is imported with the first SQL.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.sql import AdvisoryLock, DdlAction, SqlUnit
from pkgscan.readers.base import Cut, Kind, Reader, Reading, Source


def _condense(member: str, blocks: Iterator[bytes]) -> Iterator[bytes | Cut]:
    from pkgscan.readers.sql.condensing import condense  # noqa: PLC0415  # with the first SQL

    return condense(member, blocks)


class SqlReader(Reader):
    """What each statement does to which table, in the order in which a client would run them."""

    kinds = (
        Kind(
            name="sql",
            condense=_condense,
            suffixes=(
                ".sql", ".ddl", ".pgsql", ".psql", ".mysql", ".plsql", ".pls", ".tsql", ".sql.in", ".sql.tmpl",
                ".sql.j2",
                ".sql.template", ".sql.postgres", ".sql.postgresql", ".sql.pgsql", ".sql.mysql", ".sql.sqlite",
                ".sql.sqlite3", ".sql.erb", ".sql.dist", ".sql.mariadb", ".sql.oracle",
            ),
            paths=(
                "dbconfig-common/data/*/install/*", "dbconfig-common/data/*/upgrade/*/*",
                "dbconfig-common/data/*/upgrade-dbadmin/*/*", "dbconfig-common/data/*/install-dbadmin/*",
            ),
        ),
        Kind(name="sql-postgresql"), Kind(name="sql-mysql"), Kind(name="sql-sqlite"), Kind(name="sql-oracle"),
        Kind(name="sql-sqlserver"),
    )  # fmt: skip
    facts = (AdvisoryLock, DdlAction, SqlUnit)

    def read(self, source: Source) -> Iterator[Reading]:
        """The facts of a text of SQL."""
        from pkgscan.readers.sql.dialect import dialect_of  # noqa: PLC0415  # with the first SQL
        from pkgscan.readers.sql.unit import Unit  # noqa: PLC0415  # the same

        yield from Unit(source, dialect_of(source.kind, source.entry.member, source.text)).readings()
