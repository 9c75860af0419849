"""The walk over nested archives: what is seen, what is a gap, and that limits hold."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import struct
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from packing import deb_of, tar_of, zip_of
from pkgscan.archive.events import Closed, Event, Opened, Seen
from pkgscan.archive.libarchive import binding as library
from pkgscan.archive.limits import KIB, MIB, Limits
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Held, InPlace, Spool
from pkgscan.archive.walk import Walk
from pkgscan.facts.archive import Disagreement
from pkgscan.inputs import Input, open_input
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.plan import root_of
from pkgscan.readers.base import Kind

TEXT = b"hello world\n" * 20
NOTE = Kind(name="note", suffixes=(".note",))


def walk_bytes(data: bytes, tmp_path: Path, limits: Limits | None = None, **more: object) -> list[Event]:
    path = tmp_path / "package"
    path.write_bytes(data)
    source = open_input(str(path))
    try:
        return list(Walk(KindTable((NOTE,)), limits or Limits(), **more).walk(root_of(source)))  # type: ignore[arg-type]
    finally:
        source.close()


def entries(events: list[Event]) -> dict[str, Entry]:
    return {event.entry.path: event.entry for event in events if isinstance(event, Seen)}


def gaps(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.span.path if event.span else "", event.reason) for event in events if isinstance(event, Gap)]


COMPRESSIONS = {"w:gz": gzip.compress, "w:bz2": bz2.compress, "w:xz": lzma.compress}


@pytest.mark.parametrize("mode", ["w", *COMPRESSIONS])
def test_tar(tmp_path: Path, mode: str) -> None:
    seen = entries(walk_bytes(tar_of({"a/b.txt": TEXT, "c": b""}, mode), tmp_path))
    assert seen["package!/a/b.txt"].sha256 == hashlib.sha256(TEXT).hexdigest()
    assert seen["package!/a/b.txt"].size == len(TEXT)
    assert seen["package!/a/b.txt"].mode == 0o644
    assert seen["package!/c"].sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("compress", COMPRESSIONS.values())
@pytest.mark.parametrize(
    "content",
    [b"", TEXT, os.urandom(3 * MIB), b"\0", bytes(2048) + TEXT],  # zeros first: a disk image, or the end of a tar
    ids=["empty", "text", "large", "zero", "zeros"],
)
def test_single_compressed_file(tmp_path: Path, compress: object, content: bytes) -> None:
    seen = entries(walk_bytes(compress(content), tmp_path))  # type: ignore[operator]
    assert seen["package!/content"].sha256 == hashlib.sha256(content).hexdigest()


def test_package_itself_is_an_entry_with_its_digest(tmp_path: Path) -> None:
    data = zip_of({"a": TEXT})
    package = entries(walk_bytes(data, tmp_path))["package"]
    assert (package.sha256, package.size, package.format) == (hashlib.sha256(data).hexdigest(), len(data), "zip")


def test_nested_in_each_other(tmp_path: Path) -> None:
    inner = tar_of({"etc/x.note": TEXT}, "w:gz")
    deb = deb_of({"./usr/share/y": TEXT, "./in.zip": zip_of({"z": TEXT})}, {"./postinst": b"#!/bin/sh\n"})
    events = walk_bytes(zip_of({"d/in.tgz": inner, "app.deb": deb}), tmp_path)
    seen = entries(events)
    assert not gaps(events)
    assert {
        "package!/d/in.tgz!/etc/x.note",
        "package!/app.deb!/control.tar.gz!/postinst",
        "package!/app.deb!/data.tar.xz!/usr/share/y",
        "package!/app.deb!/data.tar.xz!/in.zip!/z",
    } <= seen.keys()
    assert seen["package!/d/in.tgz"].sha256 == hashlib.sha256(inner).hexdigest()
    opened = [event.path for event in events if isinstance(event, Opened)]
    assert sorted(opened) == sorted(event.path for event in events if isinstance(event, Closed))


def test_content_goes_to_who_wants_it(tmp_path: Path) -> None:
    events = walk_bytes(zip_of({"a.note": TEXT, "b.txt": TEXT}), tmp_path)
    content = {event.entry.path: event.content for event in events if isinstance(event, Seen)}
    assert content == {"package!/a.note": TEXT, "package!/b.txt": None, "package": None}


def test_large_content_is_cut_and_said(tmp_path: Path) -> None:
    events = walk_bytes(zip_of({"a.note": TEXT}), tmp_path, Limits(buffer=50))
    note = next(event for event in events if isinstance(event, Seen) and event.content is not None)
    assert (note.content, note.truncated) == (TEXT[:50], True)
    assert note.entry.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert gaps(events) == [("package!/a.note", "limit-buffer")]


def test_found_by_content_and_not_by_name(tmp_path: Path) -> None:
    seen = entries(walk_bytes(tar_of({"picture.png": zip_of({"x": TEXT}), "no.zip": TEXT}), tmp_path))
    assert "package!/picture.png!/x" in seen
    assert seen["package!/no.zip"].kind == "text"


@pytest.mark.parametrize("outer", [zip_of, tar_of])
def test_zip_behind_a_program(tmp_path: Path, outer: object) -> None:
    program = b"\x7fELF" + os.urandom(200 * KIB) + zip_of({"inside": TEXT})
    seen = entries(walk_bytes(outer({"setup.bin": program}), tmp_path))  # type: ignore[operator]
    assert seen["package!/setup.bin!/inside"].sha256 == hashlib.sha256(TEXT).hexdigest()
    assert seen["package!/setup.bin"].sha256 == hashlib.sha256(program).hexdigest()


def test_truncated_inner_archive_costs_only_itself(tmp_path: Path) -> None:
    cut = tar_of({"a": os.urandom(5000), "b": os.urandom(5000)}, "w:gz")[:-3000]
    events = walk_bytes(zip_of({"cut.tgz": cut, "later.txt": TEXT}), tmp_path)
    assert "package!/later.txt" in entries(events)
    assert entries(events)["package!/cut.tgz"].sha256 == hashlib.sha256(cut).hexdigest()
    assert gaps(events) == [("package!/cut.tgz", "truncated")]


def test_what_was_not_seen_whole_has_no_digest(tmp_path: Path) -> None:
    cut = tar_of({"a": os.urandom(50_000)})[:9000]
    events = walk_bytes(cut, tmp_path)
    assert entries(events)["package!/a"].sha256 == ""
    assert gaps(events) == [("package", "truncated")]


def nest(depth: int) -> bytes:
    data = tar_of({"core": TEXT})
    for _ in range(depth - 1):
        data = tar_of({"in.tar": data})
    return data


def test_depth_of_twelve_is_walked(tmp_path: Path) -> None:
    events = walk_bytes(nest(13), tmp_path)
    assert not gaps(events)
    assert "package" + "!/in.tar" * 12 + "!/core" in entries(events)


def test_deeper_is_said(tmp_path: Path) -> None:
    events = walk_bytes(nest(15), tmp_path)
    assert gaps(events) == [("package" + "!/in.tar" * 13, "limit-depth")]


def test_ratio_ends_the_archive_and_not_the_walk(tmp_path: Path) -> None:
    bomb = tar_of({"zeros": bytes(MIB), "more": TEXT}, "w:gz")
    limits = Limits(ratio_floor=64 * KIB, ratio=100)
    events = walk_bytes(zip_of({"bomb.tgz": bomb, "z.txt": TEXT}), tmp_path, limits)
    assert gaps(events) == [("package!/bomb.tgz", "limit-ratio")]
    assert "package!/z.txt" in entries(events)


def test_limit_of_entries_in_one_archive(tmp_path: Path) -> None:
    many = tar_of({f"f{n}": b"" for n in range(50)})
    events = walk_bytes(zip_of({"many.tar": many, "z.txt": TEXT}), tmp_path, Limits(archive_entries=20))
    assert gaps(events) == [("package!/many.tar", "limit-archive-entries")]
    assert "package!/z.txt" in entries(events)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(entries=10), "limit-entries"), (Limits(unpacked=4000), "limit-unpacked")],
)
def test_limit_of_the_package_ends_the_walk(tmp_path: Path, limits: Limits, reason: str) -> None:
    many = tar_of({f"f{n}": TEXT for n in range(50)})
    events = walk_bytes(zip_of({"many.tar": many, "z.txt": TEXT}), tmp_path, limits)
    assert gaps(events) == [("package", reason)]
    assert "package!/z.txt" not in entries(events)


def test_limit_of_one_entry(tmp_path: Path) -> None:
    events = walk_bytes(tar_of({"big": bytes(5000), "small": TEXT}), tmp_path, Limits(entry=1000))
    assert gaps(events) == [("package!/big", "limit-entry")]
    assert "package!/small" in entries(events)


def test_limit_of_a_name(tmp_path: Path) -> None:
    events = walk_bytes(tar_of({"x" * 500: TEXT}), tmp_path, Limits(name=100))
    assert gaps(events) == [("package", "limit-name")]
    assert "package!/" + "x" * 100 in entries(events)


def test_limit_of_the_spool(tmp_path: Path) -> None:
    inner = zip_of({"x": os.urandom(5000)})
    events = walk_bytes(tar_of({"in.zip": inner, "z.txt": TEXT}, "w:gz"), tmp_path, Limits(spool=1000))
    assert gaps(events) == [("package!/in.zip", "limit-spool")]
    assert "package!/z.txt" in entries(events)


@pytest.mark.parametrize("in_memory", [0, 3000, 100_000])
def test_spool_overflows_into_the_file_it_was_given(tmp_path: Path, in_memory: int) -> None:
    inner = zip_of({"deep.zip": zip_of({"x": os.urandom(5000)}), "y": os.urandom(5000)})
    packed = tar_of({"one.zip": inner, "two.zip": inner}, "w:gz")
    with (tmp_path / "overflow").open("w+b") as overflow:
        limits = Limits(spool_memory=in_memory)
        events = walk_bytes(packed, tmp_path, limits, overflow=overflow.fileno())
    assert not gaps(events)
    assert {"package!/one.zip!/deep.zip!/x", "package!/two.zip!/deep.zip!/x"} <= entries(events).keys()


def test_unreadable_formats_are_said(tmp_path: Path) -> None:
    events = walk_bytes(zip_of({"x.wim": b"MSWIM\0\0\0" + TEXT}), tmp_path)
    assert gaps(events) == [("package!/x.wim", "unsupported-format")]


def test_links_devices_and_owners(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, kind, target in (
            ("s", tarfile.SYMTYPE, "../t"),
            ("h", tarfile.LNKTYPE, "s"),
            ("p", tarfile.FIFOTYPE, ""),
            ("c", tarfile.CHRTYPE, ""),
            ("d", tarfile.DIRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.uname, info.uid, info.mode = kind, target, "app", 7, 0o4750
            archive.addfile(info)
    seen = entries(walk_bytes(raw.getvalue(), tmp_path))
    kinds = {path.removeprefix("package!/"): entry.type for path, entry in seen.items()}
    assert kinds == {
        "s": "symlink",
        "h": "hardlink",
        "p": "fifo",
        "c": "character-device",
        "d": "directory",
        "package": "file",
    }
    assert {seen[f"package!/{name}"].kind for name in "shpcd"} == {
        "symlink", "hardlink", "fifo", "character-device", "directory"
    }  # fmt: skip
    assert (seen["package!/s"].link_target, seen["package!/h"].link_target) == ("../t", "s")
    assert (seen["package!/d"].user, seen["package!/d"].uid, seen["package!/d"].mode) == ("app", 7, 0o4750)


def test_sparse_file_is_its_zeros(tmp_path: Path) -> None:
    """GNU sparse headers, as tar --sparse writes them: holes are content like any other."""
    whole = b"start" + bytes(100_000) + b"end"
    header = tarfile.TarInfo("sparse")
    header.size = 8
    raw = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    raw[156:157] = b"S"
    raw[386:410] = b"%011o\0%011o\0" % (0, 5)
    raw[410:434] = b"%011o\0%011o\0" % (100_005, 3)
    raw[483:495] = b"%011o\0" % len(whole)
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    data = bytes(raw) + b"startend".ljust(512, b"\0") + bytes(1024)
    assert entries(walk_bytes(data, tmp_path))["package!/sparse"].sha256 == hashlib.sha256(whole).hexdigest()


def test_skipped_archive_is_not_opened_and_still_hashed(tmp_path: Path) -> None:
    inner = tar_of({"x": TEXT})
    events = walk_bytes(zip_of({"in.tar": inner}), tmp_path, skip={"package!/in.tar"})
    assert "package!/in.tar!/x" not in entries(events)
    assert entries(events)["package!/in.tar"].sha256 == hashlib.sha256(inner).hexdigest()


def fetched(source: Input, *wanted: str) -> dict[str, bytes]:
    limits = Limits(ratio_floor=1000, ratio=2)  # the first look has kept them; the second only finds again
    found = fetch(root_of(source), wanted, limits, Spool(limits))
    return {name: b"".join(held.window.blocks()) for name, held in found if isinstance(held, Held | InPlace)}


def test_fetch_finds_contents_again(tmp_path: Path) -> None:
    deep = bytes(300_000)
    data = zip_of({"a.tgz": tar_of({"in.zip": zip_of({"deep": deep})}, "w:gz"), "b": TEXT})
    path = tmp_path / "package"
    path.write_bytes(data)
    source = open_input(str(path))
    assert fetched(source, "package", "package!/b") == {"package": data, "package!/b": TEXT}
    wanted = ("package!/b", "package!/a.tgz!/in.zip!/deep", "package!/gone")
    assert fetched(source, *wanted) == {"package!/b": TEXT, "package!/a.tgz!/in.zip!/deep": deep}
    source.close()


def make_tree(root: Path) -> None:
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "a.note").write_bytes(TEXT)
    (root / "in.zip").write_bytes(zip_of({"x": TEXT}))
    (root / "loop").symlink_to("..")
    inner = b"\x7fELF" + bytes(70_000) + zip_of({"inmost": TEXT})
    (root / "setup.bin").write_bytes(b"\x7fELF" + bytes(70_000) + zip_of({"deeper.bin": inner}))


def test_directory(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree")
    source = open_input(str(tmp_path / "tree"))
    seen = entries(list(Walk(KindTable((NOTE,)), Limits()).walk(root_of(source))))
    assert set(seen) == {
        "tree",
        "tree!/etc",
        "tree!/etc/a.note",
        "tree!/in.zip",
        "tree!/in.zip!/x",
        "tree!/loop",
        "tree!/setup.bin",
        "tree!/setup.bin!/<data before the archive>",
        "tree!/setup.bin!/deeper.bin",
        "tree!/setup.bin!/deeper.bin!/<data before the archive>",
        "tree!/setup.bin!/deeper.bin!/inmost",
    }
    assert seen["tree!/loop"].link_target == ".."
    assert fetched(source, "tree!/in.zip!/x", "tree!/etc/a.note") == {"tree!/in.zip!/x": TEXT, "tree!/etc/a.note": TEXT}
    source.close()


def test_late_zip_over_the_spool_is_said(tmp_path: Path) -> None:
    program = b"\x7fELF" + bytes(200 * KIB) + zip_of({"inside": TEXT})
    events = walk_bytes(tar_of({"setup.bin": program}, "w:gz"), tmp_path, Limits(spool=1000))
    assert gaps(events) == [("package!/setup.bin", "limit-spool")]


@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_every_limit_is_a_positive_number(name: str) -> None:
    assert getattr(Limits(), name) > 0
    assert msgspec.structs.replace(Limits(), **{name: 1}) != Limits()


@pytest.mark.parametrize(
    "name",
    ["etc//cron.d/x", "etc/./cron.d/x", "etc/cron.d//x", "etc/foo/../cron.d/x", "./etc/cron.d/./x", "etc/cron.d/x/"],
)
def test_names_are_what_unpackers_make_of_them(tmp_path: Path, name: str) -> None:
    assert "package!/etc/cron.d/x" in entries(walk_bytes(tar_of({name: TEXT}), tmp_path))


@pytest.mark.parametrize(
    ("name", "path"), [("../x", "../x"), ("a/../../x", "../x"), ("/etc/x", "/etc/x"), ("..", "..")]
)
def test_what_leads_out_stays_told(tmp_path: Path, name: str, path: str) -> None:
    assert f"package!/{path}" in entries(walk_bytes(tar_of({name: TEXT}), tmp_path))


def test_an_archive_where_something_else_belongs_is_read_as_both(tmp_path: Path) -> None:
    inner = tar_of({"inside": TEXT})
    events = walk_bytes(zip_of({"x.note": inner}), tmp_path)
    note = next(event for event in events if isinstance(event, Seen) and event.entry.path == "package!/x.note")
    assert (note.entry.kind, note.entry.format, note.content) == ("note", "tar", inner)
    assert "package!/x.note!/inside" in entries(events)


def link_to(target: str, kind: bytes = tarfile.SYMTYPE) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        info = tarfile.TarInfo("etc/a.note")
        info.type, info.linkname = kind, target
        archive.addfile(info)
    return raw.getvalue()


@pytest.mark.parametrize(("target", "said"), [("opt/x.txt", True), ("opt/b.note", False)])
def test_a_second_name_of_what_is_not_there_is_a_gap(tmp_path: Path, target: str, *, said: bool) -> None:
    expected = [("package!/etc/a.note", "link-not-followed")] if said else []
    assert gaps(walk_bytes(link_to(target, tarfile.LNKTYPE), tmp_path)) == expected


@pytest.mark.parametrize(("target", "said"), [("../opt/x.txt", True), ("b.note", False), ("/dev/null", False)])
def test_a_link_to_what_is_not_there_is_a_gap(tmp_path: Path, target: str, *, said: bool) -> None:
    expected = [("package!/etc/a.note", "link-not-followed")] if said else []
    assert gaps(walk_bytes(link_to(target), tmp_path)) == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("padding", [0, 512, 10_240, 600_000])
def test_what_follows_the_end_of_a_tar_is_read(tmp_path: Path, pack: Callable[[bytes], bytes], padding: int) -> None:
    whole = tar_of({"a": TEXT}) + bytes(padding) + tar_of({"hidden": TEXT})
    events = walk_bytes(pack(whole), tmp_path)
    assert "package!/<data after the archive>!/hidden" in entries(events)
    assert [event.disagreement for event in events if isinstance(event, Disagreement)] == ["data-after-end"]


@pytest.mark.parametrize("blocks", [1, 2, 20, 2000])
def test_padding_is_nothing(tmp_path: Path, blocks: int) -> None:
    data = tar_of({"a": TEXT})[:1024]  # a header and one block of content
    events = walk_bytes(data + bytes(512 * blocks), tmp_path)
    assert set(entries(events)) == {"package", "package!/a"}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_bytes_behind_compressed_data_are_said(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    assert gaps(walk_bytes(compress(TEXT) + bytes(99), tmp_path)) == []
    events = walk_bytes(compress(TEXT) + b"more", tmp_path)
    assert gaps(events) == [("package", "data-after-end")]
    assert entries(events)["package!/content"].sha256 == hashlib.sha256(TEXT).hexdigest()


def test_a_compression_without_a_mark_is_opened(tmp_path: Path) -> None:
    packed = lzma.compress(tar_of({"x": TEXT}), format=lzma.FORMAT_ALONE)
    assert "package!/data.lzma!/x" in entries(walk_bytes(zip_of({"data.lzma": packed}), tmp_path))


def test_an_image_is_known_far_behind_its_start(tmp_path: Path) -> None:
    image = bytes(32768) + b"\1CD001\1" + bytes(4000)
    assert gaps(walk_bytes(tar_of({"d.img": image}), tmp_path)) == [("package!/d.img", "damaged")]


def test_a_tar_that_holds_a_zip_is_no_zip(tmp_path: Path) -> None:
    seen = entries(walk_bytes(tar_of({"in.zip": zip_of({"x": TEXT})}), tmp_path))
    assert set(seen) == {"package", "package!/in.zip", "package!/in.zip!/x"}


def test_numbers_in_a_file_are_no_lzma(tmp_path: Path) -> None:
    """A MATLAB file of version 4 begins like an .lzma file of unusual properties: its type, rows, columns, a flag."""
    matrix = b"".join(number.to_bytes(4, "little") for number in (0, 1 << 16, 8, 0, 5)) + b"test\0" + bytes(64)
    events = walk_bytes(zip_of({"data.mat": matrix}), tmp_path)
    assert (entries(events)["package!/data.mat"].format, gaps(events)) == ("", [])


def test_a_part_of_a_split_archive_is_said_and_not_read(tmp_path: Path) -> None:
    packed = tar_of({"x": os.urandom(90_000)}, "w:gz")
    parts = {"app.tar.gz.001": packed[:70_000], "app.tar.gz.002": packed[70_000:], "small.7z.002": b"\0\1\2" * 90}
    events = walk_bytes(zip_of(parts), tmp_path)
    assert gaps(events) == [(f"package!/{name}", "multi-volume") for name in parts]
    assert set(entries(events)) == {"package", *(f"package!/{name}" for name in parts)}


def test_a_document_is_no_archive_and_an_installer_is_one_that_is_not_read(tmp_path: Path) -> None:
    document, installer = bytes(16), bytes.fromhex("84100c0000000000c000000000000046")
    for filler in (0, 100_000):  # the directory within the first bytes, and far behind them
        files = {"a.doc": compound_file(document, filler), "b.bin": compound_file(installer, filler)}
        assert gaps(walk_bytes(zip_of(files), tmp_path)) == [("package!/b.bin", "unsupported-format")]


def compound_file(identity: bytes, filler: int) -> bytes:
    """An OLE file whose directory stands behind `filler` bytes, with a root of a class id."""
    sector = filler // 512
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\3\0\xfe\xff\x09\0"
    header = header.ljust(48, b"\0") + sector.to_bytes(4, "little")
    root = bytes(66) + b"\5" + bytes(13) + identity
    return header.ljust(512, b"\0") + bytes(sector * 512) + root.ljust(128, b"\0") + bytes(384)


def test_an_old_library_says_what_it_is_not_let_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "TESTED", 99_000_000)
    events = walk_bytes(tar_of({"x.cab": b"MSCF\0\0\0\0" + bytes(60), "x.7z": b"7z\xbc\xaf\x27\x1c"}), tmp_path)
    said = [event for event in events if isinstance(event, Gap)]
    assert [(gap.reason, gap.effect) for gap in said] == [
        ("unsupported-format", "unread"), ("truncated", "unread"), ("old-libarchive", "not-judged")
    ]  # fmt: skip
    assert "cab" in said[0].detail
    assert "install the archi package" in said[2].detail
    assert gaps(walk_bytes(zip_of({"x": b""}), tmp_path)) == []


@pytest.mark.parametrize("first", [b"#!/bin/sh\n", b"tail -n +3 $0 | tar xz\nexit 0\n", b"\n#!/bin/sh\nexit 0\n"])
def test_a_small_script_with_a_payload_is_opened_in_another_archive(first: bytes, tmp_path: Path) -> None:
    script = first + tar_of({"etc/cron.d/app": TEXT * 20}, "w:gz")
    assert "package!/setup!/etc/cron.d/app" in entries(walk_bytes(tar_of({"setup": script}), tmp_path))


def test_a_zip_in_a_zip_behind_a_stream_is_found_again(tmp_path: Path) -> None:
    script = b"#!/bin/sh\nexit 0\n" + tar_of({"inmost": TEXT}, "w:gz")
    both = tar_of({"a": TEXT}) + zip_of({"s": script})
    for data in (both, zip_of({"in.tar": both})):
        assert any(path.endswith("s!/inmost") for path in entries(walk_bytes(data, tmp_path)))


def test_what_is_not_found_again_is_told(tmp_path: Path) -> None:
    path = tmp_path / "package"
    path.write_bytes(zip_of({"a": TEXT}))
    source = open_input(str(path))
    limits = Limits()
    found = dict(fetch(root_of(source), ("package!/gone", "package!/a!/gone"), limits, Spool(limits)))
    source.close()
    assert {path: why.reason for path, why in found.items() if not isinstance(why, Held | InPlace)} == {
        "package!/gone": "not-seen-again",
        "package!/a!/gone": "not-seen-again",
    }


def test_a_zip_behind_a_7z_is_a_second_archive(tmp_path: Path) -> None:
    empty = b"7z\xbc\xaf\x27\x1c\0\4\x8d\x9b\xd5\x0f" + bytes(20)  # 32 bytes: no files
    script = b"#!/bin/sh\nexit 0\n" + tar_of({"inmost": TEXT}, "w:gz")
    for data in (empty + zip_of({"s": script}), zip_of({"x": empty + zip_of({"s": script})})):
        events = walk_bytes(data, tmp_path)
        assert "second-archive" in {event.disagreement for event in events if isinstance(event, Disagreement)}
        assert any(path.endswith("s!/inmost") for path in entries(events))


def test_an_archive_in_a_place_of_something_else_is_said_as_it_is(tmp_path: Path) -> None:
    data = zip_of({"x.note": tar_of({"inside": TEXT})})
    deeper = walk_bytes(zip_of({"in.zip": data}), tmp_path, Limits(depth=1))
    assert gaps(deeper) == [("package!/in.zip!/x.note", "limit-depth")]
    assert gaps(walk_bytes(data, tmp_path, skip={"package!/x.note"})) == []
    assert ("package!/x.note", "limit-buffer") in gaps(walk_bytes(data, tmp_path, Limits(buffer=100)))


def local_member(name: bytes, content: bytes, *, claims: int = 0) -> bytes:
    """A member as its local header has it, packed by deflate; it claims to be some bytes longer than it is."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(content) + packer.flush()
    sizes = (zlib.crc32(content), len(packed) + claims, len(content), len(name), 0)
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *sizes) + name + packed


def test_a_second_look_finds_members_where_the_first_did(tmp_path: Path) -> None:
    # Without a directory, a member begins where the packed data before it ended: not where its header says.
    hidden = local_member(b"b", b"seen\n")
    path = tmp_path / "package"
    path.write_bytes(local_member(b"a", TEXT, claims=len(hidden)) + hidden + local_member(b"c", TEXT))
    source = open_input(str(path))
    try:
        spool = Spool(Limits())
        found = {
            name: b"".join(held.window.blocks()) if isinstance(held, Held | InPlace) else held.detail
            for name, held in fetch(root_of(source), ["package!/b", "package!/c"], Limits(), spool)
        }
    finally:
        source.close()
    assert found == {"package!/b": b"seen\n", "package!/c": TEXT}
