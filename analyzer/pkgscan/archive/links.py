"""Links from a place that makes a file one thing to a place that does not."""

from __future__ import annotations

from pkgscan.archive.names import member_path
from pkgscan.kinds import KindTable
from pkgscan.model import MEMBER, Entry


def not_followed(entry: Entry, kinds: KindTable) -> str:
    """The kind that the host reads a link's target as, where the target is not of that kind by its own place."""
    taken_for = kinds.by_place(entry.member)
    if taken_for not in kinds.names or entry.link_target in {"/dev/null", ""}:
        return ""
    folder = entry.member.rpartition("/")[0] if entry.type == "symlink" else ""
    target = member_path("", f"{folder}/{entry.link_target}".encode())[len(MEMBER) :]
    own = kinds.by_place(entry.link_target if entry.link_target.startswith("/") else target)
    return taken_for if own != taken_for else ""
