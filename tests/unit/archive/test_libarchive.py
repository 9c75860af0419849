"""Which libarchive is taken, what is switched on in it, and that odd answers of it are not taken for content."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packing import tar_of
from pkgscan.archive.libarchive import binding as library
from pkgscan.archive.libarchive import reader as libarchive
from pkgscan.archive.member import Damage, Member


def pull_of(data: bytes, size: int = 70_000) -> Callable[[], bytes]:
    file = io.BytesIO(data)
    return lambda: file.read(size)


def read(data: bytes) -> list[tuple[Member, bytes]]:
    return [(member, b"".join(member.content)) for member in libarchive.members(pull_of(data), b"raw")]


def test_the_library_in_use_is_new_enough_and_found_by_path() -> None:
    path, version = library.library()
    assert os.path.isabs(path)
    assert version >= library.TESTED


def test_the_environment_names_the_library_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBARCHIVE", "/opt/mine/libarchive.so")
    assert next(library.candidates()) == "/opt/mine/libarchive.so"


@pytest.mark.parametrize(("version", "place"), [("13.8.10", 0), ("13.9.0", 0), ("13.8.9", 1), ("13.6.2", 1)])
def test_an_old_system_library_comes_after_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, place: int
) -> None:
    real = tmp_path / f"libarchive.so.{version}"
    real.touch()
    (tmp_path / "libarchive.so.13").symlink_to(real)
    bundle = tmp_path / "site" / "archi.libs"
    bundle.mkdir(parents=True)
    bundled = bundle / "libarchive-e4541ea4.so.13.8.10"
    bundled.touch()
    monkeypatch.delenv("LIBARCHIVE", raising=False)
    monkeypatch.setattr(library, "_SYSTEM_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr("sys.path", [str(tmp_path / "site")])
    found = list(library.candidates())
    assert found.index(str(real)) == place
    assert set(found) == {str(real), str(bundled)}


def test_filters_and_formats_are_an_explicit_list() -> None:
    """Each was asked for by name and granted without a warning, which would mean an external program."""
    binding = library.binding()
    handle = binding.new()
    try:
        supports = [*binding.filters.values(), *binding.formats.values()]
        assert [support(handle) for support in supports] == [libarchive.OK] * len(supports)
        assert set(binding.filters) == set(library.FILTERS)
        alone = {name for names in library.ALONE.values() for name in names}
        assert set(binding.formats) == {*library.FORMATS, *alone}
    finally:
        binding.free(handle)


@pytest.mark.parametrize("size", [0, 1, 511, 512, 65_535, 65_536, 65_537, 300_000])
@pytest.mark.parametrize("block", [512, 10_240, 70_000])
def test_contents_of_every_size_come_whole(size: int, block: int) -> None:
    content = os.urandom(size)
    data = tar_of({"a": content, "b": b"next"})
    found = [(m.name, b"".join(m.content)) for m in libarchive.members(pull_of(data, block), b"")]
    assert found == [(b"a", content), (b"b", b"next")]


def test_members_may_be_passed_over() -> None:
    data = tar_of({f"{n}": os.urandom(n * 40_000) for n in range(5)})
    assert [member.name for member in libarchive.members(pull_of(data), b"")] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_fault_of_the_source_is_raised_as_it_is() -> None:
    class OddError(Exception):
        pass

    def failing() -> Iterator[bytes]:
        yield tar_of({"a": b"x" * 100_000})[:20_000]
        raise OddError

    blocks = failing()
    with pytest.raises(OddError):
        [list(member.content) for member in libarchive.members(lambda: next(blocks, b""), b"")]


def test_names_are_bytes_whatever_they_are() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as tar:
        for name in ("gr\u00fc\u00df.txt", "\udce9t\udce9", "x" * 300):
            tar.addfile(tarfile.TarInfo(name))
    assert [m.name for m, _ in read(raw.getvalue())] == ["gr\u00fc\u00df.txt".encode(), b"\xe9t\xe9", b"x" * 300]


@pytest.mark.parametrize("cut", [600, 5000])
def test_a_cut_tar_is_damage(cut: int) -> None:
    with pytest.raises(Damage) as caught:
        read(tar_of({"a": os.urandom(9000)})[:cut])
    assert caught.value.reason in {"truncated", "damaged"}


def test_a_setgid_member_brings_its_group() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, mode in (("plain", 0o755), ("setgid", 0o2755)):
            info = tarfile.TarInfo(name)
            info.mode, info.gid, info.gname = mode, 8, "mail"
            tar.addfile(info)
    found = {member.name: (member.gid, member.group) for member, _ in read(raw.getvalue())}
    assert found[b"setgid"] == (8, "mail")


def test_an_archive_that_libarchive_does_not_know_is_said() -> None:
    with pytest.raises(Damage, match="libarchive reads none"):
        list(libarchive.members(pull_of(b"no archive at all"), b""))


def test_an_entry_of_type_a_is_not_passed_over_in_silence() -> None:
    """GNU tar extracts it as an ordinary file; libarchive takes it for the access list of the next entry."""
    header = tarfile.TarInfo("etc/cron.d/x")
    header.type, header.size = b"A", 512
    data = header.tobuf(tarfile.GNU_FORMAT) + b"* * * * * root /bin/true\n".ljust(512, b"#") + tar_of({"b": b"x"})
    with pytest.raises(Damage, match="ACL"):
        read(data)


def test_a_frame_to_skip_may_stand_before_lz4() -> None:
    """Both formats have the same one (lz4_Frame_format.md, RFC 8878), so it says nothing of what follows."""
    skip = b"P*M\x18\4\0\0\0abcd"
    packed = skip + b"\x04\x22\x4d\x18\x60\x40\x82" + (0x80000005).to_bytes(4, "little") + b"text\n" + bytes(4)
    assert b"".join(libarchive.decompressed("zstd", pull_of(packed), [])) == b"text\n"


ODD_NAME_AND_ERRNO = """
import ctypes, errno, os
from archives import rar5
from archives.item import Item
from pkgscan.archive.libarchive import binding, reader
from pkgscan.archive.member import Window

place = ctypes.PyDLL(None).__errno_location
place.restype = ctypes.POINTER(ctypes.c_int)

def behind_a_failure(call):
    def calling(entry):
        place()[0] = errno.ENOMEM
        return call(entry)
    return calling

class Odd(str):
    def encode(self):
        return b"a\\x92\\x8f"

lib = binding.binding()
lib.pathname, lib.wide_pathname = map(behind_a_failure, (lib.pathname, lib.wide_pathname))
lib.utf8_names = tuple(map(behind_a_failure, lib.utf8_names))
data = rar5.build([Item(name=Odd(), content=b"x")])
held = os.memfd_create("rar")
os.write(held, data)
print(*(member.name for member in reader.members_alone("rar", window=Window(held, 0, len(data)))))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where errno is kept differs from system to system")
def test_a_name_that_cannot_be_converted_does_not_end_the_process() -> None:
    """The library takes what errno holds from earlier for a lack of memory, and ends the process."""
    path = os.pathsep.join([*sys.path, str(Path(__file__).parents[3] / "fixtures")])
    done = subprocess.run(
        [sys.executable, "-c", ODD_NAME_AND_ERRNO],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, r"b'a\x92\x8f'"), done.stderr
