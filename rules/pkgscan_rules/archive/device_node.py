"""The archive makes a device node.

Whoever may open it reaches the device, such as the whole disk, past every file permission. Packages have device nodes
made by udev; only images of whole systems ship them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

NODES = {"character-device": "a character device", "block-device": "a block device"}


@rule(
    title="Device node in an archive",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=Entry,
    since="0.1",
    remedy="Unpack without the rights to make device nodes, and ask the vendor what it is for.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """Report device nodes."""
    node = NODES.get(entry.type)
    if node is not None:
        yield Problem(entry.span, f"{entry.member} is {node}", evidence=(entry.member, entry.type))
