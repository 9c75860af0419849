"""The servers that other oracles ask: real, of the versions we say, on sockets only, and gone afterwards."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from databases.server import Server, debian_mariadb, debian_postgresql, embedded_postgresql
from databases.session import ServerError

Start = Callable[[], AbstractContextManager[Server]]


@pytest.mark.parametrize(
    ("fixture", "engine", "version"),
    [
        ("postgresql_15", "postgresql", "15"),
        ("postgresql_18", "postgresql", "18"),
        ("mariadb_10_11", "mariadb", "10.11"),
    ],
)
def test_a_server_is_what_it_is_called(request: pytest.FixtureRequest, fixture: str, engine: str, version: str) -> None:
    server: Server = request.getfixturevalue(fixture)
    assert (server.engine, server.version) == (engine, version)
    with server.session() as session:
        assert session.run("SELECT 1, NULL, 'ä'") == [("1", None, "ä")]
        with pytest.raises(ServerError):
            session.run("SELECT * FROM nowhere")
        assert session.run("SELECT 2") == [("2",)]


@pytest.mark.parametrize("start", [debian_postgresql, embedded_postgresql, debian_mariadb])
def test_nothing_is_left_of_a_server_when_a_test_fails(start: Start) -> None:
    seen: list[Server] = []
    with pytest.raises(ZeroDivisionError):
        fail_beside(start, seen)
    (server,) = seen
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def fail_beside(start: Start, seen: list[Server]) -> None:
    with start() as server:
        seen.append(server)
        assert sockets_of(server.pid) == {str(server.socket)}
        raise ZeroDivisionError


def test_the_clients_reach_their_servers(postgresql_18: Server, mariadb_10_11: Server) -> None:
    assert said(postgresql_18.client("-Atc", "SHOW server_version")).startswith("18.")
    assert said(mariadb_10_11.client("-Ne", "SELECT version()")).startswith("10.11.")


def said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def sockets_of(pid: int) -> set[str]:
    """Where a process listens: internet ports, and paths of unix sockets."""
    lines = said(["ss", "-Hltxp"]).splitlines()
    return {line.split()[4] for line in lines if f"pid={pid}," in line}
