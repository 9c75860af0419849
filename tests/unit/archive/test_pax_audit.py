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
