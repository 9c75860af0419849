"""The facts file, `pkgscan-facts/1`: every entry and every fact of a package, to compare with another release's.

No secrets, else the truth: control characters stay, as JSON escapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pkgscan.model import Entry, Fact
from pkgscan.report import PackageInfo, Tool
from pkgscan.reporters.base import ascii_json, plain

SCHEMA = "pkgscan-facts/1"


def render_facts(entries: Iterable[Entry], facts: Iterable[Fact], tool: Tool, package: PackageInfo) -> Iterator[bytes]:
    """The file piece by piece: one JSON object, one line an entry or fact, so that memory does not grow with it.

    Entries and facts keep their order; each fact carries its tag as `type`. Joined, the pieces are ASCII and end with a
    newline.
    """
    head = {"schema": SCHEMA, "tool": plain(tool), "package": plain(package)}
    yield ascii_json(head)[:-1].encode()
    yield from _rows("entries", (plain(msgspec.structs.asdict(entry)) for entry in entries))
    yield from _rows("facts", (plain(fact) for fact in facts))
    yield b"}\n"


def _rows(key: str, rows: Iterable[Any]) -> Iterator[bytes]:
    yield f',\n"{key}": ['.encode()
    before = b"\n"
    for row in rows:
        yield before + ascii_json(row).encode()
        before = b",\n"
    yield b"\n]"
