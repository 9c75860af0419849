"""The hostile packages of fixtures/hostile, for tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures"


def fixture(module: str) -> Any:
    """A module of fixtures/hostile."""
    if str(FIXTURES) not in sys.path:
        sys.path.append(str(FIXTURES))
    return importlib.import_module(f"hostile.{module}")
