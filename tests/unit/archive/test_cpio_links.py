"""Hard links in a cpio as its newer forms write them: every name has the content that the last one carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.archive.cpio import links as cpio_links
from pkgscan.archive.events import Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.walk import Walk
from pkgscan.inputs import open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.plan import root_of

REGULAR = 0o100644


def newc(name: str, content: bytes, inode: int, links: int) -> bytes:
    """One member, as cpio(5) has it in the new portable form."""
    text = name.encode() + b"\0"
    fields = (inode, REGULAR, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(text), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + text
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def read(members: list[bytes], folder: Path) -> tuple[dict[str, Entry], list[str]]:
    path = folder / "p"
    path.write_bytes(b"".join((*members, newc("TRAILER!!!", b"", 0, 1))))
    source = open_input(str(path))
    try:
        events = list(Walk(KindTable(()), Limits()).walk(root_of(source)))
    finally:
        source.close()
    entries = {event.entry.member: event.entry for event in events if isinstance(event, Seen) and event.entry.archive}
    return entries, [event.reason for event in events if isinstance(event, Gap)]


@pytest.mark.parametrize("names", [2, 3, 5])
def test_every_name_has_the_content(names: int, tmp_path: Path) -> None:
    content = b"* * * * * root /opt/run.sh\n"
    members = [newc(f"n{number}", content if number == names - 1 else b"", 7, names) for number in range(names)]
    entries, gaps = read([*members, newc("other", b"x", 8, 1)], tmp_path)
    assert not gaps
    assert {entries[f"n{number}"].sha256 for number in range(names)} == {entries["n0"].sha256}
    assert {entry.size for name, entry in entries.items() if name != "other"} == {len(content)}


def test_a_large_content_goes_to_the_first_name(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    entries, gaps = read([newc("a", b"", 7, 3), newc("b", b"", 7, 3), newc("c", content, 7, 3)], tmp_path)
    assert not gaps
    assert entries["a"].size == len(content)
    assert [(entries[name].type, entries[name].link_target) for name in "bc"] == [("hardlink", "a")] * 2


def test_names_whose_content_never_comes_are_empty(tmp_path: Path) -> None:
    entries, gaps = read([newc("a", b"", 7, 2), newc("b", b"", 9, 2)], tmp_path)
    assert not gaps
    assert {name: (entry.type, entry.size) for name, entry in entries.items()} == {"a": ("file", 0), "b": ("file", 0)}


def test_names_do_not_wait_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpio_links, "MOST_HELD", 3)
    entries, gaps = read([newc(f"n{number}", b"", number, 2) for number in range(1, 9)], tmp_path)
    assert gaps == ["damaged"]
    assert len(entries) == 8
