"""Zip members packed by the rarer methods: what they hold, where they end, and what is said when they are broken."""

from __future__ import annotations

import io
import lzma
import resource
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest

from hostile_cases import fixture
from pkgscan.archive.member import Damage, Window
from pkgscan.archive.tail import ends_like_zip, is_zip_behind
from pkgscan.archive.zip.content import Packed, unpack
from zip_reading import Reading, read

forge = fixture("forge")

TEXT = b"line one\nline two\nline one again\nand line two again, at the end\n"
# TEXT as 7-Zip 26.02 packs it with -mm=PPMd. Nothing in the standard library can.
PPMD_TEXT = bytes.fromhex("07006bfb719c4c625286275f0b364a3ae3ec86f7d5fff9508441634d627c0cb18281ad3b3b353cf3db00")
BZIP2, LZMA, OLD_ZSTD, ZSTD, XZ, PPMD = 12, 14, 20, 93, 95, 98
STREAMED = 8
PIECE = 128 << 10  # packed bytes that are read at once
ROOM = 768 << 20  # bytes of address space above what is in use: less than a child gets
LZMA_END = 6  # bytes at most of the end mark, without which an LZMA stream is as good


def bzip2(content: bytes) -> bytes:
    return packed_by_zipfile(content, zipfile.ZIP_BZIP2)


def lzma_(content: bytes) -> bytes:
    return packed_by_zipfile(content, zipfile.ZIP_LZMA)


def packed_by_zipfile(content: bytes, method: int) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        archive.writestr("x", content)
        size = archive.getinfo("x").compress_size
    return raw.getvalue()[31 : 31 + size]


def xz(content: bytes) -> bytes:
    return lzma.compress(content, lzma.FORMAT_XZ)


def zstd(content: bytes, *, window: int = 0x50, checksum: bytes = b"") -> bytes:
    """A frame of blocks that are not compressed, as RFC 8878 has them; `window` is its descriptor, 1 MiB."""
    frame = b"\x28\xb5\x2f\xfd" + bytes([4 if checksum else 0, window])
    parts = [content[at : at + 100] for at in range(0, len(content), 100)] or [b""]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        frame += (len(part) << 3 | last).to_bytes(3, "little") + part
    return frame + checksum


def repeated(byte: bytes, count: int) -> bytes:
    """A zstd frame of one block that is one byte, many times."""
    return b"\x28\xb5\x2f\xfd\x00\x50" + (count << 3 | 1 << 1 | 1).to_bytes(3, "little") + byte


def skipped(content: bytes) -> bytes:
    return b"\x5a\x2a\x4d\x18" + struct.pack("<L", len(content)) + content


def ppmd(content: bytes) -> bytes:
    assert content == TEXT
    return PPMD_TEXT


PACKERS: dict[int, Callable[[bytes], bytes]] = {
    BZIP2: bzip2, LZMA: lzma_, OLD_ZSTD: zstd, ZSTD: zstd, XZ: xz, PPMD: ppmd,
}  # fmt: skip
METHODS = pytest.mark.parametrize("method", PACKERS)


def zipped(method: int, packed: bytes, content: bytes = TEXT, **more: object) -> bytes:
    return bytes(forge.forge([forge.Piece(name=b"a", content=content, method=method, packed=packed, **more)]))


def only(method: int, packed: bytes, content: bytes = TEXT, **more: object) -> Reading:
    return read(zipped(method, packed, content, **more))


@METHODS
def test_a_member_is_unpacked(method: int) -> None:
    reading = only(method, PACKERS[method](TEXT))
    assert reading.files == [(b"a", TEXT)]
    assert (reading.broken, reading.facts, reading.damage) == ([], [], [])


@METHODS
def test_a_streamed_member_is_unpacked(method: int) -> None:
    packed = PACKERS[method](TEXT)
    nothing = {"crc": 0, "packed": 0, "size": 0}
    behind = forge.descriptor(TEXT, packed)
    reading = only(method, packed, flags=STREAMED, local=nothing, behind=behind)
    assert (reading.files, reading.broken, reading.facts) == ([(b"a", TEXT)], [], [])


@METHODS
def test_a_member_with_wide_sizes_is_unpacked(method: int) -> None:
    packed = PACKERS[method](TEXT)
    wide = {"packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra": struct.pack("<2H2Q", 1, 16, len(TEXT), len(packed))}
    reading = only(method, packed, local=wide, central=wide)
    assert (reading.files, reading.broken, reading.facts) == ([(b"a", TEXT)], [], [])


@METHODS
def test_streamed_members_are_found_without_a_directory(method: int) -> None:
    """Each says where it ends, LZMA where its writer chose to."""
    packed = PACKERS[method](TEXT)
    nothing = {"crc": 0, "packed": 0, "size": 0}
    pieces = [
        forge.Piece(
            name=name, content=TEXT, method=method, packed=packed, flags=STREAMED, local=nothing,
            behind=forge.descriptor(TEXT, packed),
        )
        for name in (b"a", b"b")
    ]  # fmt: skip
    whole = forge.forge(pieces)
    reading = read(whole[: whole.index(b"PK\1\2")])
    assert (reading.files, reading.damage) == ([(b"a", TEXT), (b"b", TEXT)], ["truncated"])


@METHODS
def test_data_behind_the_stream_is_said_and_read(method: int) -> None:
    """What is hidden in the packed bytes of a member, behind where its stream ends."""
    hidden = forge.forge([forge.Piece(name=b"evil.sh", content=b"evil\n")])
    reading = only(method, PACKERS[method](TEXT) + hidden[: hidden.index(b"PK\1\2")])
    assert reading.files == [(b"a", TEXT), (b"evil.sh", b"evil\n")]
    assert reading.kinds == {"size-differs", "local-only"}


@METHODS
def test_a_wrong_checksum_is_said(method: int) -> None:
    reading = only(method, PACKERS[method](TEXT), local={"crc": 1}, central={"crc": 1})
    assert (reading.files, reading.broken) == ([], [(b"a", "bad-checksum")])


@METHODS
def test_a_wrong_size_is_said(method: int) -> None:
    for size in (len(TEXT) - 1, len(TEXT) + 1, 0, 1 << 30):
        reading = only(method, PACKERS[method](TEXT), local={"size": size}, central={"size": size})
        assert (reading.files, reading.broken) == ([], [(b"a", "wrong-size")])


@METHODS
def test_a_stream_that_breaks_off_is_said(method: int) -> None:
    packed = PACKERS[method](TEXT)
    for length in range(len(packed) - (LZMA_END if method == LZMA else 0)):
        reading = only(method, packed[:length])
        assert (reading.files, len(reading.broken)) == ([], 1)
        assert reading.broken[0][1] in {"truncated", "corrupt", "wrong-size", "bad-checksum"}


@METHODS
def test_a_changed_byte_never_passes_for_other_content(method: int) -> None:
    packed = PACKERS[method](TEXT)
    for at in range(len(packed)):
        changed = packed[:at] + bytes([packed[at] ^ 0x41]) + packed[at + 1 :]
        reading = only(method, changed)
        assert (b"a", TEXT) in reading.files or reading.broken


@pytest.mark.parametrize("method", [ZSTD, OLD_ZSTD])
def test_zstd_frames_are_one_content(method: int) -> None:
    """As the tool and 7-Zip have it, with frames to be skipped between them."""
    packed = skipped(b"for others") + zstd(TEXT[:10]) + zstd(b"") + skipped(b"") + zstd(TEXT[10:])
    reading = only(method, packed)
    assert (reading.files, reading.facts) == ([(b"a", TEXT)], [])


@pytest.mark.parametrize("size", [1, 100 << 10, 128 << 10])
@pytest.mark.parametrize("frames", [1, 2, 10, 40_000])
def test_many_zstd_frames_come_in_blocks(size: int, frames: int) -> None:
    """Also where a frame ends as a piece that is read does, or as the library's buffer of 128 KiB does."""
    frames = min(frames, (8 << 20) // size)
    reading = only(ZSTD, repeated(b"z", size) * frames, b"z" * size * frames)
    assert reading.files == [(b"a", b"z" * size * frames)]


def test_a_zstd_frame_that_ends_with_a_piece_is_not_the_end() -> None:
    first = b"f" * 50_000
    for room in range(-2, 3):
        packed = zstd(first)
        filler = skipped(bytes(PIECE - len(packed) - 8 + room))
        reading = only(ZSTD, filler + packed + zstd(b"second"), first + b"second")
        assert reading.files == [(b"a", first + b"second")]


def test_what_is_packed_twice_is_unpacked_once() -> None:
    for method in (ZSTD, XZ):
        inner = PACKERS[method](TEXT)
        assert only(method, PACKERS[method](inner), inner).files == [(b"a", inner)]


@pytest.mark.parametrize("method", [method for method in PACKERS if method != PPMD])
def test_an_empty_content(method: int) -> None:
    assert only(method, PACKERS[method](b""), b"").files == [(b"a", b"")]


@pytest.mark.parametrize("method", [ZSTD, XZ])
def test_other_data_is_no_stream(method: int) -> None:
    for data in (b"no stream at all", b"", b"\x28\xb5"):
        assert [reason for _, reason in only(method, data).broken] in (["corrupt"], ["truncated"])


@pytest.fixture
def little_room() -> Iterator[None]:
    """Address space for what a decoder may ask for, and not for what a header may."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def with_dictionary(packed: bytes, size: int) -> bytes:
    return packed[:5] + struct.pack("<L", size) + packed[9:]


XZ_4_GIB = lzma.compress(
    TEXT, lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}], check=lzma.CHECK_NONE
)
HUNGRY = {
    "lzma 4 GiB": (LZMA, with_dictionary(lzma_(TEXT), 0xFFFFFFFF)),
    "lzma 1 GiB": (LZMA, with_dictionary(lzma_(TEXT), 1 << 30)),
    "zstd 3.75 TiB": (ZSTD, zstd(TEXT, window=0xFF)),
    "zstd 256 MiB": (ZSTD, zstd(TEXT, window=18 << 3)),
}


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("case", HUNGRY)
def test_a_header_that_asks_for_memory_gets_none(case: str) -> None:
    reading = only(*HUNGRY[case])
    assert (reading.files, [reason for _, reason in reading.broken]) == ([], ["limit-memory"])


@pytest.mark.usefixtures("little_room")
def test_an_xz_header_that_asks_for_memory_gets_none() -> None:
    """The dictionary is one byte in the block header, which has a checksum of its own."""
    packed = bytearray(XZ_4_GIB)
    start, size = 12, (packed[12] + 1) * 4
    at = packed.index(b"\x21\x01", start) + 2
    packed[at] = 40  # 4 GiB less one byte
    packed[start + size - 4 : start + size] = struct.pack("<L", zlib.crc32(packed[start : start + size - 4]))
    reading = only(XZ, bytes(packed))
    assert (reading.files, [reason for _, reason in reading.broken]) == ([], ["limit-memory"])


@pytest.mark.usefixtures("little_room")
def test_the_most_a_ppmd_header_can_ask_for_is_there() -> None:
    """256 MiB; with another model size the content is the same, since this one never fills it."""
    reading = only(PPMD, struct.pack("<H", (PPMD_TEXT[0] & 15) | 255 << 4) + PPMD_TEXT[2:])
    assert reading.files == [(b"a", TEXT)]


@pytest.mark.parametrize("header", [b"\x00\x00", b"\x07\x30", b"\xff\xff"])
def test_a_ppmd_header_that_means_nothing_is_said(header: bytes) -> None:
    assert [reason for _, reason in only(PPMD, header + PPMD_TEXT[2:]).broken] == ["corrupt"]


NAMED = [(1, "shrink"), (2, "reduce 1"), (6, "implode"), (9, "deflate64"), (97, "wavpack"), (4919, "unknown")]


@pytest.mark.parametrize(("method", "name"), NAMED)
def test_a_method_that_is_not_read_is_named(method: int, name: str) -> None:
    assert only(method, b"packed").broken == [(b"a", "unsupported-method")]
    with pytest.raises(Damage, match=rf"method {method} \({name}\)"):
        list(unpack(Packed(Window(-1, 0, 0), 0, 0, 0, 0, method, 0)))


def last_part(comment: bytes = b"", **end: int) -> bytes:
    """The last part of a split zip, whose directory begins in the part before."""
    whole = forge.forge([forge.Piece(name=b"%03d" % number) for number in range(20)])
    start = whole.index(b"PK\1\2")
    size = len(whole) - 22 - start
    fields = {"disk": 3, "first": 2, "here": 7, "count": 20, "size": size, "offset": 60_000, **end}
    return whole[start + size // 2 : -22] + struct.pack("<4s4H2LH", b"PK\5\6", *fields.values(), len(comment)) + comment


@pytest.mark.parametrize("comment", [b"", b"a comment"])
def test_the_last_part_is_said_where_its_directory_begins_in_another(comment: bytes) -> None:
    part = last_part(comment)
    assert ends_like_zip(part, len(part))
    assert read(part).damage == ["multi-volume"]
    with tempfile.TemporaryFile() as file:
        file.write(part)
        file.flush()
        assert is_zip_behind(Window(file.fileno(), 0, len(part)))


@pytest.mark.parametrize("lie", [{"disk": 0}, {"first": 9}, {"here": 99}, {"count": 99}, {"count": 0}, {"size": 1}])
def test_numbers_that_do_not_fit_make_no_last_part(lie: dict[str, int]) -> None:
    part = last_part(**lie)
    assert not ends_like_zip(part, len(part))
    assert not ends_like_zip(last_part() + b"more", len(part) + 4)


QUIRKS = {
    "a jar's first entry": {"local": {"extra": b"\xfe\xca\0\0"}, "central": {"extra": b"\xfe\xca\0\0"}},
    "an apk's alignment": {"local": {"extra": b"\0\0\0"}},
    "an apk's alignment field": {"local": {"extra": struct.pack("<2HH", 0xD935, 2, 4)}},
    "an old version": {"local": {"needed": 10}, "central": {"needed": 10, "made": 0}},
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_what_other_writers_do_is_no_disagreement(quirk: str) -> None:
    piece = forge.Piece(name=b"a", content=TEXT, method=8, **QUIRKS[quirk])
    reading = read(forge.forge([piece]))
    assert (reading.files, reading.facts, reading.damage) == ([(b"a", TEXT)], [], [])
