"""The page that lists the limits, against the limits."""

from __future__ import annotations

import re
from pathlib import Path

from pkgscan.archive.limits import Limits, parse_limit

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| .+ \|$", re.MULTILINE)


def test_every_limit_is_on_the_page_with_its_default() -> None:
    section = PAGE.read_text().partition("## Limits")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    assert [key for key, _ in rows] == list(Limits.__struct_fields__)
    for key, default in rows:
        assert parse_limit(Limits(), f"{key}={default}") == Limits(), key
