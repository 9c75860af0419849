"""A link leads out of the package's tree, and a later member is written through it.

An unpacker that follows the link writes that member anywhere on the host; a link may lead out by way of another one.
Links that merely point out of the tree are ordinary and not reported; a hard link to a file outside is, since it hands
out that very file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from pkgscan.model import MEMBER, Entry
from pkgscan.rule import DEFECT, HIGH, MEDIUM, Problem, Related, Scan, rule

PATH = attrgetter("path")
MOST_LINKS = 40  # followed on one way, as by Linux: beyond it the way leads nowhere
MOST_STEPS = 4096  # of one way: PATH_MAX, so that links of many steps each cost no more than one path


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
    if entry.type not in {"symlink", "hardlink"}:
        return
    through = _written_through(entry, scan)
    if through is None and (entry.type == "symlink" or entry.member.startswith("/")):
        return
    if not _leaves_tree(entry, scan):
        return
    evidence = (entry.member, entry.link_target)
    if through is not None:
        message = f"links to {entry.link_target}, and {through.member} is written through it"
        yield Problem(entry.span, message, evidence, (Related(through.span, "written through the link"),))
    else:
        yield Problem(
            entry.span, f"hard link to {entry.link_target}, outside of the tree", evidence, grade=(DEFECT, MEDIUM)
        )


def _leaves_tree(entry: Entry, scan: Scan) -> bool:
    """Whether the way that a link names leads out, through other links of the archive as a system would follow them."""
    folder = entry.member.rpartition("/")[0] if entry.type == "symlink" else ""  # hard links count from the root
    if entry.link_target.startswith("/"):
        return True
    place: list[str] = []
    ahead = [*folder.split("/"), *entry.link_target.split("/")][::-1]
    links = steps = 0
    while ahead and links <= MOST_LINKS and steps < MOST_STEPS:
        steps += 1
        part = ahead.pop()
        if part == "..":
            if not place:
                return True
            place.pop()
        elif part not in {"", "."}:
            place.append(part)
            target = _target(f"{entry.archive}{MEMBER}{'/'.join(place)}", scan)
            if target.startswith("/"):
                return True
            if target:
                links += 1
                place.pop()
                ahead += target.split("/")[::-1]
    return False


def _target(path: str, scan: Scan) -> str:
    """Where a symbolic link at a path leads; another member of that name does not hide it."""
    entries = scan.entries()
    at = bisect_left(entries, path, key=PATH)
    while at < len(entries) and entries[at].path == path:
        if entries[at].type == "symlink":
            return entries[at].link_target
        at += 1
    return ""


def _written_through(link: Entry, scan: Scan) -> Entry | None:
    """The first later member at or below the link's own path; entries are sorted by path."""
    entries = scan.entries()
    place = bisect_left(entries, link.path, key=PATH)
    while place < len(entries) and entries[place].path == link.path:
        if entries[place].number > link.number and entries[place].type == "file":
            return entries[place]
        place += 1
    # What lies below begins with the link's path, and so does all that is sorted before it: mostly there is nothing.
    if place == len(entries) or not entries[place].path.startswith(link.path):
        return None
    below = link.path + "/"
    place = bisect_left(entries, below, lo=place, key=PATH)
    while place < len(entries) and entries[place].path.startswith(below):
        if entries[place].number > link.number:
            return entries[place]
        place += 1
    return None
