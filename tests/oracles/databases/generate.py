"""Measures all forms on the servers and writes the lock facts of the product; run it after a change to the lists.

.venv/bin/python tests/oracles/databases/generate.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # runs as a script from anywhere

from databases.forms import forms
from databases.lock_facts import Row, as_file, differing, facts_of
from databases.measure_mariadb import measure as measure_mariadb
from databases.measure_postgresql import measure as measure_postgresql
from databases.server import debian_mariadb, debian_postgresql, embedded_postgresql

FACTS = Path(__file__).parents[3] / "analyzer/pkgscan/reason/locks"
SERVERS = {
    "postgresql": (measure_postgresql, (debian_postgresql, embedded_postgresql)),
    "mariadb": (measure_mariadb, (debian_mariadb,)),
}


def main() -> None:
    for engine, (measure, starts) in SERVERS.items():
        rows = {}
        for start in starts:
            with start() as server:
                rows[server.version] = [Row(*pair) for pair in measure(server, forms(engine))]
                tell(server.version, rows[server.version])
        (FACTS / f"{engine}.json").write_bytes(as_file(facts_of(engine, rows)))


def tell(version: str, rows: list[Row]) -> None:
    """What whoever runs it ought to look at."""
    for form, same in differing(rows).items():
        print(f"{version}: statements of {form} differ; the worst is stated")
        for row in same:
            print(f"    {row.statement.sql}: {row.main} {row.others}")
    for row in rows:
        for name, effect in row.surprises.items():
            print(f"{version}: {row.statement.sql} also does something to {name}: {effect}")


if __name__ == "__main__":
    main()
