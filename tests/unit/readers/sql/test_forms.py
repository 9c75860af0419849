"""Each statement in fixtures/sql/forms is read as the form it stands under, on the tables named there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pkgscan.readers.sql.form import Form
from pkgscan.readers.sql.parsing import parse, with_forms
from pkgscan.readers.sql.splitter import split
from pkgscan.readers.sql.state import UnitState

FORMS = Path(__file__).parents[4] / "fixtures" / "sql" / "forms"
LISTS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FORMS.glob("*.yaml"))}
CASES = [(engine, number) for engine, held in LISTS.items() for number in range(len(held["forms"]))]


def run(text: str, engine: Any, state: UnitState) -> list[tuple[str, Form]]:
    """(table, form) of every action of a text."""
    return [
        (step.form.table or step.action.table, step.form)
        for chunk in split(text, engine)
        if chunk.kind == "statement"
        for step in with_forms(parse(chunk.text, engine).actions, engine, state)
    ]


@pytest.mark.parametrize(("engine", "number"), CASES)
def test_a_statement_is_of_its_form(engine: str, number: int) -> None:
    case = LISTS[engine]["forms"][number]
    state = UnitState()
    run(f"{LISTS[engine]['prelude']};{case.get('setup', '')}", engine, state)
    state.forget_new()
    table, form = run(case["sql"], engine, state)[0]
    assert form.name == case["form"], case["sql"]
    assert list(form.others) == case.get("others", [])
    if table:
        assert table == case.get("table", "t")
