"""Parts of split archives, by the flags their formats have for it and by names that mean nothing else."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from pkgscan.archive.volumes import part_of

DATA = bytes(range(256))
GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + DATA
SEVEN = b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(4)


def rar4(flags: int) -> bytes:
    return b"Rar!\x1a\x07\x00" + struct.pack("<HBHH", 0x1234, 0x73, flags, 13) + bytes(6)


def rar5(*numbers: int) -> bytes:
    """A main header: type, header flags, then what those ask for; each below 128, so a byte each."""
    return b"Rar!\x1a\x07\x01\x00" + b"csum" + bytes((len(numbers), *numbers)) + bytes(8)


def cab(flags: int, number: int) -> bytes:
    return b"MSCF" + struct.pack("<LLLLLBBHHHHH", 0, 900, 0, 44, 0, 3, 1, 1, 1, flags, 7, number) + bytes(8)


def tar(kind: bytes, *, behind: bytes = b"") -> bytes:
    block = bytearray(b"name".ljust(148, b"\0") + b" " * 8 + kind + bytes(355))
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + behind.ljust(512, b"\0")


PARTS = {
    "rar 4": ("a.rar", rar4(0x0001), "a volume of a split rar"),
    "rar 4, encrypted": ("a.r00", rar4(0x0091), "a volume of a split rar"),
    "rar 5, first": ("a.part1.rar", rar5(1, 0, 0x01), "volume 1 of a split rar"),
    "rar 5, third": ("x", rar5(1, 0, 0x03, 2), "volume 3 of a split rar"),
    "rar 5, with an extra area": ("x", rar5(1, 1, 5, 0x03, 2), "volume 3 of a split rar"),
    "rar 5, encrypted": ("a.part02.rar", rar5(4, 0, 0, 0), "volume 2 of a split rar"),
    "cab, first": ("a1.cab", cab(2, 0), "cabinet 1 of a set"),
    "cab, last": ("a2.cab", cab(1, 1), "cabinet 2 of a set"),
    "zip, first": ("a.z01", b"PK\x07\x08PK\x03\x04" + DATA, "the first part of a split zip"),
    "zip, later": ("a.z02", DATA, "part 2 of a split zip"),
    "zip, cut": ("a.zip.003", DATA, "part 3 of a split zip"),
    "7z, first": ("dir/a.7z.001", SEVEN + struct.pack("<QQ", 5000, 80), "part 1 of a split 7z"),
    "7z, later": ("A.7Z.002", DATA, "part 2 of a split 7z"),
    "gz, first": ("a.tar.gz.001", GZIP, "part 1 of a split gz"),
    "split -d": ("a.tar.gz.01", DATA, "part 1 of a split gz"),
    "split": ("a.tar.gz.ab", DATA, "part ab of a split gz"),
    "split without a dot": ("a.tar.xzaa", DATA, "part aa of a split xz"),
    "tar, GNU": ("b.tar", tar(b"M"), "a later volume of a split tar"),
    "tar, pax": ("b.tar", tar(b"x", behind=b"27 GNU.volume.size=102400\n"), "a later volume of a split tar"),
}
WHOLE = {
    "tar, pax, with a label": ("b.tar", tar(b"g", behind=b"26 GNU.volume.label=label\n")),
    "rar 4": ("a.rar", rar4(0x0010)),
    "rar 5": ("a.rar", rar5(1, 0, 0)),
    "rar 5, cut": ("a.rar", b"Rar!\x1a\x07\x01\x00"),
    "rar 5, endless number": ("a.rar", b"Rar!\x1a\x07\x01\x00csum" + b"\xff" * 400),
    "cab": ("a.cab", cab(4, 0)),
    "cab, cut": ("a.cab", cab(3, 0)[:20]),
    "zip put together again": ("a.zip", b"PK\x07\x08PK\x03\x04" + DATA),
    "tar": ("a.tar", tar(b"0")),
    "tar, pax": ("a.tar", tar(b"x", behind=b"30 mtime=1795465394.544754334\n")),
    "compressed tar": ("a.tar.gz", DATA),
    "signature": ("a.tar.gz.asc", b"-----BEGIN PGP SIGNATURE-----\n"),
    "text": ("a.tar.gz.ad", b"an advertisement\n"),
    "a year": ("backup.tar.gz.2024", GZIP),
    "a log": ("messages.001", DATA),
    "Z80 program": ("game.z80", DATA),
    "Z80 source": ("game.z01", b"  ld a, 1\n"),
    "name of a rar, text": ("a.part2.rar", b"not a rar\n"),
    "nothing": ("", b""),
    "long name": ("a.7z.001" + "x" * 5000, DATA),
}


@pytest.mark.parametrize("case", PARTS)
def test_parts(case: str) -> None:
    name, head, expected = PARTS[case]
    assert part_of(name, head) == expected


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_no_part(case: str) -> None:
    assert not part_of(*WHOLE[case])


def test_a_first_volume_that_holds_all_is_no_part() -> None:
    head = SEVEN + struct.pack("<QQL", 5000, 80, 0)
    assert not part_of("a.7z.001", head, 5112)
    assert part_of("a.7z.001", head, 5111)


@pytest.mark.oracle
def test_volumes_of_tar(tmp_path: Path) -> None:
    """GNU tar's own, in either of its formats that know volumes."""
    (tmp_path / "large").write_bytes(bytes(300_000))
    for form in ("gnu", "posix"):
        names = [f"{form}{number}.tar" for number in range(4)]
        asked = [option for name in names for option in ("-f", name)]
        command = ["tar", f"--format={form}", "-cML", "100", *asked, "large"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        found = [part_of(name, (tmp_path / name).read_bytes()) for name in names[:3]]
        assert found == ["", "a later volume of a split tar", "a later volume of a split tar"]
