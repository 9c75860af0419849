"""Links from a place that makes a file one thing to a place that does not: what they lead to is read as the host would.

A link and what it leads to stand in one archive, in any order; so such links wait until the walk is over, and are then
said together with the content. One that leads elsewhere is a gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from msgspec.structs import replace

from pkgscan.archive.events import Seen, gap
from pkgscan.archive.member import Damage
from pkgscan.archive.names import inner_path
from pkgscan.archive.spool import Held, InPlace
from pkgscan.kinds import KindTable
from pkgscan.model import MEMBER, Entry, Gap

FOLLOWED = 256  # links of one input; real packages have a few, and each may have a whole content read once more
REMEMBERED = 100_000  # links that may stand on the way to another; beyond that nobody knows where one leads
_HOST = frozenset(("etc", "lib", "opt", "usr", "var"))  # first folders of an archive whose top is the host's

_ELSEWHERE = Damage("not-seen-again", "")
_TOO_LARGE = Damage("limit-buffer", "it is too large, alone or with others; raise that with --limit buffer=N")

Fetch: TypeAlias = "Callable[[Collection[str]], Iterable[tuple[str, Held | InPlace | Damage]]]"


class Links:
    """The links of one input that a reader wants what they lead to of."""

    def __init__(self, kinds: KindTable) -> None:
        self._kinds = kinds
        self._all: set[str] = set()  # paths of links
        self._waiting: list[tuple[Entry, str]] = []  # and what the host reads each as

    def put(self, entry: Entry) -> Iterator[Seen | Gap]:
        """The link itself, unless it is said later, when what it leads to is known."""
        if len(self._all) <= REMEMBERED:
            self._all.add(entry.path)
        taken_for = _not_followed(entry, self._kinds)
        if taken_for and len(self._waiting) < FOLLOWED:
            self._waiting.append((entry, taken_for))
            return
        yield Seen(entry)
        if taken_for:
            yield _missing(entry, taken_for, f"is not followed, since {FOLLOWED} others are")
        if holds := _folder_of(entry, self._kinds):
            detail = f"the host reads what lies in this folder as {holds}, and it is a link: {entry.link_target}"
            yield gap(entry.path, "link-not-followed", f"{detail}; look at the files there yourself")

    def settle(self, fetch: Fetch, most: int) -> Iterator[Seen | Gap]:
        """The links that waited, each with its content or with a gap; `most` is how many bytes all of them may have."""
        ways = [(entry, taken_for, self._target(entry)) for entry, taken_for in self._waiting]
        contents = _contents(fetch, {target for _, _, target in ways if target}, most)
        for entry, taken_for, target in ways:
            content = contents.get(target, _ELSEWHERE)
            if isinstance(content, bytes) and len(content) > most:
                content = _TOO_LARGE
            if isinstance(content, bytes):
                most -= len(content)
                yield self._read(entry, content)
            else:
                yield Seen(entry)
                yield _missing(entry, taken_for, _why(content))

    def _read(self, entry: Entry, content: bytes) -> Seen:
        """The link as what the host finds at its place: no file of its own, but what is read there."""
        kind = self._kinds.identify(entry.member, content)
        known = replace(entry, kind=kind, sha256=hashlib.sha256(content).hexdigest())
        return Seen(known, content) if kind in self._kinds.names else Seen(entry)

    def _target(self, entry: Entry) -> str:
        """The path of the entry that a link leads to, empty where that is not sure or out of its archive."""
        if len(self._all) > REMEMBERED or "\\" in entry.link_target:  # a byte that is no UTF-8 may be spelled so
            return ""
        prefix = entry.archive + MEMBER
        way = [prefix + place for place in _way(entry)]
        return way[-1] if way and self._all.isdisjoint(way) else ""


def _missing(entry: Entry, taken_for: str, why: str) -> Gap:
    detail = f"the host reads this link as {taken_for}, and what it leads to {why}: {entry.link_target}"
    return gap(entry.path, "link-not-followed", f"{detail}; look at that file yourself")


def _why(damage: Damage) -> str:
    elsewhere = damage.reason == _ELSEWHERE.reason
    return "is no file of the same archive" if elsewhere else f"could not be read ({damage.detail})"


def _contents(fetch: Fetch, wanted: set[str], most: int) -> dict[str, bytes | Damage]:
    """What is at each path, the last of a name; together no more than `most` bytes."""
    found: dict[str, bytes | Damage] = {}
    if not wanted:
        return found
    try:
        for path, held in fetch(wanted):
            before = found.pop(path, b"")
            most += len(before) if isinstance(before, bytes) else 0
            if isinstance(held, Damage):
                found[path] = held
            elif held.window.size > most:
                found[path] = _TOO_LARGE
            else:
                found[path] = b"".join(held.window.blocks())
                most -= held.window.size
    except Damage as damage:  # of the input: what was not met is not there because of it
        return {path: found.get(path, damage) for path in wanted}
    return found


def _not_followed(entry: Entry, kinds: KindTable) -> str:
    """The kind that the host reads a link's target as, where the target is not of that kind by its own place."""
    member = entry.member
    taken_for = kinds.by_place(member)
    if taken_for not in kinds.names or entry.link_target in {"/dev/null", ""}:
        return ""
    folder = member.rpartition("/")[0] if entry.type == "symlink" else ""
    target = inner_path(f"{folder}/{entry.link_target}".encode())
    own = kinds.by_place(entry.link_target if entry.link_target.startswith("/") else target)
    return taken_for if own != taken_for else ""


def _folder_of(entry: Entry, kinds: KindTable) -> str:
    """The kind that the host reads files of a linked folder as, where they are not of that kind by their own place."""
    member = entry.member
    if entry.type != "symlink" or not kinds.may_hold(member.rpartition("/")[2]):
        return ""
    holds = kinds.by_place(f"{member}/x")
    if holds not in kinds.names or holds == kinds.by_place(member):
        return ""
    target = inner_path(f"{member.rpartition('/')[0]}/{entry.link_target}".encode())
    own = entry.link_target if entry.link_target.startswith("/") else target
    return holds if kinds.by_place(f"{own}/x") != holds else ""


def _way(entry: Entry) -> list[str]:
    """The places in its archive that a system passes when it follows a link, the target last; none where it leaves.

    Where one of them is a link itself, the way goes on somewhere else.
    """
    folder, target = entry.member.rpartition("/")[0], entry.link_target
    if entry.type == "hardlink":  # its target is named from the top, as members are
        folder = ""
    elif target.startswith("/"):
        if entry.member.partition("/")[0] not in _HOST:
            return []
        folder = ""
    at = [part for part in folder.split("/") if part]
    places = ["/".join(at[: end + 1]) for end in range(len(at))]
    for part in target.split("/"):
        if part == ".." and not at:
            return []
        if part == "..":
            at.pop()
        elif part not in {"", "."}:
            at.append(part)
            places.append("/".join(at))
    return places if at else []
