"""The generated docs are what the rules and types say today; `make docs` writes them anew."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pkgscan.registry import load

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_docs_are_current(generate: ModuleType) -> None:
    assert [path.name for path in generate.stale()] == []


def test_every_rule_of_ours_has_a_page_with_an_example(generate: ModuleType) -> None:
    pages = {path.stem: text for path, text in generate.generated() if path.parent.name == "rules"}
    ours = [rule.id for rule in load().rules if rule.check.__module__.startswith("pkgscan_rules.")]
    assert set(pages) == {*ours, "index"}
    assert [name for name in ours if "## Example" not in pages[name]] == []
