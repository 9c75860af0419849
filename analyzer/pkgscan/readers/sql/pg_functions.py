"""Which functions of PostgreSQL are volatile, so that a default that calls one is worked out for every row."""

from __future__ import annotations

import pkgutil
from functools import cache

# Of extensions that come with the server, or nearly always are there.
_OF_EXTENSIONS = frozenset({
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_random_bytes", "gen_salt", "random_normal",
})  # fmt: skip
_OF_SYNTAX = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
                        "current_user", "current_role", "session_user", "user", "current_catalog",
                        "current_schema"})  # fmt: skip


@cache
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    data = (pkgutil.get_data(__name__, "data/postgresql_functions.txt") or b"").decode()
    lines = "\n".join(line for line in data.splitlines() if not line.startswith("#"))
    volatile, _, others = lines.partition("\n\n")
    return frozenset(volatile.split()) | _OF_EXTENSIONS, frozenset(others.split()) | _OF_SYNTAX


def is_volatile(name: str) -> bool | None:
    """Whether a function is; None if nobody here knows it."""
    volatile, others = _lists()
    bare = name.lower().removeprefix("pg_catalog.")
    return True if bare in volatile or bare.rpartition(".")[2] in _OF_EXTENSIONS else False if bare in others else None
