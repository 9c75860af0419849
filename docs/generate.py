"""Writes the generated docs: docs/rules, the table in docs/severity.md, docs/report.schema.json.

With --check it writes nothing, names what is not current, and exits 1.
"""
# ruff: noqa: INP001  # a script, not a package

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pkgscan.registry import load
from pkgscan.reporters.json.schema import schema_text
from pkgscan.rulebook import pages, severity_table, with_table

DOCS = Path(__file__).parent
CASES = DOCS.parent / "fixtures" / "rules"


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with its text; third parties' rules that happen to be installed are left out."""
    registry = load()
    rules = [rule.info for rule in registry.rules if rule.check.__module__.startswith("pkgscan_rules.")]
    for name, text in pages(rules, str(CASES)):
        yield DOCS / "rules" / name, text
    severity = DOCS / "severity.md"
    yield severity, with_table(severity.read_text("utf-8"), severity_table(rules))
    own = (conclusion for conclusion in registry.conclusions if conclusion.conclude.__module__.startswith("pkgscan."))
    yield DOCS / "report.schema.json", schema_text(tuple(one.part for one in own if one.part is not None))


def stale() -> Iterator[Path]:
    """Files that are not as they would be generated, and pages of rules that are gone."""
    current = dict(generated())
    for path, text in current.items():
        if not path.exists() or path.read_text("utf-8") != text:
            yield path
    yield from sorted(set((DOCS / "rules").glob("*.md")) - set(current))


def write() -> None:
    """Brings every generated file up to date."""
    current = dict(generated())
    for path in stale():
        if path in current:
            path.parent.mkdir(exist_ok=True)
            path.write_text(current[path], "utf-8")
        else:
            path.unlink()
        sys.stdout.write(f"wrote {path.relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        write()
    elif found := [str(path.relative_to(DOCS.parent)) for path in stale()]:
        sys.exit(f"not current: {', '.join(found)}; run `make docs`")
