"""Reads by their words the statements that no parser takes: what sqlglot calls a mere Command, and templates.

It knows less than a parser and claims less: the verb, the table, the names that stand at known places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from pkgscan.readers.sql.action import Action, Refused, flags
from pkgscan.readers.sql.match_alter import alter_table
from pkgscan.readers.sql.word_list import Words, is_online, words_of


def match(text: str) -> list[Action]:
    """The actions of one statement. Raises Refused."""
    words = words_of(text)
    for beginning, read in _beginnings():
        if words.take(*beginning):
            return list(read(words))
    if words.peek() in _HARMLESS:
        return [Action(verb="other")]
    raise Refused("no statement that is known by its words")


_HARMLESS = frozenset({
    "USE", "PRINT", "DECLARE", "IF", "BEGIN", "END", "SHOW", "EXPLAIN", "UNLOCK", "FLUSH", "KILL", "PRAGMA", "ATTACH",
    "DETACH", "GRANT", "REVOKE", "CLOSE", "OPEN", "FETCH", "DEALLOCATE", "RETURN", "CHECK", "CHECKPOINT", "HELP",
    "DENY",
    "COMMENT", "SAVEPOINT", "RELEASE", "NOTIFY", "LISTEN", "SECURITY", "CALL", "WITH", "SELECT", "INSERT", "REPLACE",
    "LOAD", "PURGE", "INSTALL", "ELSE", "RAISERROR", "THROW", "WAITFOR", "EXIT", "START", "STOP", "CHANGE", "RESET",
})  # fmt: skip


@cache
def _beginnings() -> tuple[tuple[tuple[str, ...], Callable[[Words], Iterator[Action]]], ...]:
    table = {
        "ALTER TABLE": alter_table, "ALTER IGNORE TABLE": alter_table, "ALTER ONLINE TABLE": alter_table,
        "RENAME TABLE": _rename_tables, "RENAME TABLES": _rename_tables, "LOCK TABLES": _lock_tables,
        "LOCK TABLE": _lock_tables, "OPTIMIZE TABLE": _rebuild, "OPTIMIZE NO_WRITE_TO_BINLOG TABLE": _rebuild,
        "REPAIR TABLE": _rebuild, "TRUNCATE TABLE": _named("truncate"), "TRUNCATE": _named("truncate"),
        "DROP TABLE": _named("drop-table"), "DROP TEMPORARY TABLE": _other, "DROP INDEX": _drop_index,
        "DROP VIEW": _named("drop-view"), "DROP TRIGGER": _other, "DROP PROCEDURE": _other, "DROP FUNCTION": _other,
        "DROP": _other, "ANALYZE": _other, "ALTER INDEX": _alter_index, "ALTER": _other,
        "CREATE UNIQUE INDEX": _create_index("unique"), "CREATE INDEX": _create_index(""),
        "CREATE UNIQUE CLUSTERED INDEX": _create_index("unique"), "CREATE CLUSTERED INDEX": _create_index("clustered"),
        "CREATE UNIQUE NONCLUSTERED INDEX": _create_index("unique"), "CREATE NONCLUSTERED INDEX": _create_index(""),
        "CREATE BITMAP INDEX": _create_index(""), "CREATE FULLTEXT INDEX": _create_index("fulltext"),
        "CREATE": _create, "UPDATE": _rows("update"), "DELETE FROM": _rows("delete"), "DELETE": _rows("delete"),
        "SET": _set, "BEGIN TRANSACTION": _plain("begin"), "BEGIN TRAN": _plain("begin"),
        "START TRANSACTION": _plain("begin"), "COMMIT": _plain("commit"), "ROLLBACK": _plain("rollback"),
        "PREPARE": _in_string, "EXECUTE IMMEDIATE": _in_string, "EXEC": _in_string, "EXECUTE": _in_string,
        "REINDEX": _plain("reindex"), "VACUUM": _plain("vacuum-full"),
        "REFRESH MATERIALIZED VIEW": _named("refresh-materialized-view"),
    }  # fmt: skip
    return tuple(sorted(((tuple(key.split()), read) for key, read in table.items()), key=lambda one: -len(one[0])))


def _other(_words: Words) -> Iterator[Action]:
    yield Action(verb="other")


def _plain(verb: str) -> Callable[[Words], Iterator[Action]]:
    def read(_words: Words) -> Iterator[Action]:
        yield Action(verb=verb)

    return read


def _named(verb: str) -> Callable[[Words], Iterator[Action]]:
    def read(words: Words) -> Iterator[Action]:
        words.optional("IF", "EXISTS")
        words.optional("CONCURRENTLY")
        for part in words.parts():
            name = part.name()
            yield Action(verb=verb, table=name, name=name)

    return read


def _rebuild(words: Words) -> Iterator[Action]:
    for part in words.parts():
        yield Action(verb="rebuild-table", table=part.name())


def _rename_tables(words: Words) -> Iterator[Action]:
    for part in words.parts():
        old = part.name()
        part.optional("TO")
        yield Action(verb="rename-table", table=old, new_name=part.name())


def _lock_tables(words: Words) -> Iterator[Action]:
    for part in words.parts():
        yield Action(verb="lock-table", table=part.name(), type="write" if "WRITE" in part.rest() else "read")


def _drop_index(words: Words) -> Iterator[Action]:
    concurrently = words.take("CONCURRENTLY")
    words.optional("IF", "EXISTS")
    name = words.name()
    table, _, inner = name.rpartition(".")
    on = words.name() if words.take("ON") else table
    yield Action(verb="drop-index", table=on, name=inner, flags=flags(concurrently=concurrently))


def _alter_index(words: Words) -> Iterator[Action]:
    name = words.name()
    on = words.name() if words.take("ON") else ""
    online = is_online(words)
    if words.peek() == "REBUILD":
        yield Action(verb="reindex", table=on, name=name, flags=flags(concurrently=online))
    else:
        yield Action(verb="rename-index" if words.peek() == "RENAME" else "alter-index", table=on, name=name)


def _create_index(flag: str) -> Callable[[Words], Iterator[Action]]:
    def read(words: Words) -> Iterator[Action]:
        concurrently = words.take("CONCURRENTLY")
        words.optional("IF", "NOT", "EXISTS")
        name = "" if words.peek() == "ON" else words.name()
        if not words.take("ON"):
            raise Refused("an index on nothing")
        only = words.take("ONLY")
        marks = flags(concurrently=concurrently or is_online(words), only=only) | frozenset({flag} - {""})
        table = words.name()
        yield Action(verb="create-index", table=table, name=name, flags=marks)

    return read


def _create(words: Words) -> Iterator[Action]:
    """Routines, triggers and whatever else is made: only a trigger locks a table that is there."""
    while words.any_of("OR", "REPLACE", "ALTER", "EDITIONABLE", "NONEDITIONABLE"):
        pass
    if words.take("DEFINER", "="):
        while words.peek() not in {"", "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "VIEW"}:
            words.take(words.peek())
    if words.take("TRIGGER"):
        words.optional("IF", "NOT", "EXISTS")
        name = words.name()
        while words.peek() not in {"ON", ""}:
            words.take(words.peek())
        table = words.name() if words.take("ON") else ""
        yield Action(verb="create-trigger", table=table, name=name)
        return
    temporary = bool(words.any_of("TEMPORARY", "TEMP", "GLOBAL"))
    words.optional("TEMPORARY")
    if words.any_of("TABLE"):
        words.optional("IF", "NOT", "EXISTS")
        name = words.name()
        yield Action(verb="create-table", table=name, name=name, flags=flags(temporary=temporary))
        return
    yield Action(verb="other")


def _rows(verb: str) -> Callable[[Words], Iterator[Action]]:
    def read(words: Words) -> Iterator[Action]:
        while words.any_of("LOW_PRIORITY", "IGNORE", "QUICK", "FROM", "ONLY"):
            pass
        yield Action(verb=verb, table=words.name(), flags=flags(where="WHERE" in words.rest()))

    return read


def _set(words: Words) -> Iterator[Action]:
    for part in words.parts():
        local = bool(part.any_of("LOCAL"))
        part.any_of("SESSION", "GLOBAL")
        name = part.name().lstrip("@").rpartition(".")[2]
        if part.any_of("=", "TO"):
            yield Action(verb="set", name=name, default=part.peek().lower(), flags=flags(local=local))
        else:
            yield Action(verb="other")


def _in_string(words: Words) -> Iterator[Action]:
    """SQL in a string: its text is for whoever goes on; a variable is opaque."""
    while words.peek() and not words.peek().startswith("'"):
        words.take(words.peek())
    yield Action(verb="execute", body=words.peek(), start=words.start)
