"""The JSON schema of the report, made from its types and from those of the conclusions' rows."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import Span
from pkgscan.reporters.base import ascii_json
from pkgscan.reporters.json import INDENT
from pkgscan.reporters.json.shape import SCHEMA, Document, Place

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(parts: tuple[Part, ...]) -> dict[str, Any]:
    """The schema of a report whose conclusions have these parts; other top-level keys are allowed."""
    types = (Document, Place, *(part.row for part in parts))
    (_, place, *rows), defs = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    if Span.__name__ in defs:  # rows hold spans; in the report they are places like all others
        defs[Span.__name__] = place
    body = defs.pop(Document.__name__)
    body["properties"] |= {
        part.key: {"type": "array", "description": part.title, "items": row}
        for part, row in sorted(zip(parts, rows, strict=True), key=lambda pair: pair[0].key)
    }
    whole = {"$schema": DIALECT, **body, "title": SCHEMA, "$defs": dict(sorted(defs.items()))}
    return {key: _unindented(value) for key, value in whole.items()}


def _unindented(tree: Any) -> Any:
    """The tree with its descriptions as every Python has them: before 3.13, docstrings keep their indentation."""
    if isinstance(tree, list):
        return [_unindented(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: cleandoc(value) if key == "description" and isinstance(value, str) else _unindented(value)
        for key, value in tree.items()
    }


def schema_text(parts: tuple[Part, ...]) -> str:
    """The schema as the file docs/report.schema.json holds it."""
    return ascii_json(schema(parts), INDENT) + "\n"
