"""Sizes that a tar states twice: what the audit sees, and that it sees it wherever blocks end."""

from __future__ import annotations

import io
import tarfile

import pytest

from packing import tar_of
from pkgscan.archive.pax_audit import PaxAudit


def header(name: bytes, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name.decode())
    info.type, info.size = kind, size
    return info.tobuf(tarfile.USTAR_FORMAT)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def smuggling(stated: bytes, plain: int, filler: int = 0) -> bytes:
    """A tar in which a member has two sizes, behind `filler` bytes of another."""
    comment = b"30 comment=" + b"c" * 18 + b"\n"
    record = b" size=" + stated + b"\n"
    length = len(record) + 2
    records = comment + f"{length}".encode() + record
    start = header(b"first", tarfile.REGTYPE, filler) + padded(b" size=" * (filler // 6) + b" " * (filler % 6))
    pax = header(b"PaxHeaders/x", tarfile.XHDTYPE, len(records)) + padded(records)
    return start + pax + header(b"second", tarfile.REGTYPE, plain) + padded(b"x" * plain) + bytes(1024)


def audited(data: bytes, block: int) -> list[tuple[int, int, int]]:
    file = io.BytesIO(data)
    audit = PaxAudit(lambda: file.read(block))
    assert b"".join(iter(audit.pull, b"")) == data
    return audit.differences


@pytest.mark.parametrize("block", [100, 512, 700, 10_240, 65_536, 300_000])
@pytest.mark.parametrize("filler", [0, 700, 65_000, 200_000])
def test_two_sizes_are_seen(block: int, filler: int) -> None:
    data = smuggling(b"1024", 5, filler)
    assert audited(data, block) == [(data.index(b"second"), 1024, 5)]


@pytest.mark.parametrize(("stated", "plain"), [(b"5", 5), (b"8589934592", 0), (b"-1", 5), (b"9" * 30, 5)])
def test_what_agrees_or_needs_the_record_is_none(stated: bytes, plain: int) -> None:
    assert not audited(smuggling(stated, plain), 512)


def test_contents_that_speak_of_sizes_are_none() -> None:
    page = b'<img src="a" size="3"> 12 size=9\n' * 5000
    assert not audited(tar_of({"page.html": page, "again.html": page}), 10_240)


def test_a_tar_of_the_standard_library_with_pax_headers() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for size in (0, 5, 700):
            info = tarfile.TarInfo("ünï" * 60)
            info.size, info.mtime = size, 1.5  # type: ignore[assignment]  # it takes fractions
            archive.addfile(info, io.BytesIO(b"y" * size))
    assert not audited(raw.getvalue(), 512)


def records(kind: bytes, text: bytes) -> bytes:
    """A pax header with these records."""
    return header(b"PaxHeaders/x", kind, len(text)) + padded(text)


SIZE = b"13 size=1024\n"
SECOND = header(b"second", tarfile.REGTYPE, 5) + padded(b"x" * 5)
LONG_NAME = header(b"././@LongLink", tarfile.GNUTYPE_LONGNAME, 7) + padded(b"second\0")


@pytest.mark.parametrize("block", [1, 511, 10_240, 262_144])
def test_a_record_behind_a_long_comment(block: int) -> None:
    text = b"300017 comment=" + b"c" * 300_001 + b"\n" + SIZE
    data = records(tarfile.XHDTYPE, text) + SECOND + bytes(2048)
    assert audited(data, block) == [(data.index(b"second"), 1024, 5)]


@pytest.mark.parametrize("block", [1, 511, 10_240])
def test_a_tar_in_a_tar_is_not_its_own(block: int) -> None:
    inner = smuggling(b"1024", 5)
    assert not audited(tar_of({"inner.tar": inner, "plain": b"x"}), block)


@pytest.mark.parametrize("between", [LONG_NAME, header(b"label", b"V", 0), header(b"l", b"K", 3) + padded(b"abc")])
def test_a_record_is_of_the_member_behind_other_headers(between: bytes) -> None:
    pax = records(tarfile.XHDTYPE, b"10 size=5\n")
    assert not audited(pax + between + SECOND + bytes(1024), 700)
    told = records(tarfile.XHDTYPE, SIZE) + between + SECOND + bytes(2048)
    assert audited(told, 700) == [(told.rindex(b"second", 0, -3000), 1024, 5)]


def test_a_record_for_all_is_held_against_each() -> None:
    data = records(tarfile.XGLTYPE, SIZE) + LONG_NAME + SECOND * 2 + bytes(1024)
    assert [found[1:] for found in audited(data, 512)] == [(1024, 5)] * 2


def test_records_behind_every_kind_of_member_are_found() -> None:
    base_256 = bytearray(header(b"large", tarfile.REGTYPE, 0))
    base_256[124:136] = b"\x80" + bytes(9) + b"\x02\x00"
    sparse = bytearray(header(b"disk", tarfile.GNUTYPE_SPARSE, 700))
    sparse[257:265], sparse[482] = b"ustar  \0", 1
    before = (
        bytes(base_256) + bytes(512)
        + bytes(sparse) + bytes(504) + b"\1" + bytes(7) + bytes(512) + bytes(1024)
        + header(b"rest", b"M", 600) + bytes(1024)
        + header(b"link", tarfile.SYMTYPE, 900) + header(b"directory", tarfile.DIRTYPE, 900)
        + header(b"hard", tarfile.LNKTYPE, 900)
        + header(b"hard", tarfile.LNKTYPE, 900) + b"d" * 1024
    )  # fmt: skip
    first = header(b"first", tarfile.REGTYPE, 0)
    data = first + before + records(tarfile.XHDTYPE, SIZE) + SECOND + bytes(2048)
    for block in (1, 513, 65_536):
        assert audited(data, block) == [(data.index(b"second"), 1024, 5)]


def test_what_is_no_tar_is_not_followed() -> None:
    assert not audited(b"x" * 512 + smuggling(b"1024", 5), 512)
