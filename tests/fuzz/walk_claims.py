"""What must hold of every walk, whatever the package: each claim takes its bytes, and raises where one is broken."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec

from packing import tar_of, zip_of
from pkgscan.archive.limits import KIB, MIB, Limits
from pkgscan.archive.member import BLOCK, Window
from pkgscan.archive.nameless import memory_file
from pkgscan.archive.root import Root
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Held, InPlace, Spool
from pkgscan.archive.walk import Closed, Event, Opened, Seen, Walk
from pkgscan.model import MEMBER, Entry, Fact, Gap
from pkgscan.plan import kind_table
from pkgscan.registry import load
from zip_reading import read_window

NAME = "p"
# Small enough that a bomb costs tenths of a second, and large enough that no seed meets them.
LIMITS = Limits(
    entries=2000, archive_entries=1000, unpacked=48 * MIB, entry=8 * MIB, depth=6, ratio_floor=2 * MIB,
    buffer=256 * KIB, spool=24 * MIB, spool_memory=8 * MIB,
)  # fmt: skip
# Each limit so low that most seeds meet it, one at a time, while the others hold.
LOW: tuple[tuple[str, int], ...] = (
    ("entries", 6), ("archive_entries", 3), ("unpacked", 3000), ("entry", 200), ("depth", 1), ("name", 8),
    ("paths", 60), ("gaps", 1), ("buffer", 20), ("spool", 400), ("spool_memory", 100), ("ratio", 2),
    ("commands", 100), ("metadata", 60),
)  # fmt: skip
WANTED = 20  # entries of one package that are looked at again
BEFORE, BEHIND = b"what stands before\n", b"what stands behind\n"
OUTER: tuple[Callable[[dict[str, bytes]], bytes], ...] = (zip_of, tar_of, partial(tar_of, mode="w:gz"))
MOST = 1 * MIB  # bytes of any one content that another reader is asked for


def walked(data: bytes, *, tree: bool = False, limits: Limits = LIMITS) -> list[Event]:
    """The events of a package in memory, in this very process."""
    kinds = kind_table(load(), tree_only=tree)
    with rooted(data) as root, in_memory("overflow") as overflow:
        return list(Walk(kinds, limits, overflow=overflow).walk(root))


@contextmanager
def rooted(data: bytes) -> Iterator[Root]:
    """A package in memory, as a walk takes it."""
    with in_memory("package") as fd:
        os.pwrite(fd, data, 0)
        window = Window(fd, 0, len(data))
        yield Root(NAME, lambda: (window.member(),), window)


@contextmanager
def in_memory(name: str) -> Iterator[int]:
    """A file in memory, for as long as it is needed."""
    fd = memory_file(name)
    try:
        yield fd
    finally:
        os.close(fd)


def check_walk(data: bytes) -> None:
    """One walk over a package keeps every promise of a walk; a second one says the same; nothing is left open."""
    if not data:
        return
    before = descriptors()
    events = walked(data)
    check_events(events, data)
    assert descriptors() == before, "a descriptor was left open"
    if len(data) % 4 == 0:
        assert walked(data) == events, "a second walk said something else"
    elif len(data) % 4 == 1:
        check_tree(events, walked(data, tree=True))


def check_limits(data: bytes) -> None:
    """With one limit so low that it is met, every promise is kept, and what is left out is said."""
    if not data:
        return
    name, value = LOW[(len(data) + data[-1]) % len(LOW)]
    floor = {"ratio_floor": 300} if name == "ratio" else {}
    limits = msgspec.structs.replace(LIMITS, **{name: value}, **floor)
    before = descriptors()
    check_events(walked(data, limits=limits), data, limits)
    assert descriptors() == before, "a descriptor was left open"


def check_nested(data: bytes) -> None:
    """Whatever is wrong with an archive within another costs none of its neighbours."""
    outer = OUTER[len(data) % len(OUTER)]
    whole = outer({"before": BEFORE, "inner": data, "behind": BEHIND})
    events = walked(whole)
    check_events(events, whole)
    seen = {entry.path: entry.sha256 for entry in entries_of(events)}
    archive = next((path.removesuffix("before") for path in seen if path.endswith(MEMBER + "before")), "")
    assert seen[f"{archive}before"] == digest(BEFORE)
    assert seen[f"{archive}behind"] == digest(BEHIND)
    assert f"{archive}inner" in seen


def check_second_look(data: bytes) -> None:
    """A second look finds what the first one saw, with the same content."""
    if not data:
        return
    events = walked(data)
    entries = entries_of(events)
    names = Counter(entry.path for entry in entries)
    wanted = {
        entry.path: entry.sha256
        for entry in entries
        if entry.archive and entry.sha256 and entry.type == "file" and names[entry.path] == 1
    }
    found = fetched(data, list(wanted)[:WANTED])
    for path, digests in found.items():
        # Of a damaged archive that holds a name twice, the first look's limits may have left one out.
        assert wanted[path] in digests, f"a second look at {path} saw another content"
    archives = Counter(event.path for event in events if isinstance(event, Opened))
    if gaps_of(events) or max(archives.values(), default=0) > 1:
        return  # damaged, or two archives in one: who asked hears of what was not found again
    missing = set(list(wanted)[:WANTED]) - set(found)
    assert not missing, f"a second look did not find {min(missing)}"


def fetched(data: bytes, paths: list[str]) -> dict[str, set[str]]:
    """The digests of what a second look at a package finds, by path."""
    found: dict[str, set[str]] = {}
    with rooted(data) as root, in_memory("overflow") as overflow:
        spool = Spool(LIMITS, overflow, start=0)
        for path, held in fetch(root, paths, LIMITS, spool, known=True):
            if isinstance(held, Held | InPlace):
                found.setdefault(path, set()).add(digest(b"".join(held.window.blocks())))
    return found


def check_events(events: list[Event], data: bytes, limits: Limits = LIMITS) -> None:
    """What the events of one walk say fits together."""
    entries = entries_of(events)
    gaps = [event for event in events if isinstance(event, Gap)]
    _check_entries(entries, data, limits)
    _check_turns(events)
    _check_unseen(entries, gaps)
    cut = any(gap.reason == "limit-commands" for gap in gaps)  # which of several, the limit on gaps may leave open
    for event in events:
        if isinstance(event, Seen) and event.content is not None:
            _check_content(event, limits, cut=cut)
        elif isinstance(event, Gap | Fact):
            assert event.span is not None
            assert event.span.path.partition(MEMBER)[0] == NAME


def _check_entries(entries: list[Entry], data: bytes, limits: Limits) -> None:
    # A link comes when its target has been read, which may be behind others.
    assert sorted(entry.number for entry in entries) == list(range(1, len(entries) + 1)), "an entry was counted twice"
    packages = [entry for entry in entries if not entry.archive]
    assert [entry.path for entry in packages] == [NAME], "the package itself must be seen once"
    if packages[0].sha256:
        assert (packages[0].size, packages[0].sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert len(entries) <= limits.entries + 1
    # The package itself is under no limit, but for its bytes among all.
    blocks = BLOCK * (limits.depth + 2)
    assert sum(entry.size for entry in entries) <= max(limits.unpacked, len(data)) + blocks
    assert all(entry.size <= limits.entry + BLOCK for entry in entries if entry.archive)
    assert all(entry.size >= 0 and entry.path.count(MEMBER) <= limits.depth + 1 for entry in entries)


def _check_turns(events: list[Event]) -> None:
    """Archives are closed in the order they were opened in, and what is read comes within what holds it."""
    within: list[str] = []
    for event in events:
        if isinstance(event, Opened):
            within.append(event.path)
        elif isinstance(event, Closed):
            assert within.pop() == event.path
        elif isinstance(event, Seen) and event.entry.archive:
            # What is no file may come later, as a link does when its target has been read.
            assert event.entry.type != "file" or within[-1] == event.entry.archive
            assert event.entry.path.startswith(event.entry.archive + MEMBER)
    assert within == []


def _check_unseen(entries: list[Entry], gaps: list[Gap]) -> None:
    """A content that was not read to its end has no digest, and a gap says so of it or of what it lies in."""
    said = {gap.span.path for gap in gaps if gap.span is not None and gap.effect == "unread"}
    for entry in entries:
        if entry.type == "file" and not entry.sha256:
            above = entry.path.split(MEMBER)
            paths = {MEMBER.join(above[: count + 1]) for count in range(len(above))} | {entry.archive}
            assert paths & said, f"{entry.path} was not read, and nothing says so"


def _check_content(event: Seen, limits: Limits, *, cut: bool) -> None:
    content, entry = event.content or b"", event.entry
    size = entry.size if entry.type == "file" else sys.maxsize if event.truncated else len(content)  # a link has none
    if event.truncated:
        assert len(content) <= limits.buffer
        assert len(content) < size
        assert len(content) == limits.buffer or cut, "cut without a word"
    else:
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, entry.sha256)


def check_tree(scan: list[Event], tree: list[Event]) -> None:
    """A walk that reads nothing sees what one that reads sees: but for damage, which may end the two elsewhere."""
    if not gaps_of(scan) and not gaps_of(tree):
        assert contents_of(entries_of(scan)) == contents_of(entries_of(tree)), "tree and scan see different entries"
    assert bool(gaps_of(scan)) >= bool(gaps_of(tree)), "a tree misses what a scan sees"


def check_zip(data: bytes) -> None:
    """Whatever Python's own zip reader makes of it was read alike, or something was said."""
    fd = memory_file("fuzz")
    try:
        os.pwrite(fd, data, 0)
        ours = read_window(Window(fd, 0, len(data)), MOST)
    finally:
        os.close(fd)
    if ours.facts or ours.damage or ours.broken or len(ours.files) < len(ours.members):
        return
    theirs = _by_zipfile(data)
    assert theirs <= {content for _, content in ours.files}, "zipfile reads what the zip reader neither reads nor says"


def _by_zipfile(data: bytes) -> set[bytes]:
    """The contents that Python's reader reads to their end without a complaint."""
    found: set[bytes] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist()[:100]:
                with archive.open(info) as member:
                    content = member.read(MOST + 1)
                if len(content) <= MOST and not info.is_dir():
                    found.add(content)
    except Exception:  # noqa: BLE001  # whatever it complains of, it is not this reader that is on trial
        return found
    return found


def entries_of(events: Iterable[Event]) -> list[Entry]:
    """The entries, as they came."""
    return [event.entry for event in events if isinstance(event, Seen)]


def gaps_of(events: Iterable[Event]) -> list[Gap]:
    """The gaps, as they came."""
    return [event for event in events if isinstance(event, Gap)]


def contents_of(entries: Iterable[Entry]) -> list[tuple[str, str, int, str]]:
    """What entries are, whoever asked: path, type, size and digest."""
    return sorted((entry.path, entry.type, entry.size, entry.sha256) for entry in entries)


def digest(content: bytes) -> str:
    """The digest of a content, as an entry has it."""
    return hashlib.sha256(content).hexdigest()


def descriptors() -> int:
    """How many descriptors this process has open; 0 where nothing tells."""
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
