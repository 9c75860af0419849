"""The queries of docs/profile.md, as they stand there, on real servers; what they print is imported."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from databases.server import Server

from pkgscan.captures.source import read_capture
from pkgscan.captures.tables import tables
from pkgscan.profile.model import Table

DOC = Path(__file__).parents[2] / "docs/profile.md"
ROWS = 5000
POSTGRESQL = f"""
CREATE SCHEMA "odd, ""one"" x";
CREATE TABLE public.invoices (id bigserial PRIMARY KEY, note text, total numeric);
CREATE INDEX ON public.invoices (total);
INSERT INTO public.invoices (note, total) SELECT repeat('x', 100), n FROM generate_series(1, {ROWS}) n;
CREATE TABLE "odd, ""one"" x"."Ünïcode" (a int);
CREATE TABLE public.parts (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO public.parts SELECT '2026-05-05', n FROM generate_series(1, {ROWS}) n;
CREATE VIEW public.seen AS SELECT 1 AS a;
ANALYZE;
"""
MARIADB = f"""
CREATE DATABASE `oracle "x", y`;
USE `oracle "x", y`;
CREATE TABLE invoices (id bigint AUTO_INCREMENT PRIMARY KEY, note text, total decimal, INDEX (total));
CREATE INDEX more ON invoices (total, id);
INSERT INTO invoices (note, total) SELECT repeat('x', 100), seq FROM seq_1_to_{ROWS};
CREATE TABLE `Ünïcode` (a int);
CREATE VIEW seen AS SELECT 1 AS a;
ANALYZE TABLE invoices;
"""


def queries() -> dict[str, str]:
    """The SQL of each here-document, by the client that it is for."""
    return dict(re.findall(r"^(psql|mariadb) .*?<<'SQL'\n(.*?)^SQL$", DOC.read_text(), re.MULTILINE | re.DOTALL))


def run(command: list[str], sql: str) -> str:
    return subprocess.run(command, input=sql, capture_output=True, check=True, text=True).stdout


def sized(text: str, path: Path, database: str) -> dict[str, Table]:
    path.write_text(text)
    found = next(one for one in tables(read_capture(str(path))).databases if one.name.value == database)
    assert found.complete
    return {table.name.value: table for table in found.tables}


def figures(table: Table) -> tuple[int | None, int | None]:
    return (table.rows.value if table.rows else None, table.indexes.value if table.indexes else None)


@pytest.mark.parametrize("server", ["postgresql_15", "postgresql_18"])
def test_postgresql(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    real: Server = request.getfixturevalue(server)
    run(real.client("-q", "-v", "ON_ERROR_STOP=1", "-c", "DROP DATABASE IF EXISTS sizes"), "")
    run(real.client("-q", "-c", "CREATE DATABASE sizes"), "")
    run(real.client("-q", "-v", "ON_ERROR_STOP=1", "-d", "sizes"), POSTGRESQL)
    printed = run(real.client("--csv", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-d", "sizes"), queries()["psql"])
    found = sized(printed, tmp_path / "tables.csv", "sizes")
    assert set(found) == {"public.invoices", 'odd, "one" x.Ünïcode', "public.parts", "public.parts_1"}
    assert figures(found["public.invoices"]) == (ROWS, 2)
    assert figures(found["public.parts"]) == (ROWS, 0)
    said = run(real.client("-Atc", "SELECT pg_total_relation_size('public.invoices')", "-d", "sizes"), "")
    size, parts, part = (found[name].bytes for name in ("public.invoices", "public.parts", "public.parts_1"))
    assert size is not None
    assert size.value == int(said)
    assert parts is not None
    assert part is not None
    assert parts.value == part.value > 0
    run(real.client("-q", "-c", "DROP DATABASE sizes"), "")


def test_mariadb(mariadb_10_11: Server, tmp_path: Path) -> None:
    run(mariadb_10_11.client("--default-character-set=utf8mb4"), MARIADB)
    words = ("--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4")
    printed = run(mariadb_10_11.client(*words), queries()["mariadb"])
    found = sized(printed, tmp_path / "tables.csv", 'oracle "x", y')
    assert set(found) == {"invoices", "Ünïcode"}
    rows, indexes = figures(found["invoices"])
    assert rows is not None
    assert abs(rows - ROWS) < ROWS / 5  # an estimate of InnoDB's
    assert indexes == 3
    assert found["invoices"].bytes is not None
    assert found["invoices"].bytes.value > ROWS * 100
    run(mariadb_10_11.client(), 'DROP DATABASE `oracle "x", y`')
