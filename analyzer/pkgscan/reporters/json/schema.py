"""The JSON schema of the report, made from its types and from those of the conclusions' rows."""

from __future__ import annotations

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
    return {"$schema": DIALECT, **body, "title": SCHEMA, "$defs": dict(sorted(defs.items()))}


def schema_text(parts: tuple[Part, ...]) -> str:
    """The schema as the file docs/report.schema.json holds it."""
    return ascii_json(schema(parts), INDENT) + "\n"
