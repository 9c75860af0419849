"""What signatures cover: single files, files that a signed list names, and all that lies in a signed archive."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec

from pkgscan.facts.signing import ListedDigest, Uncovered, named_paths
from pkgscan.model import MEMBER, Entry, Span

# Other digests may be made to fit another file.
PROVING = frozenset({"sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
NAMED = 50  # files of one group that are told as places; the rest are counted

Find: TypeAlias = "Callable[[str], tuple[Entry, ...]]"  # every entry of a path
Digest: TypeAlias = "Callable[[Entry, str], str]"  # of an entry by an algorithm; empty where nobody has it


def listed_entries(line: ListedDigest, find: Find, package: str) -> tuple[Entry, ...]:
    """The entries that a line of a list names: beside the list, or from the top of its archive; else the package.

    More than one where an archive has several of one name.
    """
    paths = named_paths(line)
    if not paths and MEMBER not in line.manifest:
        return find(package) if posixpath.basename(line.name) == package else ()
    return next(filter(None, map(find, paths)), ())


class Mismatch(msgspec.Struct, frozen=True):
    """A line of a list that does not hold: the entry has another digest, or (`entry` None) is not there."""

    line: ListedDigest
    entry: Entry | None


def mismatches(lines: Iterable[ListedDigest], find: Find, package: str, digest: Digest) -> Iterator[Mismatch]:
    """The lines of a list that do not hold. A list beside the package may name other packages as well."""
    for line in lines:
        entries = listed_entries(line, find, package)
        differing = (entry for entry in entries if digest(entry, line.algorithm) not in {line.digest, ""})
        if (entry := next(differing, None)) is not None:
            yield Mismatch(line, entry)
        elif not entries and MEMBER in line.manifest and not line.elsewhere:
            yield Mismatch(line, None)


def uncovered(entries: Iterable[Entry], covered: set[str], package: str) -> Iterator[Uncovered]:
    """What runs, or is run, and no trusted signature covers: by the directory it lies in, and by sort."""
    groups: dict[tuple[str, str], list[Span]] = {}
    for entry in entries:
        sort = _sort(entry)
        if sort and entry.path not in covered and entry.path != package:
            groups.setdefault((posixpath.dirname(entry.path), sort), []).append(entry.span)
    for (folder, sort), spans in sorted(groups.items()):
        yield Uncovered(span=spans[0], sort=sort, folder=folder, files=tuple(spans[1:NAMED]), count=len(spans))


def _sort(entry: Entry) -> str:
    """What a file is that somebody runs; empty for all else, and for archives, whose files count."""
    if entry.type != "file" or entry.format:
        return ""
    kind = entry.kind
    if kind.startswith(("script:", "maintainer-", "shell")):
        return "scripts"
    if kind.startswith("unit-"):
        return "units"
    if kind.startswith("crontab"):
        return "jobs"
    if kind.startswith("sql") or entry.path.lower().endswith(".sql"):
        return "SQL"
    return "programs" if kind in {"elf", "pe", "java-class"} else ""


class Reach:
    """Which entries signatures reach. `lists`: the lines of each list, by the entry that holds it."""

    def __init__(
        self,
        entries: tuple[Entry, ...],
        find: Find,
        lists: dict[str, list[ListedDigest]],
        package: str,
        digest: Digest,
    ) -> None:
        self._entries = entries
        self._find = find
        self._lists = lists
        self._package = package
        self._digest = digest

    def covered(self, covers: Iterable[str]) -> set[str]:
        """The paths of the files that are covered where the content of these entries is: theirs, and what follows.

        An archive is covered with all that lies in it; it is no file that counts beside those.
        """
        roots = set(covers)
        for path in tuple(roots):
            for line in self._lists.get(path, ()):
                entries = listed_entries(line, self._find, self._package)
                if (
                    entries
                    and line.algorithm in PROVING
                    and all(self._digest(entry, line.algorithm) == line.digest for entry in entries)
                ):
                    roots.add(entries[0].path)
        files = (entry.path for entry in self._entries if entry.type == "file" and not entry.format)
        return {path for path in files if not roots.isdisjoint(within(path))}


def within(path: str) -> Iterator[str]:
    """A path, and those of the archives around it."""
    yield path
    while MEMBER in path:
        path = path.rpartition(MEMBER)[0]
        yield path
