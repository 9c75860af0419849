"""Real migrations for the benchmark against squawk: those of PostgreSQL that the SQL oracle reads, uncompressed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))

from sql_corpus import corpus

LARGEST = 1 << 20  # bytes: more is a dump of rows, which nobody would give a linter


def folder_of_migrations(cache: Path) -> Path:
    """A folder of the files, named as by PostgreSQL, so that the dialect need not be guessed; made once."""
    folder = cache / "migrations"
    if not folder.is_dir():
        part = cache / "migrations.part"
        part.mkdir(parents=True, exist_ok=True)
        for text, name in {text: name for name, text in corpus("postgresql")}.items():  # a copy counts once
            if len(text) <= LARGEST:
                (part / f"{name.replace('/', '+').removesuffix('.gz').removesuffix('.sql')}.pgsql.sql").write_text(text)
        part.rename(folder)
    return folder
