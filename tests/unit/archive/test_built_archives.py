"""Archives that were built by the book come out of the walk as what went in; parts and locked ones are said."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from built_archives import builder
from pkgscan.archive.events import Event, Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.walk import Walk
from pkgscan.inputs import open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.plan import root_of

item = builder("item")
ar, cab, lha, rar4, rar5, xar = map(builder, ("ar", "cab", "lha", "rar4", "rar5", "xar"))

FILES = [*item.PLAIN, item.UNICODE]
TREE = [item.FOLDER, *FILES, item.LINK]
LONG = item.Item(name="a name longer than sixteen bytes.o", content=b"object\n")
OBJECTS = [item.SCRIPT, item.EMPTY, LONG]


def cabinet(method: int) -> bytes:
    """Two folders: one with a file over three blocks, one that ends with a block."""
    return bytes(cab.build([cab.Folder(item.PLAIN, method), cab.Folder([item.UNICODE, item.EXACT], method)]))


BUILT = {
    **{f"{name.split('-')[-1]}.xar": (xar.build(TREE, encoding=name), TREE) for name in xar.ENCODINGS},
    "sha512.xar": (xar.build(TREE, style="sha512"), TREE),
    "stored.cab": (cabinet(cab.STORED), [*FILES, item.EXACT]),
    "mszip.cab": (cabinet(cab.MSZIP), [*FILES, item.EXACT]),
    "4.rar": (rar4.build(TREE), TREE),
    "5.rar": (rar5.build(TREE), TREE),
    "gnu.a": (ar.gnu(OBJECTS), OBJECTS),
    "bsd.a": (ar.bsd(OBJECTS), OBJECTS),
    **{
        f"{level}.lzh": (lha.build([item.FOLDER, *item.PLAIN], level), [item.FOLDER, *item.PLAIN]) for level in range(3)
    },
}
NO_MODES = (".cab", "0.lzh")  # formats of DOS


def walk(path: Path) -> list[Event]:
    source = open_input(str(path))
    try:
        return list(Walk(KindTable(()), Limits()).walk(root_of(source)))
    finally:
        source.close()


def written(data: bytes, name: str, tmp_path: Path) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def entries(events: list[Event]) -> list[Entry]:
    return [event.entry for event in events if isinstance(event, Seen) and event.entry.archive]


def gaps(events: list[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, Gap)]


def expected(items: object, kind: str) -> set[tuple[str, int, str]]:
    return {
        (one.name, len(one.content), hashlib.sha256(one.content).hexdigest() if kind == "file" else one.target)
        for one in items  # type: ignore[attr-defined]
        if one.kind == kind
    }


@pytest.mark.parametrize("name", BUILT)
def test_what_went_in_comes_out(name: str, tmp_path: Path) -> None:
    data, items = BUILT[name]
    events = walk(written(data, name, tmp_path))
    seen = entries(events)
    assert [event for event in events if type(event).__name__ not in {"Seen", "Opened", "Closed"}] == []
    assert {(one.member, one.size, one.sha256) for one in seen if one.type == "file"} == expected(items, "file")
    assert {(one.member, one.size, one.link_target) for one in seen if one.type == "symlink"} == expected(
        items, "symlink"
    )
    folders = {one.member for one in seen if one.type == "directory"}
    assert folders == (
        {"data"} if "data" in {one.name.partition("/")[0] for one in items} and ".cab" not in name else set()
    )
    if not name.endswith(NO_MODES):
        modes = {one.member: one.mode for one in seen}
        assert all(modes[one.name] == one.mode for one in items)


# To bsdtar 3.6 the names table of an ar is a member that cannot be written, and a checksum after md5 is none.
NOT_FOR_BSDTAR = {"gnu.a", "sha512.xar"}


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(BUILT.keys() - NOT_FOR_BSDTAR))
def test_bsdtar_reads_the_same(name: str, tmp_path: Path) -> None:
    """The builders are right: another reader of the format finds the same files."""
    data, items = BUILT[name]
    path, target = written(data, name, tmp_path), tmp_path / "out"
    target.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(["bsdtar", "-xf", path, "-C", target], check=True, env=environment)
    found = [(file, file.read_bytes()) for file in target.rglob("*") if file.is_file() and not file.is_symlink()]
    rows = {(str(file.relative_to(target)), len(text), hashlib.sha256(text).hexdigest()) for file, text in found}
    assert rows == expected(items, "file")


def test_a_cabinet_behind_another_is_opened(tmp_path: Path) -> None:
    data = cab.build([cab.Folder([item.SCRIPT])]) + cab.build([cab.Folder([item.LARGE])])
    events = walk(written(data, "two.cab", tmp_path))
    assert not gaps(events)
    assert {one.sha256 for one in entries(events) if not one.format} == {
        hashlib.sha256(one.content).hexdigest() for one in (item.SCRIPT, item.LARGE)
    }


PARTS = {
    "one.cab": cab.build([cab.Folder(item.PLAIN)], after="two.cab"),
    "two.cab": cab.build([cab.Folder(item.PLAIN)], before="one.cab"),
    "middle.cab": cab.build([cab.Folder(item.PLAIN)], before="one.cab", after="three.cab"),
    "old.rar": rar4.build(FILES, archive_flags=rar4.VOLUME | rar4.FIRST_VOLUME | rar4.NEW_NAMES, end_flags=1),
    "whole.part1.rar": rar5.build(FILES, volume=0),
    "cut.part1.rar": rar5.part(item.LARGE, 60_000, 0),
    "cut.part2.rar": rar5.part(item.LARGE, 60_000, 1),
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_are_said_and_never_half_read(name: str, tmp_path: Path) -> None:
    events = walk(written(PARTS[name], name, tmp_path))
    assert gaps(events) == ["multi-volume"]
    assert [one for one in entries(events) if one.sha256] == []


LOCKED_HEADERS = {"4.rar": rar4.locked_headers(), "5.rar": rar5.locked_headers()}


@pytest.mark.parametrize("name", LOCKED_HEADERS)
def test_locked_headers_are_said(name: str, tmp_path: Path) -> None:
    events = walk(written(LOCKED_HEADERS[name], name, tmp_path))
    assert (gaps(events), entries(events)) == (["encrypted"], [])


LOCKED = {
    "4.rar": rar4.build([item.FOLDER, item.SCRIPT, item.LARGE], file_flags=rar4.LOCKED),
    "5.rar": rar5.build([item.FOLDER, item.SCRIPT, item.LARGE], locked=True),
}


@pytest.mark.parametrize("name", LOCKED)
def test_locked_contents_are_listed_and_said(name: str, tmp_path: Path) -> None:
    events = walk(written(LOCKED[name], name, tmp_path))
    assert {one.member for one in entries(events)} == {"data", "install.sh", "data/large.bin"}
    assert [one for one in entries(events) if one.sha256 and one.size] == []
    assert gaps(events) == ["encrypted", "encrypted"]


@pytest.mark.oracle
def test_ar_reads_the_same_long_names(tmp_path: Path) -> None:
    for name in ("gnu.a", "bsd.a"):
        path = written(BUILT[name][0], name, tmp_path)
        listed = subprocess.run(["ar", "t", path], check=True, capture_output=True, text=True).stdout.splitlines()
        assert listed == [one.name for one in OBJECTS]
        content = subprocess.run(["ar", "p", path, LONG.name], check=True, capture_output=True).stdout
        assert content == LONG.content


# Of these libarchive takes a cut between two members, or within a header, for the end.
ENDLESS = ("gnu.a", "bsd.a")


@pytest.mark.parametrize("name", sorted(BUILT.keys() - set(ENDLESS)))
def test_cut_anywhere_nothing_is_taken_for_whole(name: str, tmp_path: Path) -> None:
    """A cut archive gives a gap, or every content that it held as it was."""
    data, items = BUILT[name]
    whole = expected(items, "file")
    for end in range(40, len(data), max(1, len(data) // 40)):
        events = walk(written(data[:end], name, tmp_path))
        seen = {(one.member, one.size, one.sha256) for one in entries(events) if one.type == "file" and one.sha256}
        assert gaps(events) or seen == whole, end


@pytest.mark.parametrize("name", ENDLESS)
def test_a_member_that_is_cut_is_said(name: str, tmp_path: Path) -> None:
    data, items = BUILT[name]
    largest = max((one for one in items if one.kind == "file"), key=lambda one: len(one.content))
    end = data.index(largest.content) + len(largest.content) // 2
    assert gaps(walk(written(data[:end], name, tmp_path)))
