"""ALTER TABLE by its words: an action for each clause, in the words of all dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import msgspec

from pkgscan.readers.sql.action import Action, flags, type_name
from pkgscan.readers.sql.word_list import Words, is_online


def alter_table(words: Words) -> Iterator[Action]:
    """The actions behind the words ALTER TABLE."""
    words.optional("IF", "EXISTS")
    only = words.take("ONLY")
    table = words.name()
    words.optional("WITH", "CHECK")
    unchecked = words.take("WITH", "NOCHECK")
    modes, found = set(), []
    for part in words.parts():
        start = part.start
        if mode := part.any_of("ALGORITHM", "LOCK"):
            part.optional("=")
            modes.add(f"{mode.lower()}={part.peek().lower()}")
            continue
        found += [(action, start, part.end) for action in _clause(table, part)]
    marks = frozenset(modes) | flags(only=only, not_valid=unchecked)
    for action, start, end in found:
        yield msgspec.structs.replace(action, flags=action.flags | marks, start=start, end=end)


def _clause(table: str, words: Words) -> list[Action]:
    for beginning, verb in _clauses():
        if words.take(*beginning.split()):
            return [one for one in [verb(table, words)] if one] if callable(verb) else [Action(verb=verb, table=table)]
    return [Action(verb="other-alter", table=table)]


@cache
def _clauses() -> tuple[tuple[str, str | Callable[[str, Words], Action | None]], ...]:
    table: dict[str, str | Callable[[str, Words], Action | None]] = {
        "ADD": _add, "DROP PRIMARY KEY": "drop-primary-key", "DROP PARTITION": "drop-partition", "DROP": _drop,
        "MODIFY": _modify, "CHANGE": _change, "ALTER INDEX": "ignore-index", "ALTER KEY": "ignore-index",
        "ALTER": _alter_column, "RENAME COLUMN": _rename("rename-column"), "RENAME INDEX": _rename("rename-index"),
        "RENAME KEY": _rename("rename-index"), "RENAME CONSTRAINT": "rename-constraint", "RENAME": _rename_table,
        "CONVERT TO CHARACTER SET": "convert-charset", "CONVERT TO CHARSET": "convert-charset",
        "PARTITION BY": "partition-by", "REMOVE PARTITIONING": "partition-by",
        "ENGINE": _engine, "FORCE": "rebuild-table",
        "ROW_FORMAT": "set-row-format", "KEY_BLOCK_SIZE": "set-row-format", "AUTO_INCREMENT": "set-auto-increment",
        "COMMENT": "set-comment", "DEFAULT": "set-default-charset", "CHARACTER SET": "set-default-charset",
        "CHARSET": "set-default-charset", "COLLATE": "set-default-charset", "STATS_PERSISTENT": "set-statistics",
        "DISABLE KEYS": "switch-keys", "ENABLE KEYS": "switch-keys", "DISABLE TRIGGER": "switch-trigger",
        "ENABLE TRIGGER": "switch-trigger", "VALIDATE CONSTRAINT": _constraint_named("validate-constraint"),
        "ATTACH PARTITION": _partition("attach-partition"), "DETACH PARTITION": _partition("detach-partition"),
        "REBUILD": "rebuild-table", "MOVE": "rebuild-table", "SET UNUSED": "drop-column", "OWNER TO": "change-owner",
        "SET SCHEMA": "set-schema", "SET TABLESPACE": "set-tablespace", "SET": "set-storage-parameter",
        "DISCARD TABLESPACE": "other-alter", "ORDER BY": "rebuild-table", "CHECK CONSTRAINT": "validate-constraint",
        "INHERIT": "inherit", "REPLICA IDENTITY": "replica-identity", "ENABLE ROW": "row-security",
    }  # fmt: skip
    return tuple(sorted(table.items(), key=lambda one: -len(one[0].split())))


_KEYS = {"PRIMARY": "add-primary-key", "UNIQUE": "add-unique", "FOREIGN": "add-foreign-key", "CHECK": "add-check",
         "EXCLUDE": "add-exclude", "INDEX": "create-index", "KEY": "create-index", "FULLTEXT": "create-index",
         "SPATIAL": "create-index"}  # fmt: skip


def _add(table: str, words: Words) -> Action | None:
    if words.take("SYSTEM", "VERSIONING"):
        return Action(verb="add-system-versioning", table=table)
    if words.take("PARTITION"):
        return Action(verb="add-partition", table=table)
    named = words.name() if words.take("CONSTRAINT") and words.peek() not in _KEYS else ""
    if verb := _KEYS.get(words.peek()):
        special = words.peek().lower() if words.peek() in {"FULLTEXT", "SPATIAL"} else ""
        return _key(table, verb, named, words, special)
    words.optional("COLUMN")
    words.optional("IF", "NOT", "EXISTS")
    if words.peek() == "(":
        words = words.inside()
    return column(table, "add-column", words)


def _key(table: str, verb: str, named: str, words: Words, special: str) -> Action:
    rest = words.rest()
    others: tuple[str, ...] = ()
    not_valid = {"NOT", "VALID"} <= rest or "NOVALIDATE" in rest
    using_index = {"USING", "INDEX"} <= rest and verb != "create-index" and "(" not in rest
    if verb == "add-foreign-key":
        while words.peek() not in {"REFERENCES", ""}:
            words.take(words.peek())
        others = (words.name(),) if words.take("REFERENCES") else ()
    marks = flags(not_valid=not_valid, using_index=using_index, concurrently=is_online(words))
    return Action(verb=verb, table=table, name=named, others=others, flags=marks | frozenset({special} - {""}))


def column(table: str, verb: str, words: Words) -> Action:
    """A column with its type and what is said of it."""
    name = words.name()
    kind = words.name() if words.peek() not in {"", ","} else ""
    inside = words.inside().rest() if words.peek() == "(" else frozenset[str]()
    rest = words.rest()
    modifiers = sorted(word for word in inside if word.isdigit())
    others: tuple[str, ...] = ()
    if "REFERENCES" in rest:
        while not words.take("REFERENCES"):
            words.take(words.peek())
        others = (words.name(),)
    marks = flags(
        not_null={"NOT", "NULL"} <= rest, unique="UNIQUE" in rest, primary="PRIMARY" in rest, check="CHECK" in rest,
        references=others, auto_increment="AUTO_INCREMENT" in rest, identity="IDENTITY" in rest,
        placed="FIRST" in rest or "AFTER" in rest, stored="STORED" in rest or "PERSISTENT" in rest,
        virtual="VIRTUAL" in rest,
    )  # fmt: skip
    default = "default" if "DEFAULT" in rest else ""
    return Action(verb=verb, table=table, column=name, type=type_name(kind, modifiers), default=default, others=others,
                  flags=marks)  # fmt: skip


def _modify(table: str, words: Words) -> Action:
    words.optional("COLUMN")
    words.optional("IF", "EXISTS")
    return column(table, "modify-column", words.inside() if words.peek() == "(" else words)


def _change(table: str, words: Words) -> Action:
    words.optional("COLUMN")
    old = words.name()
    changed = column(table, "modify-column", words)
    return msgspec.structs.replace(changed, column=old, new_name=changed.column)


def _drop(table: str, words: Words) -> Action:
    kind = words.any_of("COLUMN", "CONSTRAINT", "INDEX", "KEY", "FOREIGN", "CHECK")
    words.optional("KEY")
    words.optional("IF", "EXISTS")
    if words.peek() == "(":
        words = words.inside()
    verbs = {"INDEX": "drop-index", "KEY": "drop-index", "CONSTRAINT": "drop-constraint", "FOREIGN": "drop-foreign-key",
             "CHECK": "drop-constraint"}  # fmt: skip
    verb = verbs.get(kind, "drop-column")
    name = words.name()
    is_column = verb == "drop-column"
    return Action(verb=verb, table=table, column=name if is_column else "", name="" if is_column else name,
                  flags=flags(cascade="CASCADE" in words.rest()))  # fmt: skip


def _alter_column(table: str, words: Words) -> Action:
    words.optional("COLUMN")
    name = words.name()
    if words.take("DROP", "DEFAULT"):
        return Action(verb="drop-default", table=table, column=name)
    if words.take("DROP", "NOT", "NULL"):
        return Action(verb="drop-not-null", table=table, column=name)
    if words.take("SET", "NOT", "NULL"):
        return Action(verb="set-not-null", table=table, column=name)
    if words.take("SET", "DEFAULT"):
        return Action(verb="set-default", table=table, column=name)
    words.optional("SET", "DATA")
    words.optional("TYPE")
    kind = words.name()
    modifiers = (
        [word for word in words.inside().rest() if word.isdigit() or word == "MAX"] if words.peek() == "(" else []
    )
    return Action(verb="alter-type", table=table, column=name, type=type_name(kind, sorted(modifiers)),
                  flags=flags(not_null={"NOT", "NULL"} <= words.rest()))  # fmt: skip


def _rename(verb: str) -> Callable[[str, Words], Action]:
    def read(table: str, words: Words) -> Action:
        old = words.name()
        words.optional("TO")
        column_name = old if verb == "rename-column" else ""
        return Action(verb=verb, table=table, column=column_name, name=old, new_name=words.name())

    return read


def _rename_table(table: str, words: Words) -> Action:
    words.any_of("TO", "AS")
    return Action(verb="rename-table", table=table, new_name=words.name())


def _engine(table: str, words: Words) -> Action:
    words.optional("=")
    return Action(verb="set-engine", table=table, type=words.peek().lower())


def _constraint_named(verb: str) -> Callable[[str, Words], Action]:
    def read(table: str, words: Words) -> Action:
        return Action(verb=verb, table=table, name=words.name())

    return read


def _partition(verb: str) -> Callable[[str, Words], Action]:
    def read(table: str, words: Words) -> Action:
        other = words.name()
        return Action(verb=verb, table=table, others=(other,), flags=flags(concurrently="CONCURRENTLY" in words.rest()))

    return read
