"""pkgscan beside squawk, a linter of PostgreSQL migrations, both against what the server does.

Each is given a statement alone, as a migration that knows nothing of the tables, and pkgscan once more behind what made
the tables. The question is the one that matters: will somebody wait for longer, the larger the table is? Of squawk
those of its rules count that say so, of pkgscan findings that the gate counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from databases.claims import changes, claimed
from databases.forms import Statement, forms
from databases.lock_facts import Row, is_heavy

from command import Pkgscan

SQUAWK = str(Path(sys.executable).parent / "squawk")
POSTGRESQL = "18.0"
HEAVY_RULES = {  # those that speak of a rewrite, a scan or an index build under a lock
    "adding-field-with-default", "adding-foreign-key-constraint", "adding-not-nullable-field", "adding-required-field",
    "adding-serial-primary-key-field", "changing-column-type", "constraint-missing-not-valid", "prefer-repack",
    "disallowed-unique-constraint", "prefer-identity", "require-concurrent-index-creation",
    "require-concurrent-index-deletion", "require-concurrent-partition-detach", "require-concurrent-reindex",
}  # fmt: skip
OUR_RULES = {"table-rewrite", "table-scan-under-lock", "index-blocks-writes", "copy-algorithm-fallback"}
COUNTED = {"medium", "high"}
ROW_STATEMENTS = ("UPDATE", "DELETE", "INSERT", "SELECT")  # neither judges rows by their locks
# What one statement does not say: the old type of a column, whether it is NOT NULL already or proven to be, what is in
# a function, whether a partition's check proves where its rows belong, what a domain checks.
NOT_SAID = ("ALTER COLUMN", "DEFAULT vf()", "ATTACH PARTITION")
DOMAIN = "ALTER TABLE t ADD COLUMN z positive"


@dataclass(frozen=True)
class Verdict:
    """What is true of a statement, and who says so."""

    sql: str
    truth: bool
    squawk: bool
    pkgscan: bool
    knowing: bool  # pkgscan, of the tables

    def outcome(self, said: bool) -> str:  # noqa: FBT001  # one of two columns
        return ("true positive" if said else "missed") if self.truth else ("false positive" if said else "")


@pytest.fixture(scope="module")
def verdicts(
    measured_forms: dict[str, dict[str, list[Row]]], pkgscan_shared: Pkgscan, tmp_path_factory: pytest.TempPathFactory
) -> list[Verdict]:
    rows = [row for row in measured_forms["postgresql"]["18"] if not row.statement.sql.startswith(ROW_STATEMENTS)]
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "pgsql").mkdir()
    for number, row in enumerate(rows):
        (folder / "pgsql" / f"{number:04}.sql").write_text(f"{row.statement.sql};\n")
    theirs, ours = squawk(folder), pkgscan(pkgscan_shared, folder)
    return [
        Verdict(
            row.statement.sql, is_heavy(row.measured), number in theirs, number in ours, is_known_heavy(row.statement)
        )
        for number, row in enumerate(rows)
    ]


def is_known_heavy(statement: Statement) -> bool:
    """What pkgscan says behind all that made the tables; a partition made in the same text would be thought empty."""
    before = "" if statement.form == "attach-partition" else f"{forms('postgresql').prelude};\n{statement.setup};\n"
    found = changes("postgresql", f"{before}{statement.sql};\n")
    return any(change.confidence in COUNTED for change in found) and is_heavy(claimed(found))


def squawk(folder: Path) -> set[int]:
    """The statements that it finds heavy."""
    files = sorted(map(str, (folder / "pgsql").iterdir()))
    command = [SQUAWK, "--no-error-on-unmatched-pattern", "--pg-version", POSTGRESQL, "--reporter", "json", *files]
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, text=True)
    found = json.loads(done.stdout)
    assert found, done.stderr
    return {int(Path(one["file"]).stem) for one in found if one["rule_name"] in HEAVY_RULES}


def pkgscan(run: Pkgscan, folder: Path) -> set[int]:
    """The statements that it finds heavy, as far as the gate counts it."""
    done = run("scan", "--fail-on", "never", "-f", "json", folder)
    found = json.loads(done.stdout)["findings"]
    assert found, done.stderr
    return {
        int(Path(one["span"]["path"]).stem)
        for one in found
        if one["rule"] in OUR_RULES and one["confidence"] in COUNTED
    }


def test_pkgscan_beside_squawk(verdicts: list[Verdict], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        tell(verdicts)
    assert [one.sql for one in verdicts if one.truth != one.knowing] == []
    assert [one.sql for one in verdicts if one.truth and one.squawk and not (one.pkgscan and one.knowing)] == []
    assert [one.sql for one in verdicts if one.truth and not one.pkgscan and one.sql != DOMAIN] == []
    false = [one.sql for one in verdicts if one.pkgscan and not one.truth]
    assert [sql for sql in false if not any(words in sql for words in NOT_SAID)] == []


def tell(verdicts: list[Verdict]) -> None:
    print(f"\n{len(verdicts)} statements, {sum(one.truth for one in verdicts)} of them heavy")
    for name in ("squawk", "pkgscan", "knowing"):
        outcomes = [one.outcome(getattr(one, name)) for one in verdicts]
        counts = {word: outcomes.count(word) for word in ("true positive", "false positive", "missed")}
        print(f"{name:8} {counts}")
    for one in verdicts:
        outcomes = [one.outcome(getattr(one, name)) for name in ("squawk", "pkgscan", "knowing")]
        if set(outcomes) - {"", "true positive"}:
            print(*(f"{outcome or '-':15}" for outcome in outcomes), one.sql)
