"""Comments and lines for the client that change how the statements behind them run."""

from __future__ import annotations

import re

import msgspec

from pkgscan.facts.sql import Runner

_MIGRATION_MARK = re.compile(
    r"--+\s*(?:(?P<goose>\+goose)|(?P<dbmate>migrate:)|(?P<sqlmigrate>\+migrate)|(?P<liquibase>changeset\b|liquibase "
    r"formatted))\s*(?P<rest>[^\n]*)|--+\s*(?P<rollback>rollback)\b",
    re.IGNORECASE,
)
_STOPS = re.compile(
    r"\\set\s+on_error_stop\s+(?:'?(?:on|1|true)'?)|whenever\s+sqlerror\s+exit|:on\s+error\s+exit|\\set\s+on_error_stop\s*$|"
    r"set\s+xact_abort\s+on",
    re.IGNORECASE | re.MULTILINE,
)
_UNDO_WORDS = frozenset({"down", "rollback", "undo", "revert", "downgrade", "backout"})
_PATH_WORD = re.compile(r"[a-z]+")
_FLYWAY = re.compile(r"(?P<kind>[VUR])(?P<version>[\d_.]*)__[^/]+\.sql", re.IGNORECASE)


class Marker(msgspec.Struct, frozen=True):
    """What a comment says: who runs the file, whether what follows undoes, whether it runs outside of a transaction."""

    runner: Runner
    is_undo: bool | None = None
    no_transaction: bool = False


def marker(comment: str) -> Marker | None:
    """The marker in a comment; None if it is a mere comment."""
    found = _MIGRATION_MARK.match(comment)
    if found is None:
        return None
    rest = (found["rest"] or "").lower()
    if found["rollback"]:
        return Marker("liquibase")
    runner: Runner = (
        "goose"
        if found["goose"]
        else "dbmate"
        if found["dbmate"]
        else "sql-migrate"
        if found["sqlmigrate"]
        else "liquibase"
    )
    undo = True if rest.startswith("down") else False if rest.startswith("up") else None
    compact = rest.replace(" ", "")
    without = "notransaction" in compact or "transaction:false" in compact or "runintransaction:false" in compact
    return Marker(runner, undo, without)


def stops_at_error(text: str) -> bool:
    """Whether lines for the client, or a setting, end the script at its first error."""
    return _STOPS.search(text) is not None


def is_undo(member: str) -> bool:
    """Whether a path says that a file undoes: `x.down.sql`, `rollback/x.sql`, Flyway's `U2__x.sql`."""
    parts = member.lower().split("/")
    words = {word for part in parts[-3:] for word in _PATH_WORD.findall(part)}
    flyway = _FLYWAY.fullmatch(member.rpartition("/")[2])
    return not _UNDO_WORDS.isdisjoint(words) or (flyway is not None and flyway["kind"].upper() == "U")


def runner_of(member: str) -> Runner:
    """Who runs a file, as its path says; empty if it does not."""
    if "dbconfig-common/" in member:
        return "dbconfig-common"
    flyway = _FLYWAY.fullmatch(member.rpartition("/")[2])
    return "flyway" if flyway is not None and (flyway["version"] or flyway["kind"].upper() == "R") else ""
