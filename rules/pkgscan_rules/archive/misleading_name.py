"""A member's name holds characters that change how it is shown.

Marks for right-to-left text make `gpj.sh` read as `hs.jpg`; control characters move the cursor of a terminal. What a
person reads in a listing is then not what gets unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, MEDIUM, Problem, Scan, rule

MISLEADING = re.compile(
    "["
    "\x01-\x1f\x7f-\x9f"  # control characters, but NUL, which makes an ambiguous entry
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of bidi text
    "\xad\u034f\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"  # not to be seen at all
    "\u115f\u1160\u3164\uffa0"  # letters that are not to be seen
    "\u2028\u2029"  # line and paragraph separators
    "\U000e0001\U000e0020-\U000e007f"  # tags: ASCII that is not to be seen
    "]"
    # Joiners belong into words of many scripts, and have no place beside an ASCII character.
    "|[\u200c\u200d][\x20-\x7e]|[\x20-\x7e][\u200c\u200d]"
)


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
    """Report control and direction characters, and those that are not shown."""
    if not entry.archive or (entry.path.isascii() and entry.path.isprintable()):
        return
    found = MISLEADING.search(entry.member)  # not in the name of an archive around it, which is an entry of its own
    if found is not None:
        character = max(found[0])  # a joiner is found with its neighbour
        message = f"the name holds U+{ord(character):04X}, which changes how it is shown"
        yield Problem(entry.span, message, evidence=(entry.member,))
