"""SQL of real packages: migrations and schemas, by package and name; nothing of them is kept in the tree."""

from __future__ import annotations

import gzip
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from downloads import cache_folder, fetch
from pkgscan.facts.sql import Dialect
from pkgscan.readers.sql.dialect import dialect_of

# Debian 12; where a version has left the mirror the current one is taken.
PACKAGES = {
    "icingaweb2": "", "icinga2-ido-pgsql": "", "roundcube-core": "", "zabbix-server-pgsql": "", "icingadb": "",
    "bacula-director-pgsql": "",
}  # fmt: skip


def corpus(dialect: Dialect, packages: Mapping[str, str] = PACKAGES) -> Iterator[tuple[str, str]]:
    """(package and path, text) of every file of SQL of a dialect."""
    for package, version in packages.items():
        deb = fetch("deb", package, version, cache_folder("oracles"))
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg", "-x", str(deb), folder], check=True)
            for path in sorted(_files(Path(folder))):
                name = f"{package}/{path.relative_to(folder)}"
                data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
                text = data.decode("utf-8", "replace")
                if dialect_of("sql", name, text).dialect == dialect:
                    yield name, text


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if (".sql" in name or "dbconfig-common/data" in root) and path.is_file() and not path.is_symlink():
                yield path
