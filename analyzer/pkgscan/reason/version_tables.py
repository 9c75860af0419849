"""Tables that keep the number of the schema's version: they have a row, and changing that is no work."""

from __future__ import annotations

import re

from pkgscan.facts.sql import SchemaChange
from pkgscan.patterns import pattern
from pkgscan.reason.table_size import size_of

LONGEST = 500  # characters of a statement that are looked at
_NAME = pattern(r"(?:\w{1,32}_)?(?:db|schema)?_?version\Z")
_SETS_ONE_VALUE = pattern(r"update\s+\S+\s+set\s+\S+\s*=\s*(?:'[^']*'|[\d.]+)\s*;?\s*\Z", re.IGNORECASE)


def sets_the_version(change: SchemaChange) -> bool:
    """Whether a change puts a new number into such a table, of which the profile does not say that it has many rows."""
    name = change.target.table.rpartition(".")[2].lower()
    is_number = _NAME.match(name) and _SETS_ONE_VALUE.match(change.text[:LONGEST])
    return bool(is_number) and size_of(change.target) == "unknown"
