"""Which names of one directory are one name on file systems that ignore case or compose characters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from pkgscan.conclusion import Conclusion
from pkgscan.facts.archive import NameCollision
from pkgscan.graph import Graph
from pkgscan.model import Entry

# Only a zip travels to systems that ignore case; in what is made for Linux such pairs are ordinary.
CARRIED_ABROAD = frozenset({"zip"})
NEVER_UNPACKED = (".class",)  # a runtime reads these in their archive; obfuscated ones collide by the thousand


def conclude(graph: Graph, _now: datetime) -> Iterator[NameCollision]:
    """One fact a directory and way of differing. Two passes, so that only names that collide are kept."""
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
    """The name as a file system sees it that ignores case and composes characters."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _facts(graph: Graph, groups: Iterable[list[Entry]]) -> Iterator[NameCollision]:
    found: dict[tuple[str, str], list[tuple[Entry, Entry]]] = {}
    for group in groups:
        for one, other in pairwise(sorted(group, key=lambda entry: (entry.member, entry.number))):
            how = _difference(one.member, other.member)
            if how and not (how == "case" and _case_counts(graph, other)):
                found.setdefault((other.path.rpartition("/")[0].lower(), how), []).append((one, other))
    for (_, how), pairs in sorted(found.items()):
        one, other = pairs[0]
        yield NameCollision(
            span=other.span,
            text=other.member,
            names=(one.member, other.member),
            differ_by="case" if how == "case" else "composition",
            more=len(pairs) - 1,
        )


def _difference(one: str, other: str) -> str:
    if one == other:
        return ""  # the same name twice is another matter
    composed = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    return "composition" if composed else "case"


def _case_counts(graph: Graph, entry: Entry) -> bool:
    holder = graph.entry(entry.archive)
    return entry.member.endswith(NEVER_UNPACKED) or holder is None or holder.format not in CARRIED_ABROAD


NAMES = Conclusion(name="names", concludes=(NameCollision,), conclude=conclude)
