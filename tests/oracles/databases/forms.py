"""The forms of statements that fixtures/sql/forms lists, as the oracles measure them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FORMS = Path(__file__).parents[3] / "fixtures/sql/forms"
FURTHER = Path(__file__).parents[1] / "further"


@dataclass(frozen=True)
class Statement:
    """One way to write a form. `setup` has run and been committed before; `since` is the first version to know it."""

    form: str
    sql: str
    setup: str = ""
    since: float = 0
    autocommit: bool = False
    table: str = "t"
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forms:
    """The statements of an engine, and the tables that they are about."""

    engine: str
    prelude: str
    statements: tuple[Statement, ...]

    def known_to(self, version: str) -> Iterator[Statement]:
        """Those that a version understands."""
        return (statement for statement in self.statements if statement.since <= float(version))


def forms(engine: str) -> Forms:
    """The list of an engine."""
    read = yaml.safe_load((FORMS / f"{engine}.yaml").read_text("utf-8"))
    return Forms(engine, read["prelude"], tuple(map(statement, read["forms"])))


def further(engine: str) -> Forms:
    """Statements about the same tables that were written when the rules were done."""
    read = yaml.safe_load((FURTHER / f"{engine}.yaml").read_text("utf-8"))
    return Forms(engine, forms(engine).prelude, tuple(map(statement, read["forms"])))


def statement(row: dict[str, Any]) -> Statement:
    return Statement(**{"form": ""} | row | {"others": tuple(row.get("others", ()))})
