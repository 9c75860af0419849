"""What a statement does to one table, as a server shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pkgscan.reason.locks import Blocks


@dataclass(frozen=True)
class Effect:
    """`lock` is the strongest mode held or asked for. `reads` and `writes`: whether those of others wait meanwhile.

    `rewrite`: its rows are written anew. `scan`: it is read from end to end. `index`: an index of it is built.
    `queues`: it needs the table for itself for a moment, whatever it blocks while it works.
    """

    lock: str = ""
    reads: bool = False
    writes: bool = False
    rewrite: bool = False
    scan: bool = False
    index: bool = False
    queues: bool = False
    algorithm: str = ""

    @property
    def blocks(self) -> Blocks:
        """Who waits, as the lock facts say it."""
        return "everything" if self.reads else "writes" if self.writes else "nothing"


@dataclass(frozen=True)
class Measured:
    """The effects of one statement by the table's name; tables that it leaves alone are not in it."""

    tables: dict[str, Effect] = field(default_factory=dict)

    def of(self, table: str) -> Effect:
        return self.tables.get(table, Effect())
