"""Zips of every method that 7-Zip, zip, zstd and libarchive write, against what 7-Zip and bsdtar unpack."""

from __future__ import annotations

import ctypes
import random
import shutil
import struct
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from comparison import View, bsdtar, do, files, inside, unpacked, views, whole

from command import Pkgscan
from hostile_cases import fixture
from pkgscan.archive.libarchive.binding import candidates

forge = fixture("forge")

SEVEN = next((name for name in ("7zz", "7z") if shutil.which(name)), "7zz")
PASSWORD = "-psecret"

SEVEN_ZIP = {
    "copy": ("-mm=Copy",),
    "deflate": ("-mm=Deflate",),
    "bzip2": ("-mm=BZip2",),
    "lzma": ("-mm=LZMA",),
    "lzma-9": ("-mm=LZMA", "-mx=9"),
    "xz": ("-mm=XZ",),
    "ppmd": ("-mm=PPMd",),
    "ppmd-9": ("-mm=PPMd", "-mx=9"),
    "ppmd-small": ("-mm=PPMd:mem=1m:o=2",),
    "ppmd-long": ("-mm=PPMd:mem=16m:o=16",),
}
LIBARCHIVE = ("deflate", "lzma", "xz", "zstd")  # sizes behind the data in all of them
INFO_ZIP = {"zip-bzip2": ("-Z", "bzip2"), "zip-streamed": ("-fd",), "zip-wide": ("-fz",)}
UNREAD = {
    "deflate64": (("-mm=Deflate64",), "unsupported-method", "method 9 (deflate64)"),
    "zipcrypto": ((PASSWORD, "-mem=ZipCrypto"), "encrypted", "traditional zip encryption; deflate inside"),
    "aes-128": ((PASSWORD, "-mem=AES128"), "encrypted", "AES-128 AE-2 zip encryption; deflate inside"),
    "aes-192": ((PASSWORD, "-mem=AES192", "-mm=PPMd"), "encrypted", "AES-192 AE-2 zip encryption; ppmd inside"),
    "aes-256": ((PASSWORD, "-mem=AES256", "-mm=LZMA"), "encrypted", "AES-256 AE-2 zip encryption; lzma inside"),
}
NUMBERS = {"store": 0, "deflate": 8, "bzip2": 12, "lzma": 14, "zstd": 93, "xz": 95, "ppmd": 98}


@pytest.fixture(scope="module")
def plain(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree without links: the tools put what they lead to into a zip."""
    return shutil.copytree(tree, tmp_path_factory.mktemp("plain") / "app")


@pytest.fixture(scope="module")
def packed(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that tree in a zip of each kind."""
    folder = tmp_path_factory.mktemp("zips")
    for name, options in SEVEN_ZIP.items() | {name: options for name, (options, *_) in UNREAD.items()}.items():
        do(SEVEN, "a", "-tzip", "-bso0", *options, folder / f"{name}.zip", ".", cwd=plain)
    for name, options in INFO_ZIP.items():
        do("zip", "-qr", *options, folder / f"{name}.zip", ".", cwd=plain)
    for method in LIBARCHIVE:
        # Its LZMA and xz streams of nothing are no streams to 7-Zip; nor is the first one to pkgscan.
        contents = {name: content for name, content in files(plain) if content}
        write_with_libarchive(folder / f"libarchive-{method}.zip", method, contents)
    for name, options in {"zstd": (), "zstd-19": ("-19",), "zstd-frames": ("-B65536", "-T2")}.items():
        write_with_zstd(folder / f"{name}.zip", dict(files(plain)), options)
    return folder


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, packed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, packed, tmp_path_factory.mktemp("facts") / "facts")


def write_with_libarchive(target: Path, method: str, contents: dict[str, bytes]) -> None:
    """A zip by the writer of the libarchive that pkgscan uses; it knows zstd and xz since version 3.8."""
    lib = ctypes.CDLL(next(path for path in candidates() if "archi.libs" in path))
    lib.archive_write_new.restype = lib.archive_entry_new.restype = ctypes.c_void_p
    lib.archive_write_data.restype = ctypes.c_ssize_t
    archive = ctypes.c_void_p(lib.archive_write_new())
    assert lib.archive_write_set_format_zip(archive) == 0
    assert lib.archive_write_set_options(archive, f"zip:compression={method}".encode()) == 0
    assert lib.archive_write_open_filename(archive, str(target).encode()) == 0
    for name, content in contents.items():
        entry = ctypes.c_void_p(lib.archive_entry_new())
        lib.archive_entry_set_pathname_utf8(entry, name.encode())
        lib.archive_entry_set_filetype(entry, 0o100000)
        lib.archive_entry_set_perm(entry, 0o644)
        lib.archive_entry_set_size(entry, ctypes.c_int64(len(content)))
        assert lib.archive_write_header(archive, entry) == 0
        assert lib.archive_write_data(archive, content, ctypes.c_size_t(len(content))) == len(content)
        lib.archive_entry_free(entry)
    assert lib.archive_write_close(archive) == 0
    lib.archive_write_free(archive)


def write_with_zstd(target: Path, contents: dict[str, bytes], options: tuple[str, ...]) -> None:
    pieces = [
        forge.Piece(
            name=name.encode(), content=content, method=NUMBERS["zstd"], flags=forge.UTF8,
            packed=do("zstd", "-qc", *options, input=content),
        )
        for name, content in contents.items()
    ]  # fmt: skip
    target.write_bytes(forge.forge(pieces))


def seven_zip(archive: Path, target: Path) -> Counter[tuple[str, int, str]]:
    """What 7-Zip unpacks, with the password where one is needed."""
    return unpacked(lambda archive, target: do(SEVEN, "x", "-bso0", PASSWORD, f"-o{target}", archive), archive, target)


def knows_zstd() -> bool:
    """7-Zip does since version 24; what the zstd tool packed is compared with what it was given in any case."""
    return b"zstd" in do(SEVEN, "i")


def method_of(archive: Path) -> set[int]:
    with zipfile.ZipFile(archive) as opened:
        return {info.compress_type for info in opened.infolist()}


@pytest.mark.parametrize("name", [*SEVEN_ZIP, *INFO_ZIP, "zstd", "zstd-19", "zstd-frames"])
def test_a_zip_reads_as_its_maker_unpacks_it(
    found: dict[str, View], packed: Path, plain: Path, tmp_path: Path, name: str
) -> None:
    archive, view = packed / f"{name}.zip", found[f"{name}.zip"]
    wanted = NUMBERS.get(name.removeprefix("zip-").partition("-")[0], NUMBERS["deflate"])
    assert wanted in method_of(archive) or name == "copy"
    assert view.gaps == []
    assert view.leaves == whole(plain)
    if wanted != NUMBERS["zstd"] or knows_zstd():
        assert view.leaves == seven_zip(archive, tmp_path / "seven")


@pytest.mark.parametrize("name", [*SEVEN_ZIP, *INFO_ZIP, "zstd", "zstd-19"])
def test_a_zip_reads_as_bsdtar_unpacks_it(found: dict[str, View], packed: Path, tmp_path: Path, name: str) -> None:
    assert found[f"{name}.zip"].leaves == bsdtar(packed / f"{name}.zip", tmp_path / "bsdtar")


@pytest.mark.parametrize("method", LIBARCHIVE)
def test_a_zip_of_libarchive_reads_as_it_was_written(
    found: dict[str, View], packed: Path, plain: Path, tmp_path: Path, method: str
) -> None:
    archive, view = packed / f"libarchive-{method}.zip", found[f"libarchive-{method}.zip"]
    assert method_of(archive) == {NUMBERS[method]}
    assert view.gaps == []
    assert view.leaves == inside((name, content) for name, content in files(plain) if content)
    if method != "zstd" or knows_zstd():
        assert view.leaves == seven_zip(archive, tmp_path / "seven")


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_is_said_with_its_method(
    found: dict[str, View], packed: Path, plain: Path, tmp_path: Path, name: str
) -> None:
    _, reason, text = UNREAD[name]
    view = found[f"{name}.zip"]
    everything = seven_zip(packed / f"{name}.zip", tmp_path / "seven")
    assert everything == whole(plain)  # the archive itself is right
    with zipfile.ZipFile(packed / f"{name}.zip") as archive:
        sealed = [info for info in archive.infolist() if info.flag_bits & 1 or info.compress_type == 9]
    assert len(view.gaps) == len(sealed) > 0
    assert {reason for reason, _ in view.gaps} == {reason}
    assert any(text in detail for _, detail in view.gaps)
    assert view.unseen == {info.filename for info in sealed}
    assert not view.leaves - everything  # nothing is half read


def test_parts_of_a_split_zip_are_said(pkgscan: Pkgscan, plain: Path, tmp_path: Path) -> None:
    """As zip splits, with a directory that counts the parts, and as 7-Zip does, by cutting."""
    parts = tmp_path / "parts"
    parts.mkdir()
    do("zip", "-qr0", "-s", "64k", parts / "zip.zip", ".", cwd=plain)
    do(SEVEN, "a", "-tzip", "-bso0", "-mx=0", "-v100k", parts / "seven.zip", ".", cwd=plain)
    names = {path.name for path in parts.iterdir()}
    assert {"zip.z01", "zip.z02", "zip.zip", "seven.zip.001", "seven.zip.002"} <= names
    for name in sorted(names):
        (tmp_path / name).mkdir()
        shutil.copy(parts / name, tmp_path / name / name)
        view = views(pkgscan, tmp_path / name, tmp_path / f"{name}.facts")[name]
        assert {reason for reason, _ in view.gaps} & {"multi-volume", "truncated"}, name
        assert {row for row in view.leaves if row[0] != name} <= set(whole(plain)), name  # nothing is half read


def test_bytes_that_were_changed_are_never_taken_for_others(
    pkgscan: Pkgscan, packed: Path, plain: Path, tmp_path: Path
) -> None:
    """One byte changed in the data of a large member, in a zip of each method: what is read is right, or it is said."""
    folder, chance, right = tmp_path / "changed", random.Random(7), whole(plain)
    folder.mkdir()
    for name in (*SEVEN_ZIP, "zstd"):
        data = bytearray((packed / f"{name}.zip").read_bytes())
        with zipfile.ZipFile(packed / f"{name}.zip") as archive:
            info = archive.getinfo("large.bin")
        name_size, extra_size = struct.unpack_from("<2H", data, info.header_offset + 26)
        start = info.header_offset + 30 + name_size + extra_size
        data[start + chance.randrange(info.compress_size)] ^= 0x10
        (folder / f"{name}.zip").write_bytes(data)
    found = views(pkgscan, folder, tmp_path / "facts")
    for name in (f"{name}.zip" for name in (*SEVEN_ZIP, "zstd")):
        view = found[name]
        assert not view.leaves - right, name
        assert [reason for reason, _ in view.gaps] or view.leaves == right, name
        assert {reason for reason, _ in view.gaps} <= {"bad-checksum", "wrong-size", "corrupt", "truncated"}, name
