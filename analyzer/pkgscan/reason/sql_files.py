"""What the path of a file of SQL says of it."""

import re

_WORD = re.compile(r"[a-z]+")
_INSTALLS = frozenset(
    {"schema", "create", "install", "structure", "init", "initial", "setup", "tables", "baseline", "ddl"}
)
_CHANGES = frozenset({
    "upgrade", "upgrades", "update", "updates", "migrate", "migration", "migrations", "patch", "patches", "delta",
    "deltas", "alter", "changes", "upgrading",
})  # fmt: skip


def is_install(path: str) -> bool:
    """Whether a file makes a database anew rather than changing one in use: `schema.sql`, `install/mysql`."""
    parts = path.rpartition("!/")[2].lower().split("/")
    words = [set(_WORD.findall(part)) for part in parts]
    if any(not _CHANGES.isdisjoint(found) for found in words):
        return False
    return any(not _INSTALLS.isdisjoint(found) for found in words[-2:])
