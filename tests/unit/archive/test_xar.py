"""The xar reader against what was built, what bsdtar writes, and archives that lie."""

from __future__ import annotations

import lzma
import os
import subprocess
import tempfile
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from built_archives import builder
from charging import charge
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import BLOCK, Damage, Member, Window
from pkgscan.archive.xar.content import LZMA_MEMORY
from pkgscan.archive.xar.reader import read_xar
from pkgscan.archive.xar.toc import DEEPEST, ELEMENT, PATH, TEXT
from pkgscan.facts.archive import Disagreement

items = builder("item")
xar = builder("xar")

GZIP, STORED = "application/x-gzip", "application/octet-stream"
FILE = items.Item(name="a.txt", content=b"hello, hello, hello\n")
TREE = [*items.PLAIN, items.UNICODE, items.LINK]
CONTENTS = {item.name.encode(): item.content for item in TREE if item.kind == "file"}


@dataclass
class Reading:
    """Everything one xar gave."""

    members: list[Member] = field(default_factory=list)
    files: list[tuple[bytes, bytes]] = field(default_factory=list)
    broken: list[tuple[bytes, str]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    fatal: str = ""

    @property
    def clean(self) -> bool:
        return not (self.broken or self.damage or self.kinds or self.fatal)


def read(data: bytes, most: int = Limits().metadata) -> Reading:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return read_window(Window(file.fileno(), 0, len(data)), most)


def read_window(window: Window, most: int = Limits().metadata) -> Reading:
    reading = Reading()
    try:
        for found in read_xar(window, "p.xar", charge(most)):
            if isinstance(found, Member):
                reading.members.append(found)
                consume(found, reading)
            elif isinstance(found, Damage):
                reading.damage.append(found.reason)
                reading.details.append(found.detail)
            else:
                assert isinstance(found, Disagreement)
                reading.kinds.append(found.disagreement)
    except Damage as damage:
        reading.fatal = damage.reason if damage.fatal else f"not fatal: {damage.reason}"
    return reading


def consume(member: Member, reading: Reading) -> None:
    content = bytearray()
    try:
        for block in member.content:
            assert 0 < len(block) <= BLOCK
            content += block
    except Damage as damage:
        reading.broken.append((member.name, damage.reason))
    else:
        if member.type == "file":
            reading.files.append((member.name, bytes(content)))


def one(lies: dict[str, object] | None = None, encoding: str = GZIP, style: str = "sha1", **more: object) -> bytes:
    """An archive of one file, of which some things are not true."""
    heap = xar.heap_for(style)
    return bytes(xar.assemble(xar.file_element(1, FILE, heap, encoding, lies), heap, **more))


def of(files: str, **more: object) -> bytes:
    """An archive of any XML."""
    return bytes(xar.assemble(files, xar.heap_for(), **more))


@pytest.mark.parametrize("encoding", xar.ENCODINGS)
def test_every_encoding_reads_back(encoding: str) -> None:
    reading = read(xar.build(TREE, encoding=encoding))
    assert dict(reading.files) == CONTENTS
    assert reading.clean, reading


@pytest.mark.parametrize("style", xar.CHECKSUMS)
def test_every_checksum_is_known(style: str) -> None:
    assert read(one(style=style)).clean
    assert read(one({"extracted": "0" * 40}, style=style)).broken == ([] if style == "none" else [(b"a.txt", BAD)])
    assert read(one({"archived": "0" * 40}, style=style)).broken == ([] if style == "none" else [(b"a.txt", BAD)])


BAD = "bad-checksum"


@pytest.mark.parametrize("style", ["sha256", "sha512"])
def test_a_checksum_named_behind_the_header(style: str) -> None:
    assert read(one(style=style, name=style.encode())).clean
    assert read(one(style=style, name=b"sha1")).damage == [BAD]


@pytest.mark.oracle
def test_what_bsdtar_writes(tmp_path: Path) -> None:
    """All types of member, with the names, modes and links that bsdtar gave them."""
    tree = tmp_path / "tree"
    (tree / "d").mkdir(parents=True)
    (tree / "d" / "large.bin").write_bytes(items.LARGE.content)
    (tree / "a.txt").write_text("hello\n")
    (tree / "a.txt").chmod(0o751)
    (tree / "empty").touch()
    (tree / "link").symlink_to("a.txt")
    os.link(tree / "a.txt", tree / "hard")
    os.mkfifo(tree / "fifo")
    for packing in ("none", "gzip", "bzip2", "lzma", "xz"):
        target = tmp_path / f"{packing}.xar"
        options = ["--format=xar", "--options", f"xar:compression={packing}"]
        subprocess.run(["bsdtar", *options, "-cf", target, "-C", tree, "."], check=True)
        reading = read(target.read_bytes())
        assert reading.clean, (packing, reading)
        kinds = {member.name: member.type for member in reading.members}
        first, second = sorted((b"a.txt", b"hard"), key=lambda name: kinds[name])
        assert kinds == {
            b"d": "directory", b"d/large.bin": "file", first: "file", second: "hardlink", b"empty": "file",
            b"link": "symlink", b"fifo": "fifo",
        }  # fmt: skip
        links = {member.name: member.link_target for member in reading.members if member.link_target}
        assert links == {b"link": b"a.txt", second: first}
        assert dict(reading.files) == {first: b"hello\n", b"d/large.bin": items.LARGE.content, b"empty": b""}
        assert {member.mode for member in reading.members if member.name in {b"a.txt", b"hard"}} == {0o751}


def test_a_stored_member_says_where_it_stands() -> None:
    data = one(encoding=STORED)
    at, size = read(data).members[0].stored_at or (0, 0)
    assert data[at : at + size] == FILE.content
    assert read(one()).members[0].stored_at is None
    assert read(one({"size": 3}, encoding=STORED)).members[0].stored_at is None


LIES: dict[str, tuple[dict[str, object], str]] = {
    "offset behind the archive": ({"offset": 1 << 40}, "truncated"),
    "length over the end": ({"length": 1 << 20}, "truncated"),
    "length over other bytes": ({"length": len(zlib.compress(FILE.content)) + 5}, "data-after-end"),
    "length too short": ({"length": 5}, "truncated"),
    "length zero": ({"length": 0}, "truncated"),
    "size too small": ({"size": 3}, "wrong-size"),
    "size too large": ({"size": 1 << 40}, "wrong-size"),
    "offset into another place": ({"offset": 3}, "corrupt"),
    "no number": ({"offset": "-1"}, "damaged"),
    "a number of any length": ({"length": "9" * 5000}, "damaged"),
    "digits of another script": ({"length": "٣"}, "damaged"),
    "unknown encoding": ({"encoding": "application/x-brotli"}, "unsupported-method"),
    "another encoding": ({"encoding": "application/x-bzip2"}, "corrupt"),
    "xz that is none": ({"encoding": "application/x-xz"}, "corrupt"),
    "stored, they say": ({"encoding": STORED}, BAD),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_of_a_file(lie: str) -> None:
    lies, reason = LIES[lie]
    behind = bytes(5) if lie == "length over other bytes" else b""
    assert read(one(lies, behind=behind)).broken == [(b"a.txt", reason)]


def test_content_cut_off_with_the_archive() -> None:
    data = one(encoding=STORED)
    assert read(data[:-5]).broken == [(b"a.txt", "truncated")]


def test_bytes_behind_the_heap() -> None:
    reading = read(one(behind=b"#!/bin/sh\n" * 10))
    assert reading.kinds == ["data-after-end"]
    assert reading.files[1:] == [(b"<data after the archive>", b"#!/bin/sh\n" * 10)]
    assert read(one(behind=bytes(1000))).clean


def test_a_table_that_was_changed() -> None:
    heap = xar.heap_for()
    whole = xar.assemble(xar.file_element(1, FILE, heap, GZIP), heap)
    other = xar.assemble(xar.file_element(1, FILE, heap, GZIP).replace("a.txt", "b.txt"), heap)
    start = other[: len(other) - len(heap.data)]
    assert read(start + whole[-len(heap.data) :]).damage == [BAD]


HEADERS: dict[str, tuple[dict[str, int], str]] = {
    "shorter than it is": ({"size": 27}, "corrupt"),
    "longer than it is": ({"size": 60}, "corrupt"),
    "behind the file": ({"size": 65535}, "truncated"),
    "a table over the limit": ({"packed": Limits().metadata + 1}, "limit-metadata"),
    "a table that would be over the limit": ({"unpacked": (1 << 64) - 1}, "limit-metadata"),
    "half a table": ({"packed": 100}, "truncated"),
    "no table": ({"packed": 0}, "truncated"),
}


@pytest.mark.parametrize("lie", HEADERS)
def test_lies_of_the_header(lie: str) -> None:
    header, reason = HEADERS[lie]
    assert read(one(header=header)).fatal == reason


def test_what_the_header_says_wrongly_and_can_be_read() -> None:
    assert read(one(header={"version": 7})).damage == ["unsupported-format"]
    assert read(one(header={"unpacked": 5})).damage == ["wrong-size"]
    assert read(one(header={"kind": 2})).damage == [BAD]
    assert read(one(header={"kind": 99})).damage == [BAD]
    assert read(b"xar!\0\x1c").fatal == "truncated"


def test_bytes_between_the_table_and_the_heap() -> None:
    heap = xar.heap_for()
    element = xar.file_element(1, FILE, heap, GZIP)
    xml = f'<xar><toc><checksum style="sha1"><offset>0</offset><size>20</size></checksum>{element}</toc></xar>'
    toc = zlib.compress(xml.encode())
    reading = read(xar.assemble("", heap, toc=toc + b"hidden", header={"unpacked": len(xml)}))
    assert (reading.damage, reading.files) == (["data-after-end"], [(b"a.txt", FILE.content)])


@pytest.mark.parametrize(
    "before",
    [
        xar.ENTITIES,
        "<!DOCTYPE xar>",
        '<!DOCTYPE xar SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE xar [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_no_document_type_and_no_entities(before: str) -> None:
    assert read(one(before=before)).fatal == "corrupt"


@pytest.mark.parametrize("text", ["&a;", "<file>", "</toc>", "\0", "<a b=c/>", "<a></b>"])
def test_xml_that_is_none(text: str) -> None:
    assert read(of(text)).fatal == "corrupt"


def test_another_character_set_is_said() -> None:
    for encoding in ("utf-16", "iso-8859-1", "cp1252", "utf-7"):
        toc = zlib.compress(f'<?xml version="1.0" encoding="{encoding}"?><xar><toc></toc></xar>'.encode())
        assert read(of("", toc=toc)).fatal == "unsupported-format"
    text = "<xar><toc><file><name>a</name></file></toc></xar>"
    assert read(of("", toc=zlib.compress(text.encode("utf-16")))).members[0].name == b"a"
    assert read(of("", toc=zlib.compress(text.encode("utf-32")))).fatal == "corrupt"


def test_what_stood_before_broken_xml_is_read() -> None:
    heap = xar.heap_for()
    reading = read(xar.assemble(xar.file_element(1, FILE, heap, GZIP) + "<file>&x;", heap))
    assert (reading.files, reading.fatal) == ([(b"a.txt", FILE.content)], "corrupt")


def nested(depth: int) -> str:
    return "<file><name>d</name><type>directory</type>" * depth + "</file>" * depth


def test_depth_is_bounded() -> None:
    assert len(read(of(nested(400))).members) == 400
    assert read(of(nested(DEEPEST))).fatal == "corrupt"
    assert read(of("<a>" * 100_000)).fatal == "corrupt"


@pytest.mark.parametrize(
    "text",
    [
        f"<file><name>{'n' * (TEXT + 1)}</name></file>",
        f"<!-- {'c' * (5 << 20)} -->",
        f"<a b='{'v' * (5 << 20)}'/>",
        f"<{'t' * (5 << 20)}/>",
    ],
    ids=["name", "comment", "attribute", "tag"],
)
def test_texts_and_tags_are_bounded(text: str) -> None:
    assert read(of(text)).fatal == "corrupt"


def test_elements_are_bounded() -> None:
    most = 1000 * (ELEMENT + len("<a/>"))
    assert not read(of("<a/>" * 900), most).fatal
    assert read(of("<a/>" * 1000), most).fatal == "limit-metadata"


def test_a_table_larger_than_it_says_ends_at_the_limit() -> None:
    table = of(" " * (2 << 20), header={"unpacked": 1000})
    assert read(table, 1 << 20).fatal == "limit-metadata"
    assert read(table).damage == ["wrong-size"]


def test_memory_does_not_grow_with_the_table() -> None:
    data = of("<file><name>a</name><type>file</type></file>" * 100_000)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        tracemalloc.start()
        count = sum(1 for _ in read_xar(Window(file.fileno(), 0, len(data)), "p.xar", charge()))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 4 << 20


def test_long_paths_are_cut_and_said() -> None:
    long = "n" * (TEXT // 8)
    reading = read(of(f"<file><name>{long}</name>" * 8 + "</file>" * 8))
    assert max(len(member.name) for member in reading.members) == PATH
    assert set(reading.damage) == {"limit-name"}


def test_lzma_memory_is_bounded() -> None:
    """A dictionary that is larger than what may be used: a header can ask for 4 GiB."""
    head = b"\x5d" + (LZMA_MEMORY * 4).to_bytes(4, "little") + b"\xff" * 8
    packed = head + lzma.compress(b"x" * 100, lzma.FORMAT_ALONE)[13:]
    heap = xar.heap_for()
    heap.data += packed
    data = (
        f"<data><length>{len(packed)}</length><offset>20</offset><size>100</size>"
        '<encoding style="application/x-lzma"/></data>'
    )
    reading = read(xar.assemble(f"<file><name>a</name>{data}</file>", heap))
    assert reading.broken == [(b"a", "unsupported-method")]


def stretch(offset: int, length: int, name: str = "a") -> str:
    data = f"<data><length>{length}</length><offset>{offset}</offset><size>{length}</size></data>"
    return f"<file><name>{name}</name>{data}</file>"


def test_overlaps_are_said_and_shared_bytes_are_not() -> None:
    heap = xar.heap_for()
    heap.data += b"0123456789"
    same = read(xar.assemble(stretch(20, 10) + stretch(20, 10, "b"), heap))
    assert same.clean
    assert [content for _, content in same.files] == [b"0123456789"] * 2
    over = read(xar.assemble(stretch(20, 10) + stretch(22, 4, "b") + stretch(25, 5, "c"), heap))
    assert over.kinds == ["overlap"]
    assert [content for _, content in over.files] == [b"0123456789", b"2345", b"56789"]


def test_a_heap_is_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgscan.archive.xar.heap.READINGS_FLOOR", 0)
    heap = xar.heap_for()
    heap.data += bytes(10_000)
    reading = read(xar.assemble(stretch(20, 10_000) * 100, heap))
    assert len(reading.files) == 16
    assert {reason for _, reason in reading.broken} == {"overlap"}
    assert len(reading.broken) == 84


def data_at(offset: int, length: int) -> str:
    return f"<data><length>{length}</length><offset>{offset}</offset><size>{length}</size></data>"


def test_data_of_what_is_no_file_is_read() -> None:
    for kind in ("directory", "symlink", "fifo", "character special", "whiteout"):
        heap = xar.heap_for()
        heap.data += b"#!/bin/sh\n"
        text = f"<file><name>a</name><type>{kind}</type><link>x</link>{data_at(20, 10)}</file>"
        reading = read(xar.assemble(text, heap))
        assert reading.files == [(b"a", b"#!/bin/sh\n")]
        assert (reading.kinds, reading.damage) == (
            (["type-differs"], []) if kind != "whiteout" else ([], ["damaged"])
        ), kind


def test_names_and_data_given_twice_are_said() -> None:
    heap = xar.heap_for()
    heap.data += b"firstother"
    text = f"<file><name>a</name><name>b</name>{data_at(20, 5)}{data_at(25, 5)}</file>"
    reading = read(xar.assemble(text, heap))
    assert sorted(reading.files) == [(b"a", b"first"), (b"a", b"other")]
    assert reading.damage == ["damaged", "damaged"]
    assert read(of("<file><name>a<x/>b</name></file>")).damage == ["damaged", "damaged"]
    assert read(of("<file><type>file</type></file>")).damage == ["damaged"]


def test_a_child_before_its_folders_name_is_read_and_said() -> None:
    reading = read(of("<file><file><name>a</name></file><name>d</name><type>directory</type></file>"))
    assert [member.name for member in reading.members] == [b"<no name>/a", b"d"]
    assert reading.damage == ["damaged"]


def test_links() -> None:
    first = '<file id="7"><name>a</name><type link="original">hardlink</type></file>'
    reading = read(of(first + '<file><name>b</name><type link="7">hardlink</type></file>'))
    assert [(member.type, member.link_target) for member in reading.members] == [("file", b""), ("hardlink", b"a")]
    assert reading.clean
    lost = read(of('<file><name>b</name><type link="8">hardlink</type></file>'))
    assert (lost.damage, lost.members[0].type) == (["damaged"], "hardlink")
    assert read(of("<file><name>b</name><type>symlink</type></file>")).damage == ["damaged"]


def test_names_in_base64_and_odd_names() -> None:
    reading = read(of('<file><name enctype="base64">L2V0Yy+AcGFzc3dk</name></file><file><name>../x</name></file>'))
    assert [member.name for member in reading.members] == [b"/etc/\x80passwd", b"../x"]


def test_modes() -> None:
    texts = ("104755", "0644", "", "rwx", "999", "0o755")
    reading = read(of("".join(f"<file><name>a</name><mode>{text}</mode></file>" for text in texts)))
    modes = [(member.mode, member.has_mode) for member in reading.members]
    assert modes == [(0o4755, True), (0o644, True), *[(0, False)] * 4]


def test_extended_attributes_are_read() -> None:
    heap = xar.heap_for()
    heap.data += b"fork"
    text = f"<ea><name>com.apple.ResourceFork</name>{data_at(20, 4)[6:-7]}</ea>"
    reading = read(xar.assemble(f"<file><name>a</name>{text}</file>", heap))
    assert reading.files[0] == (b"a/<extended attribute com.apple.ResourceFork>", b"fork")
    assert reading.clean


def test_oddities_are_counted_not_listed() -> None:
    reading = read(of("<file/>" * 1000))
    assert len(reading.members) == 1000
    assert len(reading.damage) == 21
    assert reading.details[-1].startswith("980 more")


def cuts() -> Iterator[bytes]:
    data = xar.build(TREE)
    for end in range(0, len(data), 7):
        yield data[:end]
    for at in range(0, len(data), 11):
        yield data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]


def test_cut_or_changed_nothing_is_taken_for_whole() -> None:
    """Whatever is cut off or changed, the reader ends, and says so or gives the contents as they were."""
    whole = read(xar.build(TREE)).files
    for data in cuts():
        reading = read(data)
        assert not reading.clean or reading.files == whole
