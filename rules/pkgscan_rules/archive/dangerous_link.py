"""A link leads out of the package's tree, and a later member is written through it.

An unpacker that follows the link writes that member anywhere on the host. Links that merely point out of the tree are
ordinary and not reported; a hard link to a file outside is, since it hands out that very file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, HIGH, MEDIUM, Problem, Related, Scan, rule


@rule(
    title="Link that lets members escape the tree",
    category=DEFECT,
    severity=HIGH,
    may_be=((DEFECT, MEDIUM),),
    looks_at=Entry,
    since="0.1",
    remedy="Do not unpack this archive as root; ask the vendor why a member lies behind a link.",
    stage="stable",
)
def check(entry: Entry, scan: Scan) -> Iterator[Problem]:
    """Report links out of the tree that something is written through, and hard links out of it."""
    if entry.type not in {"symlink", "hardlink"} or not _leaves_tree(entry):
        return
    evidence = (entry.member, entry.link_target)
    through = _written_through(entry, scan)
    if through is not None:
        message = f"links to {entry.link_target}, and {through.member} is written through it"
        yield Problem(entry.span, message, evidence, (Related(through.span, "written through the link"),))
    elif entry.type == "hardlink" and not entry.member.startswith("/"):
        yield Problem(
            entry.span, f"hard link to {entry.link_target}, outside of the tree", evidence, grade=(DEFECT, MEDIUM)
        )


def _leaves_tree(entry: Entry) -> bool:
    target = entry.link_target
    if target.startswith("/"):
        return True
    depth = entry.member.count("/") if entry.type == "symlink" else 0  # hard links count from the tree's root
    for part in target.split("/"):
        depth += -1 if part == ".." else part not in {"", "."}
        if depth < 0:
            return True
    return False


def _written_through(link: Entry, scan: Scan) -> Entry | None:
    """The first later member at or below the link's own path; entries are sorted by path."""
    entries = scan.entries()
    place = bisect_left(entries, link.path, key=lambda entry: entry.path)
    below = link.path + "/"
    while place < len(entries) and entries[place].path == link.path:
        if entries[place].number > link.number and entries[place].type == "file":
            return entries[place]
        place += 1
    place = bisect_left(entries, below, key=lambda entry: entry.path)
    while place < len(entries) and entries[place].path.startswith(below):
        if entries[place].number > link.number:
            return entries[place]
        place += 1
    return None
