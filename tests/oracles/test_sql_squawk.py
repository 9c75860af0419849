"""squawk beside us on our list of PostgreSQL's forms: its true and false positives and its misses, against the servers.

What is true of a form is what was measured (`pkgscan.reason.locks`, compared with servers by test_lock_facts). Both see
one statement; we are told the tables it meets, which stand in the list's prelude, since an earlier file would say.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from pkgscan.readers.sql.parsing import parse, with_forms
from pkgscan.readers.sql.splitter import split
from pkgscan.readers.sql.state import UnitState
from pkgscan.reason.locks import lock_fact

SQUAWK = Path(sys.executable).with_name("squawk")
LIST = Path(__file__).parents[2] / "fixtures" / "sql" / "forms" / "postgresql.yaml"
# Its rules that say "this takes long under a lock"; the others are style, naming and compatibility.
BLOCKING = frozenset({
    "adding-field-with-default", "adding-foreign-key-constraint", "adding-not-nullable-field", "adding-required-field",
    "adding-serial-primary-key-field", "changing-column-type",
    "constraint-missing-not-valid", "disallowed-unique-constraint",
    "require-concurrent-index-creation", "require-concurrent-index-deletion", "require-concurrent-detach-partition",
    "require-concurrent-partition-detach", "require-concurrent-reindex", "prefer-identity", "prefer-repack",
})  # fmt: skip


def squawk(sql: str) -> set[str]:
    command = [str(SQUAWK), "--reporter", "json", "--pg-version", "18", "--stdin-filepath", "form.sql"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    return {found["rule_name"] for found in json.loads(done.stdout or "[]")}


def is_heavy(form: str) -> bool:
    fact = lock_fact("postgresql", form, "18")
    assert fact is not None, form
    return fact.is_long_under_lock


def found_form(held: dict[str, Any], case: dict[str, Any]) -> str:
    state = UnitState()
    for text in (held["prelude"], case.get("setup", "")):
        run(text, state)
    state.forget_new()
    return run(case["sql"], state)[0]


def run(text: str, state: UnitState) -> list[str]:
    chunks = [chunk.text for chunk in split(text, "postgresql") if chunk.kind == "statement"]
    return [
        step.form.name for one in chunks for step in with_forms(parse(one, "postgresql").actions, "postgresql", state)
    ]


def test_we_keep_what_it_finds_and_leave_out_its_false_alarms() -> None:
    held = yaml.safe_load(LIST.read_text("utf-8"))
    table: dict[str, dict[str, list[str]]] = {
        who: {"hit": [], "false": [], "missed": []} for who in ("squawk", "pkgscan")
    }
    for case in held["forms"]:
        truth = is_heavy(case["form"])
        claims = {
            "squawk": not squawk(case["sql"] + ";\n").isdisjoint(BLOCKING),
            "pkgscan": is_heavy(found_form(held, case)),
        }
        for who, claim in claims.items():
            kind = "hit" if claim and truth else "false" if claim else "missed" if truth else ""
            if kind:
                table[who][kind].append(case["sql"])
    for who, kinds in table.items():
        print(who, {kind: len(found) for kind, found in kinds.items()})
    print("squawk's false alarms", *table["squawk"]["false"], sep="\n  ")
    print("squawk's misses", *table["squawk"]["missed"], sep="\n  ")
    assert len(table["squawk"]["hit"]) > 20  # or it was not asked
    assert set(table["squawk"]["hit"]) <= set(table["pkgscan"]["hit"])
    assert table["pkgscan"]["false"] == []
    assert table["pkgscan"]["missed"] == []
