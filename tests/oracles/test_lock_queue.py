"""Why even a brief change of a table needs a limit for its wait: whoever comes after it waits as long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from databases.server import Server
from databases.session import Session

from pkgscan.reason.locks import lock_fact

READER = 0.8  # seconds that somebody's transaction stays open
LATER = 0.2  # seconds after which the change, and then another reader, come
NOTICED = 0.3  # seconds; who waits less was not held up
SETUP = {
    "postgresql": "CREATE TABLE IF NOT EXISTS public.queued (id int)",
    "mariadb": "CREATE DATABASE IF NOT EXISTS q; USE q; CREATE TABLE IF NOT EXISTS queued (id int) ENGINE=InnoDB",
}
START = {"postgresql": "BEGIN", "mariadb": "START TRANSACTION"}
LIMIT = {"postgresql": "SET lock_timeout = 50", "mariadb": "SET lock_wait_timeout = 0"}


@pytest.mark.parametrize("fixture", ["postgresql_18", "mariadb_10_11"])
@pytest.mark.parametrize("is_limited", [False, True])
def test_who_comes_later_waits_behind_a_brief_change(
    request: pytest.FixtureRequest, fixture: str, *, is_limited: bool
) -> None:
    server: Server = request.getfixturevalue(fixture)
    fact = lock_fact(server.engine, "add-column")
    assert fact is not None
    assert (fact.is_long, fact.queue) == (False, "everything")
    waited = reader_behind_a_change(server, is_limited=is_limited)
    assert (waited > NOTICED) is not is_limited


def reader_behind_a_change(server: Server, *, is_limited: bool) -> float:
    """Seconds that a reader waits who comes after a change, which comes after a reader who is in no hurry."""
    with (
        server.session() as slow,
        server.session() as changer,
        server.session() as late,
        ThreadPoolExecutor(2) as threads,
    ):
        for session in (slow, changer, late):
            session.run(SETUP[server.engine])
        slow.run(START[server.engine])
        slow.run("SELECT * FROM queued")
        if is_limited:
            changer.run(LIMIT[server.engine])
        change = threads.submit(changer.run, "ALTER TABLE queued ADD COLUMN z int")
        time.sleep(LATER)
        end = threads.submit(end_later, slow)
        begun = time.monotonic()
        late.run("SELECT * FROM queued")
        waited = time.monotonic() - begun
        end.result()
        assert (change.exception() is not None) is is_limited
        late.run("DROP TABLE queued")
        return waited


def end_later(session: Session) -> None:
    time.sleep(READER)
    session.run("ROLLBACK")
