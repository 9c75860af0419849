"""The zip reader against archives of other writers, and against what each hostile zip hides."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from hostile_cases import fixture
from pkgscan.archive.member import Damage, Window
from pkgscan.archive.zip.reader import read_zip
from zip_reading import read, read_path, read_window

forge = fixture("forge")
zips = fixture("zips")
modes = fixture("zip_modes")

TREE = {"a.txt": b"hello\n", "empty": b"", "dir/b.bin": os.urandom(300_000), "dir/c.txt": b"line\n" * 200_000}
STUB = b"#!/bin/sh\nexit 0\n"


class Pipe(io.RawIOBase):
    """Takes bytes and cannot seek, so that a writer must put sizes behind the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.data += data  # type: ignore[operator, arg-type]
        return len(data)  # type: ignore[arg-type]


def zipped(method: int = zipfile.ZIP_DEFLATED, tree: dict[str, bytes] = TREE) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in tree.items():
            archive.writestr(name, content)
    return raw.getvalue()


def built(builder: object, tmp_path: Path) -> str:
    path = str(tmp_path / "p.zip")
    builder(path)  # type: ignore[operator]
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_of_zipfile_reads_back(method: int) -> None:
    reading = read(zipped(method))
    assert dict(reading.files) == {name.encode(): content for name, content in TREE.items()}
    assert (reading.facts, reading.damage, reading.broken) == ([], [], [])


def test_a_streamed_zip_is_no_disagreement() -> None:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in TREE.items():
            archive.writestr(name, content)
        with archive.open("wide", "w", force_zip64=True) as wide:
            wide.write(b"x" * 1000)
    reading = read(bytes(pipe.data))
    assert dict(reading.files) == {name.encode(): content for name, content in TREE.items()} | {b"wide": b"x" * 1000}
    assert reading.facts == []


def test_zip64_is_read(tmp_path: Path) -> None:
    path = built(zips.build_zip64, tmp_path)
    assert zipfile.ZipFile(path).read("evil.sh") == zips.EVIL.content  # the fixture itself is right
    reading = read_path(path)
    assert reading.files == [(b"evil.sh", zips.EVIL.content)]
    assert reading.facts == []


@pytest.mark.parametrize("base", [0, len(STUB)], ids=["offsets know of it", "offsets do not"])
def test_a_program_in_front_is_a_member_of_its_own(base: int) -> None:
    data = forge.forge([zips.GOOD], before=STUB, base=base)
    reading = read(data)
    assert reading.files == [(b"<data before the archive>", STUB), (b"good.txt", b"hello\n")]
    assert reading.facts == []


def test_a_block_between_data_and_directory_is_no_disagreement() -> None:
    block = os.urandom(4096) + b"APK Sig Block 42"
    reading = read(forge.forge([forge.Piece(name=b"classes.dex", content=b"dex\n", behind=block)]))
    assert reading.files == [(b"classes.dex", b"dex\n")]
    assert reading.facts == []


def test_modes_and_links_come_from_unix_attributes() -> None:
    pieces = [
        forge.Piece(name=b"run", content=b"x", mode=forge.SETUID),
        forge.Piece(name=b"link", content=b"../target", mode=forge.LINK),
        forge.Piece(name=b"dir/", mode=stat.S_IFDIR | 0o755),
        forge.Piece(name=b"dos.txt", content=b"x", central={"made": 20, "attributes": 0x20}),
    ]
    run, link, folder, dos = read(forge.forge(pieces)).members
    assert (run.type, oct(run.mode), run.has_mode) == ("file", "0o4755", True)
    assert (link.type, link.link_target) == ("symlink", b"../target")
    assert folder.type == "directory"
    assert (dos.has_mode, dos.mode) == (False, 0)


# What unzip, 7-Zip and bsdtar make of these is asked of them in tests/oracles/test_zip_modes.py.
@pytest.mark.parametrize(("host", "mode", "extra", "kinds"), [
    (modes.DOS, 0o120777, b"", ["file", "symlink"]),  # a link to 7-Zip
    (11, 0o120777, b"", ["file", "symlink"]),
    (2, 0o120777, b"", ["file", "symlink"]),  # to Info-ZIP
    (3, 0, modes.asi(0o120777), ["file", "symlink"]),
    (3, 0o100644, modes.asi(0o120777), ["file"]),
    (modes.DOS, 0, modes.asi(0o120777), ["file"]),
    (17, 0o120777, b"", ["file"]),
])  # fmt: skip
def test_a_link_to_some_is_told_beside_the_file(host: int, mode: int, extra: bytes, kinds: list[str]) -> None:
    reading = read(forge.forge([modes.entry(b"a", b"b", host, mode, extra=extra)]))
    assert [member.type for member in reading.members] == kinds
    assert reading.kinds == ({"type-differs"} if "symlink" in kinds else set())
    assert reading.files[0] == (b"a", b"b")


@pytest.mark.parametrize(("host", "mode", "low", "extra", "expected"), [
    (3, 0, 0, modes.asi(0o104755), 0o4755),
    (3, 0o100644, 0, modes.asi(0o104755), 0o644),
    (18, 0, 0, modes.asi(0o104755), 0o4755),
    (18, 0o100644, 0, modes.asi(0o104755), 0),
    (2, 0o104755, 0, b"", 0o4755),
    (modes.DOS, 0o104755, 0, b"", 0),  # not what its DOS attributes come to
    (modes.DOS, 0o104655, 0, b"", 0o4655),
    (modes.DOS, 0o100600, 0, b"", 0),  # as Python on Windows writes it, where it means nothing
    (modes.DOS, 0o104455, 1, b"", 0o4455),
    (14, 0o104755, 0, b"", 0),
])  # fmt: skip
def test_a_mode_is_that_which_some_unpacker_gives(host: int, mode: int, low: int, extra: bytes, expected: int) -> None:
    reading = read(forge.forge([modes.entry(b"a", b"b", host, mode, low=low, extra=extra)]))
    assert [(member.mode, member.has_mode) for member in reading.members] == [(expected, expected != 0)]


@pytest.mark.parametrize("content", [b"x" * 4097, b"* * * * * root /bin/true\n", b"a\0b"])
def test_what_no_link_holds_is_read_as_a_file(content: bytes) -> None:
    piece = forge.Piece(name=b"link", content=content, mode=forge.LINK, method=forge.DEFLATED)
    reading = read(forge.forge([piece]))
    assert (reading.files, reading.kinds) == ([(b"link", content)], {"type-differs"})


def test_the_longest_link_is_a_link() -> None:
    reading = read(forge.forge([forge.Piece(name=b"link", content=b"x" * 4096, mode=forge.LINK)]))
    assert (reading.members[0].link_target, reading.facts) == (b"x" * 4096, [])


@pytest.mark.parametrize(
    ("name", "mode"),
    [(b"etc/x", stat.S_IFDIR), (b"etc/x", stat.S_IFBLK), (b"etc/x/", stat.S_IFDIR)],
)
def test_data_is_read_whatever_the_attributes_say(name: bytes, mode: int) -> None:
    reading = read(forge.forge([forge.Piece(name=name, content=b"data", mode=mode | 0o755)]))
    assert (reading.files, reading.kinds) == ([(name, b"data")], {"type-differs"})


def test_what_was_packed_from_a_pipe_is_a_file() -> None:
    reading = read(forge.forge([forge.Piece(name=b"-", content=b"data", mode=stat.S_IFIFO | 0o644)]))
    assert (reading.files, reading.kinds) == ([(b"-", b"data")], set())
    assert reading.members[0].type == "file"


def test_a_directory_packed_as_nothing_is_one() -> None:
    """The tool of the JDK deflates its directories: two bytes for nothing."""
    piece = forge.Piece(name=b"META-INF/", method=forge.DEFLATED)
    reading = read(forge.forge([piece]))
    assert ([member.type for member in reading.members], reading.facts) == (["directory"], [])


@pytest.mark.parametrize(
    ("name", "flags", "expected"),
    [
        (b"caf\xc3\xa9", 0x0800, "caf\u00e9".encode()),
        (b"caf\xc3\xa9", 0, "caf\u00e9".encode()),  # unflagged, and valid UTF-8 all the same
        (b"caf\x82", 0, "caf\u00e9".encode()),  # 0x82 is e with acute in code page 437
        (b"caf\xe9", 0x0800, b"caf\xe9"),  # a broken promise stays visible
    ],
)
def test_names_become_utf8(name: bytes, flags: int, expected: bytes) -> None:
    assert read(forge.forge([forge.Piece(name=name, flags=flags)])).members[0].name == expected


def test_a_unicode_path_that_only_adds_accents_is_no_disagreement() -> None:
    extra = forge.unicode_path(b"caf?.txt", "caf\u00e9.txt".encode())
    reading = read(forge.forge([forge.Piece(name=b"caf?.txt", local={"extra": extra}, central={"extra": extra})]))
    assert reading.members[0].name == "caf\u00e9.txt".encode()
    assert reading.facts == []


def test_stored_members_say_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(b"stub" * 2 + zipped(zipfile.ZIP_STORED, {"inner": b"content"}))
    member = read_path(str(path)).members[1]
    assert member.stored_at is not None
    at, size = member.stored_at
    assert path.read_bytes()[at : at + size] == b"content"


SAYS = [
    ("name_differs", {"name-differs"}, {b"good.txt", b"evil.ps1"}),
    ("local_only", {"local-only"}, {b"good.txt", b"hidden.sh", b"last.txt"}),
    ("local_only_first", {"local-only"}, {b"good.txt", b"hidden.sh"}),
    ("local_only_behind_deflate", {"size-differs", "local-only"}, {b"good.txt", b"evil.sh"}),
    ("directory_only", {"directory-only", "local-only"}, {b"good.txt", b"ghost.sh"}),
    ("shared_header", {"shared-header"}, {b"a.sh", b"b.sh"}),
    ("overlap", {"overlap"}, {b"all.bin", b"evil.sh"}),
    ("two_archives", {"second-archive"}, {b"<data before the archive>", b"evil.sh"}),
    ("archive_in_comment", {"archive-in-comment"}, {b"<data before the archive>", b"evil.sh"}),
    ("size_lie", {"size-differs"}, {b"a.sh"}),
    ("crc_lie", set(), set()),
    ("crc_differs", {"crc-differs"}, {b"a.sh"}),
    ("method_differs", {"method-differs"}, {b"a.sh"}),
    ("encryption_differs", {"encryption-differs"}, {b"a.sh"}),
    ("encrypted", set(), {b"good.txt"}),
    ("count_lie", {"count-differs"}, {b"good.txt", b"evil.sh"}),
    ("nul_name", {"nul-in-name"}, {b"good.txt\0.sh"}),
    ("duplicate_name", {"duplicate-name"}, {b"a.sh"}),
    ("unicode_name", {"unicode-name-differs"}, {b"good.txt", b"evil.sh"}),
    ("descriptor_lie", {"size-differs"}, {b"a.sh"}),
    ("data_after_end", {"data-after-end"}, {b"good.txt", b"<data after the archive>"}),
    ("two_directories", {"second-directory", "local-only"}, {b"good.txt", b"evil.sh"}),
]


@pytest.mark.parametrize(("builder", "kinds", "names"), SAYS, ids=[row[0] for row in SAYS])
def test_each_disagreement_is_named_and_read(builder: str, kinds: set[str], names: set[bytes], tmp_path: Path) -> None:
    reading = read_path(built(getattr(zips, f"build_{builder}"), tmp_path))
    assert reading.kinds == kinds
    assert {name for name, _ in reading.files} == names


def test_both_readings_of_a_size_lie_are_given(tmp_path: Path) -> None:
    reading = read_path(built(zips.build_size_lie, tmp_path))
    assert reading.files == [(b"a.sh", b"echo\n")]
    assert reading.broken == [(b"a.sh", "bad-checksum")]


def test_both_archives_of_two_hold_what_they_hold(tmp_path: Path) -> None:
    reading = read_path(built(zips.build_two_archives, tmp_path))
    assert [read(content).files for name, content in reading.files if name.startswith(b"<")] == [
        [(b"good.txt", b"hello\n")]
    ]


def test_a_cut_zip_gives_what_is_left(tmp_path: Path) -> None:
    reading = read_path(built(zips.build_truncated, tmp_path))
    assert reading.damage == ["truncated"]
    assert reading.files == [(b"good.txt", b"hello\n")]
    assert reading.broken == [(b"big.bin", "truncated")]


def test_a_cut_streamed_zip_finds_its_members_by_reading_them(tmp_path: Path) -> None:
    reading = read_path(built(zips.build_truncated_streamed, tmp_path))
    assert reading.files == [(b"100.txt", b"line\n" * 100), (b"200.txt", b"line\n" * 200)]


def test_neither_records_nor_headers_is_fatal() -> None:
    assert read(b"PK\x03\x05 not a zip").damage == ["corrupt"]


@pytest.mark.parametrize(
    ("builder", "reason"),
    [("encrypted", "encrypted"), ("crc_lie", "bad-checksum"), ("unknown_method", "unsupported-method")],
)
def test_what_cannot_be_read_says_why(builder: str, reason: str, tmp_path: Path) -> None:
    reading = read_path(built(getattr(zips, f"build_{builder}"), tmp_path))
    assert [found for _, found in reading.broken] == [reason]


def test_facts_of_one_kind_are_counted_not_repeated() -> None:
    pieces = [forge.Piece(name=b"%d" % n, local={"name": b"other"}) for n in range(500)]
    reading = read(forge.forge(pieces))
    assert len(reading.facts) == 101
    assert reading.facts[-1].text == "400 more entries like these"


def test_shared_bytes_are_read_a_few_times_only(tmp_path: Path) -> None:
    reading = read_path(built(zips.build_shared_header_5000, tmp_path))
    assert len(reading.files) == 16
    assert [fact.text for fact in reading.facts] == ["5000 entries of the directory point to one local header"]


def test_memory_grows_by_words_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(forge.forge([forge.Piece(name=b"%06d" % n) for n in range(60_000)]))
    with path.open("rb") as file:
        window = Window(file.fileno(), 0, path.stat().st_size)
        tracemalloc.start()
        for item in read_zip(window, "p", 60_000):
            for _ in item.content:
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 60_000 * 150 + (4 << 20)  # sorting takes a passing list of numbers; the directory a buffer


def test_a_directory_far_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(forge.forge([forge.Piece(name=b"%d" % n) for n in range(9)]))
    with path.open("rb") as file:
        window = Window(file.fileno(), 0, path.stat().st_size)
        assert len(list(read_zip(window, "p", 3))) == 9
        with pytest.raises(Damage, match="--limit archive_entries=N") as caught:
            list(read_zip(window, "p", 2))
    assert caught.value.reason == "limit-archive-entries"


@pytest.mark.oracle
@pytest.mark.parametrize("options", [("-qr",), ("-qry",), ("-qr", "-fz"), ("-qr", "-Z", "store"), ("-qr", "-9")])
def test_info_zip_is_read_in_silence(options: tuple[str, ...], tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "dir").mkdir(parents=True)
    for name, content in TREE.items():
        (tree / name).write_bytes(content)
    (tree / "link").symlink_to("a.txt")
    subprocess.run(["/usr/bin/zip", *options, "../p.zip", "."], cwd=tree, check=True)
    reading = read_path(str(tmp_path / "p.zip"))
    assert (reading.facts, reading.damage, reading.broken) == ([], [], [])
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert reading.files == [(info.filename.encode(), archive.read(info)) for info in archive.infolist()]


def test_a_window_in_a_larger_file_is_kept_to() -> None:
    inner = zipped(zipfile.ZIP_DEFLATED, {"a": b"x"})
    path = os.memfd_create("outer")
    os.write(path, b"y" * 1000 + inner + b"z" * 1000)
    try:
        reading = read_window(Window(path, 1000, len(inner)))
    finally:
        os.close(path)
    assert reading.files == [(b"a", b"x")]
    assert reading.facts == []


@pytest.mark.parametrize(
    ("system", "name", "expected"),
    [
        (0, "etc\\cron.d\\app", b"etc/cron.d/app"),
        (0, "etc\\cron.d/app", b"etc\\cron.d/app"),
        (3, "etc\\cron.d\\app", b"etc\\cron.d\\app"),
    ],
)
def test_backslashes_of_dos_are_slashes(system: int, name: str, expected: bytes, tmp_path: Path) -> None:
    """As Info-ZIP, 7-Zip and bsdtar unpack it: `unzip` warns that the name appears to use backslashes."""
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = system
        archive.writestr(info, "0 3 * * * root /opt/app\n")
    reading = read_path(str(tmp_path / "p.zip"))
    assert [found for found, _ in reading.files] == [expected]
    assert (reading.facts, reading.damage) == ([], [])
