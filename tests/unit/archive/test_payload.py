"""Archives behind programs and scripts: found where they begin, and nothing found in what only looks like it."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from pkgscan.archive.formats import FAR_HEAD
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Window
from pkgscan.archive.payload.marks import MOST_CHECKED, MOST_MET
from pkgscan.archive.payload.search import find, may_hold
from pkgscan.archive.stream import TAIL

SEARCHED = Limits().payload
SCRIPT = b'#!/bin/sh\nsed "1,/^exit/d" "$0" | unpack\nexit 0\n'
LONG = SCRIPT[:-7] + b"# filler\n" * 20_000 + SCRIPT[-7:]
NOISE = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(100))
CONTENT = b"".join(b"%d is a line\n" % number for number in range(5000))


def tar(form: int = tarfile.GNU_FORMAT) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        info = tarfile.TarInfo("app/run.sh")
        info.size = len(CONTENT)
        archive.addfile(info, io.BytesIO(CONTENT))
    return raw.getvalue()


def seven() -> bytes:
    start = struct.pack("<QQL", 100, 30, 0)
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + bytes(range(130))


def cab() -> bytes:
    return b"MSCF" + struct.pack("<LLLLLBBHHHHH", 0, 900, 0, 44, 0, 3, 1, 1, 1, 0, 7, 0) + bytes(864)


PAYLOADS = {
    "gzip": gzip.compress(tar()),
    "bzip2": bz2.compress(tar()),
    "xz": lzma.compress(tar()),
    "lzma": lzma.compress(tar(), format=lzma.FORMAT_ALONE),
    "tar": tar(),
    "7z": seven(),
    "cab": cab(),
    "rar": b"Rar!\x1a\x07\x00" + bytes(100),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x58" + struct.pack("<L", 1 | 60 << 3)[:3] + bytes(100),
    "deb": b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n" + bytes(200),
    "cpio": b"070701" + b"0" * 104 + b"x\0" + bytes(100),
    "rpm": b"\xed\xab\xee\xdb\3\0\0\0" + bytes(100),
    "squashfs": b"hsqs" + bytes(24) + b"\4\0\0\0" + bytes(100),
    "data encrypted with openssl": b"Salted__" + bytes(range(100)),
}


def behind(where: Path, data: bytes) -> tuple[str, int] | None:
    """What the two looks together find."""
    if not may_hold(data[:FAR_HEAD], data[-TAIL:], len(data)):
        return None
    return found(where, data)


def found(where: Path, data: bytes) -> tuple[str, int] | None:
    path = where / "content"
    path.write_bytes(data)
    with path.open("rb") as file:
        return find(Window(file.fileno(), 0, len(data)), SEARCHED)


@pytest.mark.parametrize("form", PAYLOADS)
@pytest.mark.parametrize("script", [SCRIPT, LONG, b"@echo off\r\nexpand %0\r\nexit /b\r\n", b"tail -n +2 $0\n"])
def test_behind_scripts(form: str, script: bytes, tmp_path: Path) -> None:
    assert behind(tmp_path, script + PAYLOADS[form]) == (form, len(script))


@pytest.mark.parametrize("form", ["gzip", "bzip2", "xz", "tar", "7z"])
def test_a_payload_needs_no_line_of_its_own(form: str, tmp_path: Path) -> None:
    script = SCRIPT.ljust(4096, b" ")
    assert behind(tmp_path, script + PAYLOADS[form]) == (form, 4096)


def test_the_first_archive_counts_and_not_one_in_it(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = len(PAYLOADS["gzip"]) + 1
        archive.addfile(info, io.BytesIO(b"\n" + PAYLOADS["gzip"]))
    assert behind(tmp_path, SCRIPT + raw.getvalue()) == ("tar", len(SCRIPT))


BROKEN = {
    "gzip, method": b"\x1f\x8b\x07" + PAYLOADS["gzip"][3:],
    "gzip, flags": b"\x1f\x8b\x08\xe0" + PAYLOADS["gzip"][4:],
    "gzip, no block": PAYLOADS["gzip"][:10] + b"\xff" * 200,
    "bzip2": b"BZh9" + bytes(100),
    "xz": b"\xfd7zXZ\0\0\4" + bytes(100),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100),
    "cab": b"MSCF" + bytes(100),
    "tar": b"name".ljust(257, b"\0") + b"ustar\x0000" + bytes(600),
    "zstd": b"\x28\xb5\x2f\xfd\x0c" + b"\xff" * 100,
    "lz4": b"\x04\x22\x4d\x18" + bytes(100),
    "compress": b"\x1f\x9d\xff" + bytes(100),
    "squashfs": b"hsqs" + bytes(100),
    "ar": b"!<arch>\n" + bytes(100),
    "nothing": bytes(100),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mark_alone_is_no_archive(case: str, tmp_path: Path) -> None:
    assert behind(tmp_path, SCRIPT + BROKEN[case]) is None


def test_too_many_false_marks_are_no_hiding_place(tmp_path: Path) -> None:
    data = SCRIPT + b"\x1f\x8b\x08\xff" * (MOST_CHECKED + 1) + bytes(100)
    assert behind(tmp_path, data) == ("gzip", len(SCRIPT) + 4 * MOST_CHECKED)


def test_words_that_are_marks_may_come_often(tmp_path: Path) -> None:
    words = b"BZh9 070701 070707 LZIP xar! hsqs LRZI\n" * (MOST_CHECKED + 1) + bytes(100)
    assert behind(tmp_path, SCRIPT + words) is None
    assert behind(tmp_path, SCRIPT + words + PAYLOADS["cpio"]) == ("cpio", len(SCRIPT + words))
    data = SCRIPT + b"LZIP\xff " * (MOST_MET + 1) + bytes(100)
    assert behind(tmp_path, data) == ("lzip", len(SCRIPT) + 6 * MOST_MET)


def test_where_the_search_ends_is_told(tmp_path: Path) -> None:
    script = SCRIPT[:-7] + b"# filler\n" * (6 * SEARCHED // 5 // 9) + SCRIPT[-7:]
    assert behind(tmp_path, script + PAYLOADS["gzip"]) == ("", SEARCHED)
    program = elf()
    assert behind(tmp_path, program + bytes(SEARCHED + (1 << 20)) + PAYLOADS["gzip"]) == ("", len(program) + SEARCHED)


@pytest.mark.parametrize(
    ("end", "said"), [(PAYLOADS["gzip"], True), (b"the end\n\x1a" + bytes(100), False), (b"", False)]
)
def test_a_long_text_that_ends_in_data_is_told(end: bytes, said: bool, tmp_path: Path) -> None:  # noqa: FBT001
    text = b"tail -n +9 $0\n" + b"any text\n" * (6 * SEARCHED // 5 // 9)
    assert behind(tmp_path, text + end) == (("", SEARCHED) if said else None)


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"#?RADIANCE\n", b"P6\n"])
def test_images_are_no_scripts_however_long(head: bytes, tmp_path: Path) -> None:
    assert behind(tmp_path, head + b"\1\2\3\4" * (SEARCHED // 3)) is None


@pytest.mark.parametrize("form", ["gzip", "bzip2", "xz", "tar"])
def test_base64(form: str, tmp_path: Path) -> None:
    data = SCRIPT + base64.encodebytes(PAYLOADS[form])
    assert behind(tmp_path, data) == ("base64", len(SCRIPT))
    if form != "tar":
        line = b"#!/bin/sh\necho '" + base64.b64encode(PAYLOADS[form]) + b"' | base64 -d\n"
        assert behind(tmp_path, line) == ("base64", 16)


def uuencoded(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 file\n" + b"".join(lines) + b"`\nend\n"


def test_uuencoded(tmp_path: Path) -> None:
    assert behind(tmp_path, SCRIPT + uuencoded(PAYLOADS["xz"])) == ("uuencode", len(SCRIPT))
    assert behind(tmp_path, SCRIPT + uuencoded(CONTENT)) is None
    assert behind(tmp_path, SCRIPT + b"begin 644 file\n\x00\xff bad\nend\n") is None


@pytest.mark.parametrize("text", [base64.encodebytes(NOISE), CONTENT, b"H4sI\n", b"begin 6 times\n"])
def test_plain_scripts_hold_none(text: bytes, tmp_path: Path) -> None:
    assert behind(tmp_path, SCRIPT + text) is None


def test_a_zip_is_left_to_who_finds_it_by_its_end(tmp_path: Path) -> None:
    raw = io.BytesIO(SCRIPT)
    raw.seek(0, io.SEEK_END)
    with zipfile.ZipFile(raw, "a") as archive:
        archive.writestr("inner", CONTENT)
    data = raw.getvalue()
    assert behind(tmp_path, data) is None
    assert behind(tmp_path, data[:-40]) == ("zip", len(SCRIPT))


def elf(*, wide: bool = True, order: str = "<", sections_last: bool = True) -> bytes:
    """A header, one segment, one section that takes room and one that takes none."""
    text = bytes(range(256)) * 4
    at = 512
    table = at + len(text) if sections_last else 256
    number, entry, own, segment = ("Q", 64, 64, 56) if wide else ("L", 40, 52, 32)
    ident = b"\x7fELF" + bytes((2 if wide else 1, 1 if order == "<" else 2, 1)) + bytes(9)
    rest = struct.pack(f"{order}HHL3{number}L6H", 2, 62, 1, 0, own, table, 0, own, segment, 1, entry, 2, 0)
    if wide:
        load = struct.pack(order + "LL6Q", 1, 5, at, 0, 0, len(text), len(text), 0)
        rows = [struct.pack(order + "LL4QLLQQ", 0, kind, 0, 0, at, size, 0, 0, 0, 0) for kind, size in SECTIONS]
    else:
        load = struct.pack(order + "8L", 1, at, 0, 0, len(text), len(text), 5, 0)
        rows = [struct.pack(order + "10L", 0, kind, 0, 0, at, size, 0, 0, 0, 0) for kind, size in SECTIONS]
    data = bytearray((ident + rest + load).ljust(at, b"\0") + text)
    data[table : table + 2 * entry] = b"".join(rows)
    return bytes(data)


SECTIONS = ((1, 1024), (8, 1 << 30))


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("sections_last", [True, False])
@pytest.mark.parametrize("form", ["squashfs", "7z", "gzip", "tar"])
def test_behind_elf(form: str, wide: bool, order: str, sections_last: bool, tmp_path: Path) -> None:  # noqa: FBT001
    program = elf(wide=wide, order=order, sections_last=sections_last)
    assert behind(tmp_path, program) is None
    assert behind(tmp_path, program + PAYLOADS[form]) == (form, len(program))
    assert behind(tmp_path, program + bytes(4096) + PAYLOADS[form]) == (form, len(program) + 4096)


def pe(*sections: tuple[bytes, bytes], certificates: tuple[int, int] = (0, 0), wide: bool = True) -> bytes:
    optional = bytearray(240 if wide else 224)
    struct.pack_into("<H", optional, 0, 0x20B if wide else 0x10B)
    struct.pack_into("<LL", optional, 144 if wide else 128, *certificates)
    coff = struct.pack("<HHLLLHH", 0x8664, len(sections), 0, 0, 0, len(optional), 0)
    at, table, body = 1024, b"", b""
    for name, content in sections:
        table += struct.pack("<8sLLLLLLHHL", name, 1 << 20, 4096, len(content), at + len(body), 0, 0, 0, 0, 0)
        body += content
    head = b"MZ".ljust(60, b"\0") + struct.pack("<L", 128)
    return (head.ljust(128, b"\0") + b"PE\0\0" + coff + bytes(optional) + table).ljust(at, b"\0") + body


TEXT = (b".text", bytes(range(256)) * 8)


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("form", ["7z", "cab", "rar", "xz"])
def test_behind_pe(form: str, wide: bool, tmp_path: Path) -> None:  # noqa: FBT001
    program = pe(TEXT, wide=wide)
    assert behind(tmp_path, program) is None
    assert behind(tmp_path, program + PAYLOADS[form]) == (form, len(program))
    config = b";!@Install@!UTF-8!\r\n;!@InstallEnd@!"
    assert behind(tmp_path, program + config + PAYLOADS[form]) == (form, len(program) + len(config))


def test_certificates_are_no_payload(tmp_path: Path) -> None:
    signed = pe(TEXT, certificates=(len(pe(TEXT)), 2000)) + PAYLOADS["gzip"][:2000].ljust(2000, b"\0")
    assert behind(tmp_path, signed) is None
    payload = PAYLOADS["cab"]
    end = len(pe(TEXT)) + len(payload)
    signed = pe(TEXT, certificates=(end, 2000)) + payload + bytes(2000)
    assert behind(tmp_path, signed) == ("cab", len(pe(TEXT)))


@pytest.mark.parametrize(
    ("name", "overlay"),
    [
        ("nsis", bytes(4) + b"\xef\xbe\xad\xdeNullsoftInst" + bytes(100)),
        ("inno setup", b"zlb\x1a" + bytes(100)),
        ("inno setup", b"Inno Setup Setup Data (6.2.0)".ljust(100, b"\0")),
        ("installshield", b"InstallShield\0" + bytes(100)),
    ],
)
def test_installers_are_named(name: str, overlay: bytes, tmp_path: Path) -> None:
    found = behind(tmp_path, pe(TEXT) + overlay)
    assert found is not None
    assert found[0] == name


def test_a_cabinet_in_the_resources(tmp_path: Path) -> None:
    icons = bytes(500)
    program = pe((b".text", bytes(256)), (b".rsrc", icons + cab() * 20))
    assert behind(tmp_path, program) == ("cab", 1024 + 256 + len(icons))


@pytest.mark.parametrize(("containers", "name"), [(1, "cab"), (2, "wix burn")])
def test_the_cabinet_of_a_wix_bundle(containers: int, name: str, tmp_path: Path) -> None:
    section = struct.pack("<LL16sLLLLLLLL", 0x00F14300, 2, bytes(16), 2048, 0, 0, 0, 1, containers, 900, 900)
    program = pe((b".wixburn", section.ljust(1024, b"\0")))
    assert behind(tmp_path, program + cab() * containers) == (name, 2048)


def test_pyinstaller_is_named(tmp_path: Path) -> None:
    archive = NOISE
    cookie = struct.pack(">8sLLLL64s", b"MEI\x0c\x0b\x0a\x0b\x0e", len(archive) + 88, 0, 0, 311, b"libpython3.11.so")
    assert behind(tmp_path, elf() + archive + cookie) == ("pyinstaller", len(elf()))


def test_a_tar_behind_a_program_in_a_script(tmp_path: Path) -> None:
    both = SCRIPT + elf() + NOISE
    assert behind(tmp_path, both + PAYLOADS["tar"]) == ("tar", len(both))
    assert behind(tmp_path, both) == ("program", len(SCRIPT))


@pytest.mark.parametrize("make", [elf, lambda: pe(TEXT)], ids=["elf", "pe"])
def test_hostile_headers(make: object, tmp_path: Path) -> None:
    """Each number of the headers at its largest: nothing is raised, and nothing is read past the end."""
    assert callable(make)
    program = make()
    for at in range(4, 512, 2):
        for lie in (b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff" * 8):
            data = program[:at] + lie + program[at + len(lie) :]
            may_hold(data[:FAR_HEAD], data[-TAIL:], len(data))
            found(tmp_path, data)


@pytest.mark.parametrize("data", [b"", b"M", b"MZ", b"\x7fELF", b"#", b"#!", b"\n", b"MZ" + b"\xff" * 70, b"\0" * 600])
def test_next_to_nothing(data: bytes, tmp_path: Path) -> None:
    assert behind(tmp_path, data) is None
    assert found(tmp_path, data) is None
