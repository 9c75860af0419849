"""What a form of statement locks, and whether it rewrites or reads the table: facts that were measured on servers.

The data lie beside this module, one file an engine, written by `tests/oracles/databases/generate.py` from what real
servers do and compared with them by `make oracles`; `documented.json` holds what was read in manuals alone. See
docs/decisions/lock-facts.md.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from typing import Literal

import msgspec

from pkgscan.facts.sql import Dialect
from pkgscan.model import Confidence
from pkgscan.patterns import pattern

Blocks = Literal["nothing", "writes", "everything"]  # in this order
BLOCKS: tuple[Blocks, ...] = ("nothing", "writes", "everything")
MEASURED: tuple[Dialect, ...] = ("postgresql", "mariadb")
DOCUMENTED = "documented"
# Whom a lock keeps waiting that a statement names itself: of PostgreSQL, then of MariaDB and MySQL.
NAMED: dict[str, Blocks] = {
    "access share": "nothing", "row share": "nothing", "row exclusive": "nothing", "share update exclusive": "nothing",
    "share": "writes", "share row exclusive": "writes", "exclusive": "writes", "access exclusive": "everything",
    "read": "writes", "write": "everything",
}  # fmt: skip
NUMBER = pattern(r"\d{1,6}")


class LockFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one form does to the table that it is about, and, as `other_...`, to each other table.

    `lock` is the strongest mode in the engine's words: eight of PostgreSQL; of MariaDB and MySQL what the LOCK clause
    may ask for at best, and `algorithm` likewise. `blocks` says who waits while the statement works, `queue` who waits
    behind it while it waits for transactions that use the table already: more, where it needs the table for itself for
    a moment only. `rewrite`: every row is written anew, with all indexes; `scan`: the table is read from end to end;
    `index`: an index is built. Where statements of one form differ, this is the worst of them.

    True from version `since` up to, and without, `until`. `measured` names the versions it was measured on; empty, it
    is from a manual, and `source` says where it stands.
    """

    engine: str
    form: str
    lock: str = ""
    blocks: Blocks = "nothing"
    queue: Blocks = "nothing"
    rewrite: bool = False
    scan: bool = False
    index: bool = False
    algorithm: str = ""
    other_lock: str = ""
    other_blocks: Blocks = "nothing"
    other_queue: Blocks = "nothing"
    other_scan: bool = False
    other_index: bool = False
    since: str = ""
    until: str = ""
    measured: tuple[str, ...] = ()
    source: str = ""
    confidence: Confidence = "high"

    @property
    def is_long(self) -> bool:
        """Whether it lasts the longer, the larger the table is."""
        return self.rewrite or self.scan or self.index

    @property
    def is_long_under_lock(self) -> bool:
        """Whether somebody waits meanwhile."""
        return self.is_long and self.blocks != "nothing"

    @property
    def severity(self) -> tuple[bool, bool, int, bool, int]:
        """Grows with what it costs others; of two facts the one to be careful with has the greater."""
        weight = BLOCKS.index(self.blocks)
        return (self.is_long_under_lock, self.rewrite, weight, self.is_long, BLOCKS.index(self.other_blocks))


class LockFacts(msgspec.Struct, frozen=True):
    """A file of them."""

    facts: tuple[LockFact, ...]


def lock_fact(engine: Dialect, form: str, version: str = "") -> LockFact | None:
    """What a form does on an engine; None if that is not known.

    Without a version, the most careful of what was measured; without an engine, the most careful of those measured.
    The confidence falls to medium where a manual says it or the version is not between those measured, to low where
    the engine is not known.
    """
    if not engine:
        known = [fact for name in MEASURED if (fact := lock_fact(name, form))]
        return _careful(known, "low")
    facts = _by_form().get((engine, form), [])
    if version:
        return _at(facts, _numbers(version))
    measured = [fact for fact in facts if fact.measured]
    return _careful(measured, "high") or _careful(facts, "medium")


def with_mode(fact: LockFact, mode: str) -> LockFact:
    """The fact of a statement that names the mode of its lock, such as LOCK TABLE."""
    blocks = NAMED.get(mode.lower())
    return fact if blocks is None else msgspec.structs.replace(fact, lock=mode.upper(), blocks=blocks, queue=blocks)


def _at(facts: list[LockFact], version: tuple[int, ...]) -> LockFact | None:
    """Of a version: what is stated of it, else of the nearest version before, else of the first after."""
    stated = [fact for fact in facts if not fact.until or version < _numbers(fact.until)]
    before = [fact for fact in stated if _numbers(fact.since) <= version]
    fact = max(before, key=lambda fact: _numbers(fact.since), default=None)
    fact = fact or min(stated, key=lambda fact: _numbers(fact.since), default=None)
    return fact and msgspec.structs.replace(fact, confidence="high" if _is_measured(fact, version) else "medium")


def _is_measured(fact: LockFact, version: tuple[int, ...]) -> bool:
    """Whether a version is one of those measured, or lies between two."""
    measured = sorted(map(_numbers, fact.measured))
    return bool(measured) and measured[0] <= version and version[: len(measured[-1])] <= measured[-1]


def _careful(facts: list[LockFact], confidence: Confidence) -> LockFact | None:
    worst = max(facts, key=lambda fact: fact.severity, default=None)
    return worst and msgspec.structs.replace(worst, confidence=confidence)


def _numbers(version: str) -> tuple[int, ...]:
    """`10.11.6-MariaDB` as (10, 11, 6), `19c` as (19,); empty sorts before all."""
    found = (NUMBER.match(part) for part in version.split("."))
    return tuple(int(number[0]) for number in takewhile(bool, found) if number)


@cache
def lock_facts() -> tuple[LockFact, ...]:
    """All of them, read when the first question is asked."""
    return tuple(fact for name in (*MEASURED, DOCUMENTED) for fact in _read(name))


@cache
def _by_form() -> dict[tuple[str, str], list[LockFact]]:
    found: dict[tuple[str, str], list[LockFact]] = {}
    for fact in lock_facts():
        found.setdefault((fact.engine, fact.form), []).append(fact)
    return found


def _read(name: str) -> Iterator[LockFact]:
    content = pkgutil.get_data(__name__, f"{name}.json")
    assert content is not None
    yield from msgspec.json.decode(content, type=LockFacts).facts
