"""RAR archives: what libarchive does not check is checked, and no header leads anywhere but forward."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from built_archives import builder
from charging import charge
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.rar import rar4 as rar4_blocks
from pkgscan.archive.rar import rar5 as rar5_blocks
from pkgscan.archive.rar.block import LEAST, Block
from pkgscan.archive.rar.content import Blake2sp
from pkgscan.archive.rar.names import misleads
from pkgscan.archive.rar.reader import read_rar

item, rar4, rar5 = builder("item"), builder("rar4"), builder("rar5")
NUMBER = rar5.number
SCRIPT, OTHER = item.SCRIPT, item.Item(name="other.txt", content=b"other\n")
BOTH = {"4": rar4.build([SCRIPT, OTHER]), "5": rar5.build([SCRIPT, OTHER])}


class Counted(Window):
    """A window that counts how often it is read."""

    reads = 0

    def read(self, at: int, count: int) -> bytes:
        self.reads += 1
        return super().read(at, count)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Any]:
    files = []

    def make(data: bytes) -> Counted:
        path = tmp_path / f"{len(files)}.rar"
        path.write_bytes(data)
        files.append(path.open("rb"))
        return Counted(files[-1].fileno(), 0, os.path.getsize(path))

    yield make
    for file in files:
        file.close()


def read(archive: Window, most: int = Limits().metadata) -> tuple[dict[str, tuple[str, bytes]], list[str]]:
    """Members by their name (type, and content or target), and the kinds of everything that was said."""
    members: dict[str, tuple[str, bytes]] = {}
    said: list[str] = []
    try:
        for one in read_rar(archive, "p.rar", charge(most)):
            if not isinstance(one, Member):
                said.append(one.reason if isinstance(one, Damage) else one.disagreement)  # type: ignore[attr-defined]
                continue
            content = b""
            try:
                for block in one.content:
                    content += block
            except Damage as damage:
                said.append(damage.reason)
            members[one.name.decode()] = one.type, one.link_target or content
    except Damage as damage:
        said.append(damage.reason)
    return members, said


def block4(kind: int, flags: int, fields: bytes = b"", size: int = -1) -> bytes:
    """A block of RAR 4 of any stated size, its checksum right."""
    head = struct.pack("<BHH", kind, flags, size if size >= 0 else 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def file4(name: bytes, content: bytes, *, flags: int = 0, method: int = rar4.STORED, **lies: int) -> bytes:
    """A file of RAR 4; `lies` are other values for packed, size, crc, mode, version."""
    values = {"packed": len(content), "size": len(content), "crc": zlib.crc32(content), "mode": 0o100644} | lies
    fields = struct.pack(
        "<IIBIIBBHI", values["packed"], values["size"], rar4.UNIX, values["crc"], rar4.WHEN, values.get("version", 29),
        method, len(name), values["mode"],
    )  # fmt: skip
    return block4(rar4.FILE, rar4.HAS_DATA | flags, fields + name) + content


def archive4(*blocks: bytes) -> bytes:
    return bytes(rar4.MARK + block4(rar4.MAIN, 0, bytes(6)) + b"".join(blocks) + block4(rar4.END, 0x4000))


def archive5(*blocks: bytes) -> bytes:
    main, end = rar5.block(rar5.MAIN, NUMBER(0)), rar5.block(rar5.END, NUMBER(0))
    return bytes(rar5.MARK + main + b"".join(blocks) + end)


def file5(one: Any, extra: bytes = b"", data: bytes | None = None) -> bytes:
    fields = rar5.fields_of(one, len(one.content), one.content)
    return bytes(rar5.block(rar5.FILE, fields, data=one.content if data is None else data, extra=extra))


def redirection(kind: int, target: bytes) -> bytes:
    fields = NUMBER(kind) + NUMBER(0) + NUMBER(len(target)) + target
    return bytes(rar5.extra_record(rar5.REDIRECTION, fields))


@pytest.mark.parametrize("form", BOTH)
def test_a_changed_byte_of_a_stored_member_is_noticed(form: str, window: Any) -> None:
    data = bytearray(BOTH[form])
    data[data.index(SCRIPT.content) + 3] ^= 1
    members, said = read(window(bytes(data)))
    assert said == ["bad-checksum"]
    assert members["other.txt"] == ("file", OTHER.content)


@pytest.mark.parametrize("form", BOTH)
def test_a_changed_byte_of_a_header_is_noticed(form: str, window: Any) -> None:
    data = bytearray(BOTH[form])
    data[data.index(SCRIPT.name.encode())] ^= 1
    members, said = read(window(bytes(data)))
    assert "bad-checksum" in said
    assert members["other.txt"] == ("file", OTHER.content)


@pytest.mark.parametrize("form", BOTH)
def test_every_cut_is_said(form: str, window: Any) -> None:
    data = BOTH[form]
    for end in range(len(rar5.MARK), len(data)):
        assert read(window(data[:end]))[1], end
    assert read(window(data)) == ({one.name: ("file", one.content) for one in (SCRIPT, OTHER)}, [])


@pytest.mark.parametrize("form", BOTH)
def test_what_is_behind_the_end_is_read_and_said(form: str, window: Any) -> None:
    members, said = read(window(BOTH[form] + bytes(9) + b"behind"))
    assert said == ["data-after-end"]
    assert members["<data after the archive>"] == ("file", bytes(9) + b"behind")
    assert read(window(BOTH[form] + bytes(512)))[1] == []


def test_an_old_archive_needs_no_end(window: Any) -> None:
    """RAR 1.5 and 2 wrote no end block: rarfile's rar202-comment-nopsw.rar is one."""
    whole = archive4(file4(b"a.txt", b"a\n", version=20))[:-7]
    assert read(window(whole)) == ({"a.txt": ("file", b"a\n")}, [])


def test_a_copy_is_a_link_to_what_stands_before_it(window: Any) -> None:
    copy = item.Item(name="etc/cron.d/x")
    data = archive5(file5(SCRIPT), file5(copy, redirection(5, SCRIPT.name.encode())))
    members, said = read(window(data))
    assert (members["etc/cron.d/x"], said) == (("hardlink", SCRIPT.name.encode()), [])


@pytest.mark.parametrize("kind", [4, 5])
def test_a_copy_of_nothing_is_said(kind: int, window: Any) -> None:
    data = archive5(file5(item.Item(name="x"), redirection(kind, b"not there")), file5(SCRIPT))
    assert read(window(data))[1] == ["damaged"]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_links_have_their_target(kind: int, window: Any) -> None:
    data = archive5(file5(item.Item(name="x"), redirection(kind, b"../y")), file5(SCRIPT))
    members, said = read(window(data))
    assert (members["x"], said) == (("symlink", b"../y"), [])


def test_data_under_a_link_are_read(window: Any) -> None:
    data = archive5(file5(item.Item(name="x"), redirection(1, b"y"), data=b"#!/bin/sh\n"))
    members, said = read(window(data))
    assert members["x"] == ("file", b"#!/bin/sh\n")
    assert "type-differs" in said


def test_data_of_a_directory_are_read(window: Any) -> None:
    data = archive4(file4(b"d", b"#!/bin/sh\n", flags=rar4.FOLDER))
    members, said = read(window(data))
    assert (members["d"], said) == (("file", b"#!/bin/sh\n"), ["type-differs"])


@pytest.mark.parametrize("mode", [0o040755, 0o010644, 0o020644])
def test_a_mode_hides_no_content(mode: int, window: Any) -> None:
    members, _ = read(window(archive4(file4(b"f", b"content\n", mode=mode))))
    assert members["f"] == ("file", b"content\n")


@pytest.mark.parametrize("lie", [{"size": 3}, {"size": 0}, {"size": 0xFFFF}])
def test_a_size_that_lies_is_said(lie: dict[str, int], window: Any) -> None:
    members, said = read(window(archive4(file4(b"f", b"content\n", **lie), file4(b"g", b"g"))))
    assert (members["f"], said) == (("file", b"content\n"), ["wrong-size"])
    assert members["g"] == ("file", b"g")


def test_a_name_twice_is_said(window: Any) -> None:
    for data in (archive4(file4(b"f", b"1"), file4(b"f", b"2")), archive5(file5(SCRIPT), file5(SCRIPT))):
        assert read(window(data))[1] == ["duplicate-name"]


def test_a_block_that_nobody_knows_is_said(window: Any) -> None:
    assert read(window(archive4(file4(b"f", b"1"), block4(0x7F, 0))))[1] == ["unsupported-format"]
    assert read(window(archive4(file4(b"f", b"1"), block4(0x7F, rar4.IF_UNKNOWN_SKIP))))[1] == []
    assert read(window(archive5(file5(SCRIPT), rar5.block(9, b""))))[1] == ["unsupported-format"]


def test_two_names_of_one_file(window: Any) -> None:
    """The name for old systems may be a poor spelling of the Unicode name, and not another."""
    unicode = b"\0\xaa" + "böse".encode("utf-16-le")
    assert read(window(archive4(file4(b"b?se" + unicode, b"1", flags=rar4.UNICODE))))[1] == []
    assert read(window(archive4(file4(b"nett" + unicode, b"1", flags=rar4.UNICODE))))[1] == ["name-differs"]


@pytest.mark.parametrize(
    ("name", "old", "expected"),
    [
        ("größe.txt", b"gr\x94\xe1e.txt", False),  # code page 437
        ("größe.txt", b"groBe.txt", False),  # letters that look alike
        ("größe.txt", b"cron.d/ab", True),
        ("ab.txt", b"ab.exe", True),
        ("テキスト.txt", "テキスト.txt".encode("cp932"), False),
        ("\U0001d400\U0001d401.txt", b"????.txt", False),
        ("\U0001d400\U0001d401.txt", b"a.txt", True),
    ],
)
def test_old_names(name: str, old: bytes, expected: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    assert misleads(name.encode(), old) is expected


def test_packed_names() -> None:
    """The four codes of the technical note: a byte, a byte with the high one, two bytes, a run of the old name."""
    packed = bytes((0x04, 0b00_01_10_11, ord("a"), 0x38, 0x3D, 0xD8, 0x00))
    assert rar4_blocks._unpacked(b"a?", packed[:-1] + b"\0").decode("utf-8", "surrogatepass") == "a\u0438\ud83d"
    assert rar4_blocks._unpacked(b"abcdef", bytes((0x04, 0b11_00_00_00, 0x01))) == b"abc"
    assert rar4_blocks._unpacked(b"abc", bytes((0x04, 0b11_00_00_00, 0x81, 0x01))).decode() == "\u0462\u0463\u0464"


def test_blake2sp_of_nothing() -> None:
    """As the test vectors that are published with BLAKE2 have it."""
    assert Blake2sp().digest().hex() == "dd0e891776933f43c7d032b08a917e25741f8aa9a12c12e1cac8801500f2ca4f"


def test_blake2sp_does_not_care_for_pieces() -> None:
    content = bytes(n * 7 & 0xFF for n in range(3000))
    whole, pieces = Blake2sp(), Blake2sp()
    whole.update(content)
    for start in range(0, len(content), 37):
        pieces.update(content[start : start + 37])
    assert whole.digest() == pieces.digest()


MOST = 0xFFFFFFFF
HOSTILE4 = {
    "no size": block4(rar4.FILE, 0, b"", 0),
    "size before the fields": block4(rar4.FILE, 0, bytes(4)),
    "no room for the size of data": block4(rar4.MAIN, rar4.HAS_DATA),
    "header past the end": block4(rar4.FILE, 0, bytes(30), 0xFFFF),
    "data past the end": file4(b"f", b"1", packed=MOST),
    "name past the header": block4(rar4.FILE, 0, struct.pack("<IIBIIBBHI", 0, 0, 3, 0, 0, 29, 0x30, 0xFFFF, 0)),
    "large sizes": block4(
        rar4.FILE, 0x8100, struct.pack("<IIBIIBBHI", MOST, MOST, 3, 0, 0, 29, 0x30, 1, 0) + b"\xff" * 8 + b"f"
    ),
}


@pytest.mark.parametrize("name", HOSTILE4)
def test_hostile_headers_of_rar_4(name: str, window: Any) -> None:
    said = read(window(archive4(file4(b"a", b"a"), HOSTILE4[name], file4(b"b", b"b"))))[1]
    assert {"truncated", "corrupt"} & set(said)


def raw5(body: bytes) -> bytes:
    """A block of RAR 5 with any fields, its size and checksum right."""
    body = NUMBER(len(body)) + body
    return struct.pack("<I", zlib.crc32(body)) + body


LARGE = NUMBER((1 << 64) - 1)  # ten bytes
ENDLESS = b"\xff" * 11
HOSTILE5 = {
    "no size": struct.pack("<I", zlib.crc32(b"\0")) + b"\0",
    "endless size": bytes(4) + ENDLESS,
    "endless type": raw5(ENDLESS),
    "header past the end": bytes(4) + b"\xff\xff\x7f",
    "extra past the header": raw5(b"\x02\x01" + LARGE + bytes(20)),
    "data past the end": raw5(b"\x02\x02" + LARGE + b"\0\0\0\0\0\x01f"),
    "name past the header": raw5(b"\x02\x00" + b"\0\0\0\0\0" + LARGE),
    "record past the header": raw5(b"\x02\x01\x0b" + b"\0\0\0\0\0\x01f" + LARGE + b"\x05"),
    "empty record": raw5(b"\x02\x01\x01" + b"\0\0\0\0\0\x01f" + b"\0"),
    "target past the record": raw5(b"\x02\x01\x0e" + b"\0\0\0\0\0\x01f" + b"\x0d\x05\x01\x00" + LARGE),
}


@pytest.mark.parametrize("name", HOSTILE5)
def test_hostile_headers_of_rar_5(name: str, window: Any) -> None:
    said = read(window(archive5(file5(SCRIPT), HOSTILE5[name], file5(OTHER))))[1]
    assert {"truncated", "corrupt"} & set(said)


def test_ten_bytes_are_a_number_and_eleven_are_none() -> None:
    fields = rar5_blocks._Fields(LARGE)
    assert (fields.number(), fields.at) == ((1 << 64) - 1, 10)
    with pytest.raises(ValueError, match="does not end"):
        rar5_blocks._Fields(ENDLESS).number()


@pytest.mark.parametrize(
    ("blocks", "data"),
    [
        (rar4_blocks.blocks, rar4.MARK + block4(0x7F, rar4.IF_UNKNOWN_SKIP) * 20_000),
        (rar5_blocks.blocks, rar5.MARK + rar5.block(9, b"", flags=4) * 20_000),
    ],
)
def test_each_header_is_read_once(blocks: Any, data: bytes, window: Any) -> None:
    archive = window(data)
    found = [one for one in blocks(archive) if isinstance(one, Block)]
    assert len(found) == 20_000
    assert archive.reads <= 20_001
    assert all(one.end > one.at for one in found)


def test_blocks_have_a_limit(window: Any) -> None:
    for data in (
        rar4.MARK + block4(0x7F, rar4.IF_UNKNOWN_SKIP) * 12,
        rar5.MARK + rar5.block(9, b"", flags=4) * 12,
    ):
        assert read(window(data), 11 * LEAST)[1] == ["limit-metadata"]
        assert read(window(data), 12 * LEAST)[1] != ["limit-metadata"]
