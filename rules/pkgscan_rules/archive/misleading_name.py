"""A member's name holds characters that change how it is shown.

Marks for right-to-left text make `gpj.sh` read as `hs.jpg`; control characters move the cursor of a terminal. What a
person reads in a listing is then not what gets unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule

# Control characters but NUL, which makes an ambiguous entry; marks, embeddings, overrides and isolates of bidi text.
MISLEADING = re.compile("[\x01-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@rule(
    title="Member name that is shown as another",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=Entry,
    since="0.1",
    remedy="Ask the vendor what the file is, and for a package with plain names.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """Report control and direction characters."""
    if not entry.archive or MISLEADING.search(entry.path) is None:
        return
    found = MISLEADING.search(entry.member)  # not in the name of an archive around it, which is an entry of its own
    if found is not None:
        message = f"the name holds U+{ord(found[0]):04X}, which changes how it is shown"
        yield Problem(entry.span, message, evidence=(entry.member,))
