"""The report for programs: `pkgscan-report/1`, whose keys are only ever added to."""

from __future__ import annotations

from typing import Any

import msgspec

from pkgscan.report import Report
from pkgscan.reporters.base import Options, ascii_json, plain
from pkgscan.reporters.json.shape import SPAN_KEYS, Place, document

INDENT = 2  # spaces; a report is read by people too, and compresses well

_TRUSTED = ("schema", "rules")  # our own words, which may speak of passwords


def render(report: Report, options: Options) -> str:
    """The report as ASCII JSON: control characters and letters beyond ASCII as escapes, secrets redacted.

    Keys stand in a fixed order; the conclusions' rows are further keys at the end. The options change nothing.
    """
    del options
    shape = document(report)
    tree: dict[str, Any] = plain(shape)
    tree |= {key: msgspec.to_builtins(getattr(shape, key)) for key in _TRUSTED}
    for key, rows in sorted(report.parts.items()):
        tree[key] = _with_places(plain(rows))
    return ascii_json(tree, INDENT) + "\n"


def _with_places(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_places(one) for one in value]
    if isinstance(value, dict):
        if value.keys() == SPAN_KEYS:
            return msgspec.to_builtins(Place.known(**value))
        return {key: _with_places(one) for key, one in value.items()}
    return value
