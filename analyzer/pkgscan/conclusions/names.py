"""Which names of one directory are one name where case, composition, or dots and spaces at the end do not count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.archive import Difference, NameCollision
from pkgscan.graph import Graph
from pkgscan.model import MEMBER, Entry, Span

# Only a zip travels to systems that ignore case; in what is made for Linux such pairs are ordinary.
CARRIED_ABROAD = frozenset({"zip"})
NEVER_UNPACKED = (".class",)  # a runtime reads these in their archive; obfuscated ones collide by the thousand

# Windows drops dots and spaces at the end of each part of a path.
ENDING = re.compile(r"(?<=[^/. ])[. ]+(?=/|$)")


def conclude(graph: Graph, _: Circumstances) -> Iterator[NameCollision]:
    """One fact a directory and way of differing; of two directories that collide, none for what they hold.

    Two passes, so that only names that collide are kept.
    """
    suspects = _suspects(graph.entries())
    if not suspects:
        return
    alike: dict[tuple[str, str], list[Entry]] = {}
    for entry in graph.entries():
        if hash(folded(entry.path)) in suspects:
            alike.setdefault((entry.archive, folded(entry.member)), []).append(entry)
    yield from _facts(graph, alike.values())


def _suspects(entries: Sequence[Entry]) -> set[int]:
    """The hashes that two folded paths have; members of one archive that are alike have paths that are."""
    keys = [hash(folded(entry.path)) for entry in entries]
    seen = set(keys)
    if len(seen) == len(keys):
        return set()
    return {key for key, count in Counter(keys).items() if count > 1}


def folded(name: str) -> str:
    """The name as a file system sees it that ignores case, composes characters and drops dots and spaces at the end."""
    if name[-1:] in {".", " "} or "./" in name or " /" in name:
        name = ENDING.sub("", name)
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _facts(graph: Graph, groups: Iterable[list[Entry]]) -> Iterator[NameCollision]:
    found: dict[tuple[str, str, Difference], dict[tuple[str, str], None]] = {}
    for group in groups:
        for one, other in pairwise(sorted(group, key=lambda entry: (entry.member, entry.number))):
            names = _topmost(one.member, other.member)
            how = _difference(*names)
            if how and (how == "composition" or _travels(graph, other)):
                place = (other.archive, folded(names[1].rpartition("/")[0]), how)
                found.setdefault(place, {})[names] = None
    for (archive, _, how), pairs in sorted(found.items()):
        names = next(iter(pairs))
        yield NameCollision(
            span=Span(f"{archive}{MEMBER}{names[1]}"),
            text=names[1],
            names=names,
            differ_by=how,
            more=len(pairs) - 1,
        )


def _topmost(one: str, other: str) -> tuple[str, str]:
    """Two names up to the first part in which they differ: what lies below collides for that one reason."""
    ones, others = one.split("/"), other.split("/")
    at = next((at for at, (left, right) in enumerate(zip(ones, others, strict=False)) if left != right), len(ones))
    return "/".join(ones[: at + 1]), "/".join(others[: at + 1])


def _difference(one: str, other: str) -> Difference | None:
    if one == other:
        return None  # the same name twice is another matter
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return "composition"
    return "ending" if ENDING.sub("", one) == ENDING.sub("", other) else "case"


def _travels(graph: Graph, entry: Entry) -> bool:
    """Whether it is to be unpacked on systems of all kinds."""
    holder = graph.entry(entry.archive)
    return not entry.member.endswith(NEVER_UNPACKED) and holder is not None and holder.format in CARRIED_ABROAD


NAMES = Conclusion(name="names", concludes=(NameCollision,), conclude=conclude)
