"""Renders a report: one module a format, found by its name.

A format is a module or package of this directory with a function `render(report, options) -> str`. It sees the report
and its options, nothing else: no file, no clock, no terminal.
"""

from __future__ import annotations

import importlib
import os
from typing import Protocol

from pkgscan.errors import UserError
from pkgscan.report import Report
from pkgscan.reporters.base import Options

# Modules here that are no format a `Report` is rendered to.
_OTHERS = frozenset({"base", "facts"})


class Render(Protocol):
    """What every format offers. The text ends with a newline and holds no unpaired surrogate."""

    def __call__(self, report: Report, options: Options, /) -> str:
        """The whole report in this format."""


def formats() -> tuple[str, ...]:
    """The formats a report can be rendered to, sorted; none of them is imported."""
    stems = {name.partition(".")[0] for name in os.listdir(os.path.dirname(__file__))}
    return tuple(sorted(stem for stem in stems if not stem.startswith("_") and stem not in _OTHERS))


def renderer(name: str) -> Render:
    """The function that renders a format. Raises UserError for a format there is not."""
    if name not in formats():
        raise UserError(f"unknown format {name!r}", f"known formats: {', '.join(formats())}")
    render: Render = importlib.import_module(f"{__name__}.{name}").render
    return render
