"""The builders of fixtures/archives, for tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures"


def builder(module: str) -> Any:
    """A module of fixtures/archives."""
    if str(FIXTURES) not in sys.path:
        sys.path.append(str(FIXTURES))
    return importlib.import_module(f"archives.{module}")
