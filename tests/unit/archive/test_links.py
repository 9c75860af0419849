"""Links to files that their own place makes nothing of: read as what the place of the link makes them, or a gap."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import msgspec
import pytest

from packing import tar_of, zip_of
from pkgscan.archive import links
from pkgscan.archive.events import Event, Seen
from pkgscan.archive.limits import Limits
from pkgscan.archive.walk import Walk
from pkgscan.inputs import open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Gap
from pkgscan.plan import root_of
from pkgscan.readers.base import Kind
from pkgscan.testing import scan

TEXT = b"hello world\n"
NOTE = Kind(name="note", paths=("etc/notes/*",))
SYMLINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
LINK = "etc/notes/x"
Item = tuple[str, bytes | tuple[bytes, str]]


def tar(*items: Item) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, what in items:
            info = tarfile.TarInfo(name)
            if isinstance(what, bytes):
                info.size = len(what)
                archive.addfile(info, io.BytesIO(what))
            else:
                info.type, info.linkname = what
                archive.addfile(info)
    return raw.getvalue()


def walk(data: bytes, tmp_path: Path, limits: Limits | None = None) -> list[Event]:
    path = tmp_path / "package"
    path.write_bytes(data)
    source = open_input(str(path))
    try:
        return list(Walk(KindTable((NOTE,)), limits or Limits()).walk(root_of(source)))
    finally:
        source.close()


def links_in(events: list[Event]) -> list[Seen]:
    return [event for event in events if isinstance(event, Seen) and event.entry.link_target]


def read(events: list[Event]) -> list[bytes]:
    return [event.content for event in links_in(events) if event.content is not None]


def gaps(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.span.path if event.span else "", event.reason) for event in events if isinstance(event, Gap)]


NOT_FOLLOWED = [(f"package!/{LINK}", "link-not-followed")]


@pytest.mark.parametrize(
    "link",
    [(SYMLINK, "../../opt/x"), (SYMLINK, "./..//../opt/./x"), (SYMLINK, "/opt/x"), (HARD, "opt/x"), (HARD, "./opt/x")],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_a_link_leads_to_is_read_as_its_place_says(
    tmp_path: Path, link: tuple[bytes, str], *, first: bool
) -> None:
    items: list[Item] = [(LINK, link), ("opt/x", TEXT)]
    events = walk(tar(*(items if first else items[::-1])), tmp_path)
    (seen,) = links_in(events)
    assert (seen.entry.path, seen.entry.kind, seen.entry.size) == (f"package!/{LINK}", "note", 0)
    assert (seen.content, seen.entry.sha256) == (TEXT, hashlib.sha256(TEXT).hexdigest())
    assert gaps(events) == []


def test_in_an_archive_in_an_archive(tmp_path: Path) -> None:
    inner = gzip.compress(tar((LINK, (SYMLINK, "/opt/x")), ("opt/x", TEXT)))
    events = walk(zip_of({"a/inner.tar.gz": inner}), tmp_path)
    assert (read(events), gaps(events)) == ([TEXT], [])


def test_every_link_is_said_once(tmp_path: Path) -> None:
    events = walk(
        tar(
            (LINK, (SYMLINK, "../y")),
            ("etc/notes/z", (SYMLINK, "../gone")),
            ("etc/l", (SYMLINK, "y")),
            ("etc/y", TEXT),
        ),
        tmp_path,
    )
    paths = [event.entry.path for event in events if isinstance(event, Seen)]
    assert sorted(paths) == sorted(
        f"package{path}" for path in ("", f"!/{LINK}", "!/etc/notes/z", "!/etc/l", "!/etc/y")
    )


def test_the_last_of_a_name_is_read(tmp_path: Path) -> None:
    assert read(walk(tar(("opt/x", TEXT), ("opt/x", b"last"), (LINK, (HARD, "opt/x"))), tmp_path)) == [b"last"]


def test_a_program_that_only_the_name_of_a_link_makes_something_is_none(tmp_path: Path) -> None:
    path = tmp_path / "p.tar"
    path.write_bytes(tar(("usr/bin/crontab", (SYMLINK, "x")), ("usr/bin/x", b"\x7fELF" + bytes(60))))
    assert [gap.reason for gap in scan(str(path)).gaps if gap.effect == "unread"] == []


@pytest.mark.parametrize(
    "items",
    [
        [(LINK, (SYMLINK, "../../../opt/x")), ("opt/x", TEXT)],  # out of the package
        [(LINK, (SYMLINK, "../../../x")), ("../x", TEXT)],
        [(LINK, (SYMLINK, "/gone")), ("opt/x", TEXT)],
        [("sub/etc/notes/x", (SYMLINK, "/opt/x")), ("opt/x", TEXT)],  # whether the top is the host's, nobody knows
        [(LINK, (SYMLINK, "../../opt/x")), ("opt/x", (SYMLINK, "y")), ("opt/y", TEXT)],
        [(LINK, (SYMLINK, "../../opt/x")), ("opt/x", TEXT), ("opt", (SYMLINK, "srv"))],  # by way of another link
        [(LINK, (SYMLINK, "../../opt/x")), ("opt/x", TEXT), ("etc/notes", (SYMLINK, "/a/b/c"))],
        [(LINK, (SYMLINK, "../w/../../opt/x")), ("opt/x", TEXT), ("etc/w", (SYMLINK, "/a/b/c"))],
        [(LINK, (SYMLINK, "../\\xff")), ("etc/\\xff", TEXT)],  # may be the byte, and may be these letters
        [(LINK, (SYMLINK, "../../opt")), ("opt/x", TEXT)],  # a folder
        [(LINK, (HARD, LINK))],
    ],
)
def test_what_leads_out_or_nobody_knows_where_is_a_gap(tmp_path: Path, items: list[Item]) -> None:
    events = walk(tar(*items), tmp_path)
    assert read(events) == []
    found = gaps(events)
    assert {reason for _, reason in found} == (set() if items[0][1] == (HARD, LINK) else {"link-not-followed"})


def test_the_gap_says_what_was_not_read_and_why(tmp_path: Path) -> None:
    (gap,) = (event for event in walk(tar((LINK, (SYMLINK, "/srv/x"))), tmp_path) if isinstance(event, Gap))
    assert gap.detail == (
        "the host reads this link as note, and what it leads to is no file of the same archive: /srv/x; "
        "look at that file yourself"
    )


def test_together_they_are_no_longer_than_one_entry_may_be(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(Limits(), buffer=2 * len(TEXT))
    items: list[Item] = [(f"etc/notes/{n}", (HARD, "opt/x")) for n in range(3)]
    events = walk(tar(("opt/x", TEXT), *items), tmp_path, limits)
    assert (read(events), gaps(events)) == ([TEXT] * 2, [("package!/etc/notes/2", "link-not-followed")])


def test_more_than_are_followed_are_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "FOLLOWED", 2)
    items: list[Item] = [(f"etc/notes/{n}", (HARD, "opt/x")) for n in range(3)]
    events = walk(tar(("opt/x", TEXT), *items), tmp_path)
    assert (len(read(events)), gaps(events)) == (2, [("package!/etc/notes/2", "link-not-followed")])


def test_where_links_are_too_many_to_know_none_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "REMEMBERED", 2)
    items: list[Item] = [(f"opt/{n}", (SYMLINK, "y")) for n in range(2)]
    assert gaps(walk(tar(("opt/x", TEXT), (LINK, (HARD, "opt/x")), *items), tmp_path)) == NOT_FOLLOWED


def test_a_broken_package_is_a_gap_for_the_link_too(tmp_path: Path) -> None:
    whole = tar((LINK, (SYMLINK, "../y")), ("etc/y", TEXT * 1000))
    events = walk(whole[: 1024 + 600], tmp_path)
    assert [entry.entry.path for entry in links_in(events)] == [f"package!/{LINK}"]
    assert NOT_FOLLOWED[0] in gaps(events)


@pytest.mark.parametrize("link", [(SYMLINK, "../../usr/share/x/jobs"), (HARD, "usr/share/x/jobs")])
def test_the_jobs_of_a_crontab_elsewhere_are_those_of_the_link(tmp_path: Path, link: tuple[bytes, str]) -> None:
    path = tmp_path / "p.tar"
    path.write_bytes(tar(("etc/cron.d/x", link), ("usr/share/x/jobs", b"0 0 31 2 * root /opt/never\n")))
    report = scan(str(path), rules=("suspicious-cron-schedule",))
    assert [finding.span.path for finding in report.findings if finding.span] == ["p.tar!/etc/cron.d/x"]
    (said,) = report.findings[0].related[-1:]
    assert (said.span.path, said.message) == (
        "p.tar!/etc/cron.d/x",
        f"is a link to {link[1]}, which is read as what the link's place makes it",
    )
    assert [gap for gap in report.gaps if gap.effect == "unread"] == []


def test_a_tar_of_plain_files_is_fetched_no_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("fetched again")

    monkeypatch.setattr("pkgscan.archive.walk.fetch", refuse)
    assert gaps(walk(tar_of({"etc/notes/x": TEXT, "opt/x": TEXT}), tmp_path)) == []


@pytest.mark.parametrize("target", ["../opt/notes", "/opt/notes", "."])
def test_a_folder_that_is_a_link_is_a_gap(target: str, tmp_path: Path) -> None:
    events = walk(tar(("opt/notes/x", TEXT), ("etc/notes", (SYMLINK, target))), tmp_path)
    gaps = [event for event in events if isinstance(event, Gap)]
    assert [(gap.reason, gap.span.path.partition("!/")[2]) for gap in gaps if gap.span] == [
        ("link-not-followed", "etc/notes")
    ]
    assert "reads what lies in this folder as note" in gaps[0].detail


def test_a_folder_that_is_another_of_its_kind_is_none(tmp_path: Path) -> None:
    data = tar(("etc/notes", (SYMLINK, "../usr/etc/notes")), ("lib", (SYMLINK, "usr/lib")), ("etc/x", (SYMLINK, "y")))
    assert not [event for event in walk(data, tmp_path) if isinstance(event, Gap)]
