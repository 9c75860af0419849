"""What states its own end, and archives that stand behind it."""

from __future__ import annotations

import io
import random
import struct
import wave
import zlib
from pathlib import Path

import pytest

from packing import tar_of, zip_of
from pkgscan.archive.behind import find, is_mere, may_hold, second_archive
from pkgscan.archive.budget import Budget
from pkgscan.archive.carriers import carrier_of
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Window
from pkgscan.archive.stream import TAIL, Stream

SEARCHED = Limits().payload
NOISE = random.Random(1).randbytes(100_000)
TGZ = tar_of({"etc/cron.d/app": b"0 3 * * * root /opt/run.sh\n" * 20}, "w:gz")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(*more: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + b"".join(more) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """Two scans, with stuffed bytes, restart markers and bytes to fill up, and a small picture in a segment."""
    scan = b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\x12\xff\0\x34\xff\xd0\x56\xff\xff\0" * 50
    inner = b"\xff\xe1" + struct.pack(">H", 8) + b"\xff\xd8\xff\xd9\0\0"
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + inner + scan + b"\xff\xff\xc4\0\3\0" + scan + b"\xff\xd9"


def gif() -> bytes:
    image = b"\x2c\0\0\0\0\1\0\1\0\x80" + bytes(6) + b"\2" + b"\xff" + b"\x3b" * 255 + b"\2\x4c\1" + b"\0"
    return b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"\x21\xf9\4\1\0\0\0\0" + image + b"\x3b"


def pdf() -> bytes:
    """Two versions of a document, the second an incremental update."""
    first = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n"
    return first + b"\r\n\n7 0 obj<</Type/Catalog>>endobj\n" + b"% more\n" * 40 + b"startxref\n9\n%%EOF"


def wav() -> bytes:
    raw = io.BytesIO()
    with wave.open(raw, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(range(200)))
    return raw.getvalue()


def bmp() -> bytes:
    return (
        b"BM"
        + struct.pack("<LHHL", 66, 0, 0, 54)
        + struct.pack("<LllHH6L", 40, 1, 3, 1, 24, 0, 12, 0, 0, 0, 0)
        + bytes(12)
    )


def seven() -> bytes:
    start = struct.pack("<QQL", 100, 30, 0)
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + NOISE[:130]


def cab() -> bytes:
    return b"MSCF" + struct.pack("<LLLLLBBHHHHH", 0, 900, 0, 44, 0, 3, 1, 1, 1, 0, 7, 0) + bytes(864)


def iso() -> bytes:
    volume = bytearray(2048)
    volume[:7] = b"\1CD001\1"
    volume[80:84], volume[128:130] = struct.pack("<L", 20), struct.pack("<H", 2048)
    return bytes(32768) + bytes(volume) + bytes(3 * 2048)


def noisy_png() -> bytes:
    return png(chunk(b"IDAT", NOISE))


CARRIERS = {
    "png": png(), "large png": noisy_png(), "jpeg": jpeg(), "gif": gif(), "pdf": pdf(), "wav": wav(), "bmp": bmp(),
    "7z": seven(), "cab": cab(), "iso": iso(),
}  # fmt: skip


def stream_of(data: bytes, step: int = 1 << 16) -> Stream:
    pieces = (data[at : at + step] for at in range(0, len(data), step))
    stream = Stream(pieces, Budget(Limits()).archive(), 1 << 40)
    stream.drain()
    return stream


def found(where: Path, data: bytes) -> tuple[str, int] | None:
    """What is found behind a content; the cheap look must not miss it, whatever the blocks."""
    path = where / "content"
    path.write_bytes(data)
    with path.open("rb") as file:
        answer = find(Window(file.fileno(), 0, len(data)), SEARCHED)
    assert answer is None or may_hold(stream_of(data))
    return answer


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("step", [1, 7, 4096, 1 << 20])
def test_the_end_is_found_however_the_bytes_come(name: str, step: int) -> None:
    data = CARRIERS[name]
    for behind in (b"", b"\n", b"\1" * 100):
        whole = data + behind
        carrier = carrier_of(whole[:40_000])
        assert carrier is not None
        for at in range(0, len(whole), step):
            carrier.feed(whole[at : at + step])
        assert carrier.end == len(data)


@pytest.mark.parametrize("name", CARRIERS)
def test_nothing_is_behind_an_ordinary_one(name: str, tmp_path: Path) -> None:
    for behind in (b"", b"\n", bytes(3000), bytes(TAIL + 5), NOISE[:3000], b"a comment\n" * 50):
        assert found(tmp_path, CARRIERS[name] + behind) is None
        if len(behind) < TAIL:
            assert not may_hold(stream_of(CARRIERS[name] + behind))
    if name not in {"7z", "cab", "iso"}:
        assert is_mere("a.bin", CARRIERS[name], "binary")


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("padding", [0, 500, TAIL])
def test_an_archive_behind_is_found(name: str, padding: int, tmp_path: Path) -> None:
    data = CARRIERS[name] + bytes(padding)
    for form, archive in (("gzip", TGZ), ("7z", seven()), ("tar", tar_of({"x": b"content\n"}))):
        assert found(tmp_path, data + archive) == (form, len(data))
        if name not in {"7z", "cab", "iso"}:
            assert not is_mere("a.bin", data + archive, "binary")


@pytest.mark.parametrize("name", ["png", "jpeg", "gif", "pdf", "wav", "bmp", "7z"])
@pytest.mark.parametrize("disguise", [b"\0\0\0\0IEND\xaeB`\x82", b"\xff\xd9", b"\x3b", b"\n%%EOF\n"])
def test_an_end_of_its_own_does_not_hide_it(name: str, disguise: bytes, tmp_path: Path) -> None:
    data = CARRIERS[name] + b"not yet\n"
    assert found(tmp_path, data + TGZ + NOISE + disguise) == ("gzip", len(data))


def test_where_no_chunk_follows_it_ends_too(tmp_path: Path) -> None:
    cut = png()[:-12]
    assert found(tmp_path, cut + TGZ) == ("gzip", len(cut))


def test_a_zip_is_found_by_its_end_and_a_cabinet_with_the_first(tmp_path: Path) -> None:
    assert found(tmp_path, png() + zip_of({"a": b"x"})) == ("zip", 0)
    assert found(tmp_path, cab() + cab()) is None


def test_a_zip_that_ends_a_cabinet_is_no_second_archive(tmp_path: Path) -> None:
    inner = zip_of({"a": b"x"})
    member = b"MSCF" + struct.pack("<LL", 0, 900 + len(inner)) + cab()[12:] + inner
    for data, said in ((member, 0), (member + bytes(100), 1), (cab() + bytes(100) + inner, 1)):
        path = tmp_path / "content"
        path.write_bytes(data)
        with path.open("rb") as file:
            assert len(list(second_archive(Window(file.fileno(), 0, len(data)), "x.cab"))) == said


def test_a_tar_that_begins_like_a_picture_is_a_tar(tmp_path: Path) -> None:
    data = tar_of({"GIF89a\1\1\1\1\1\1\1": b"x", "b": b"y"})
    assert found(tmp_path, data) is None
    assert not may_hold(stream_of(data))


def test_only_what_stands_at_the_end_of_an_image_counts(tmp_path: Path) -> None:
    """A partition behind it, which a system starts from, may hold packed files of its own."""
    assert found(tmp_path, iso() + bytes(2048) + b"\xeb\x3c\x90mkfs.fat" + bytes(500) + TGZ) is None


def test_a_million_headers_are_an_end(tmp_path: Path) -> None:
    """Bytes to fill up may go on for ever: they are followed for a while, and what is behind that is looked at."""
    filled = b"\xff\xd8" + b"\xff" * (1 << 20)
    assert found(tmp_path, filled + b"\xff" * 100 + TGZ) == ("gzip", len(filled) + 100)


def test_where_the_search_ends_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, png() + bytes(SEARCHED + (1 << 20)) + TGZ) == ("", len(png()) + SEARCHED)


@pytest.mark.parametrize("text", [b"RIFF is\nexit\n", b"BMW\nexit\n", b"GIF\n", b"%PDF is\n"])
def test_texts_that_begin_so_are_searched_as_texts(text: bytes, tmp_path: Path) -> None:
    is_pdf = text.startswith(b"%")
    assert found(tmp_path, text + TGZ) == (None if is_pdf else ("gzip", len(text)))


def test_hostile_headers_end_somewhere() -> None:
    for name, data in CARRIERS.items():
        for at in range(min(len(data), 400)):
            for lie in (b"\xff\xff", b"\0\0", b"\xff\xff\xff\xff", bytes(4)):
                broken = data[:at] + lie + data[at + len(lie) :]
                carrier = carrier_of(broken)
                if carrier is not None:
                    carrier.feed(broken)
                    assert carrier.end >= -1, name
