"""Test helpers for rules and readers: ours and third parties'. Needs no test framework.

A rule's cases lie beside each other, `<rule id>/bad-*` and `<rule id>/good-*`: a tree to be packed, with the report a
user would read of that rule in `expected.txt`; a good case has none and stays silent. A `profile.toml` beside them is
the host they are judged for. In a test of your own:

    @pytest.mark.parametrize("case", rule_cases("cases"), ids=str)
    def test_case(case):
        check_case(case)
"""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import io
import os
import stat
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, Literal

import msgspec

from pkgscan.captures.profile import load_profile
from pkgscan.model import Entry, EntryType
from pkgscan.profile.model import Profile
from pkgscan.readers.base import Reader, Reading, Source
from pkgscan.registry import load
from pkgscan.report import Report
from pkgscan.reporters.text import render_findings
from pkgscan.scanning import Options, scan_here

EXPECTED = "expected.txt"
BUILDER = "build.py"
PROFILE = "profile.toml"
# Set to 1, `check_case` writes what it sees instead of comparing; read it before you commit it.
UPDATE = "PKGSCAN_UPDATE"
NOW = datetime(2026, 1, 1, tzinfo=UTC)  # of every case, so that what depends on the date stays as it is

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_PREFIXES = ("bad-", "good-")
_ZIP_TYPES: dict[EntryType, int] = {
    "file": stat.S_IFREG,
    "directory": stat.S_IFDIR,
    "symlink": stat.S_IFLNK,
    "character-device": stat.S_IFCHR,
    "block-device": stat.S_IFBLK,
    "fifo": stat.S_IFIFO,
    "socket": stat.S_IFSOCK,
}
_TAR_TYPES: dict[EntryType, bytes] = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "character-device": tarfile.CHRTYPE,
    "block-device": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}


class Member(msgspec.Struct, frozen=True):
    """One member to pack, root's. `link` is the target of a symlink or hardlink; only a tar keeps the group."""

    name: str
    content: bytes = b""
    type: EntryType = "file"
    mode: int = 0o644
    link: str = ""
    group: str = "root"


class Case(msgspec.Struct, frozen=True):
    """One case of a rule: a folder with a tree to be packed, or with a `build.py` whose `build(path)` writes it."""

    rule: str
    name: str
    folder: str

    def __str__(self) -> str:
        return f"{self.rule}/{self.name}"

    @property
    def is_bad(self) -> bool:
        """Whether the rule must speak."""
        return self.name.startswith("bad-")

    @property
    def expected(self) -> str:
        """What the rule must print; nothing for a good case."""
        path = os.path.join(self.folder, EXPECTED)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()

    @property
    def profile(self) -> Profile | None:
        """The host of all cases of the rule, `profile.toml` beside them, if there is one."""
        folder = os.path.dirname(self.folder)
        if not os.path.exists(os.path.join(folder, PROFILE)):
            return None
        with contextlib.chdir(folder):  # so that findings name it, and what it imports, without the folder
            return load_profile(PROFILE)


def rule_cases(folder: str) -> list[Case]:
    """Every case below a folder of rules, in a fixed order. The case's place below it is the rule's id."""
    cases = []
    for place, folders, _ in os.walk(folder):
        folders.sort()
        # What lies at the top is a rule, though it be called bad-signature.
        found = [name for name in folders if name.startswith(_PREFIXES)] if place != folder else []
        rule = os.path.relpath(place, folder).replace(os.sep, "/")
        cases += [Case(rule, name, os.path.join(place, name)) for name in found]
        folders[:] = [name for name in folders if name not in found]
    return sorted(cases, key=str)


def check_case(case: Case) -> None:
    """Scan the case with its rule alone, in each archive format. An AssertionError says what differs."""
    if load().rule(case.rule) is None:
        raise AssertionError(
            f"{case}: no rule of this name is installed; is there an __init__.py in its folder, and an entry point?"
        )
    with tempfile.TemporaryDirectory() as scratch:
        for path in _packages(case, scratch):
            report = scan(path, rules=(case.rule,), profile=case.profile)
            _check_faults(report, case)
            text = render_findings(report.findings)
            if os.environ.get(UPDATE) == "1" and case.is_bad:
                _write_expected(case, text)
            if case.is_bad and not text:
                raise AssertionError(f"{case}: the rule says nothing of {os.path.basename(path)}")
            if text != case.expected:
                raise AssertionError(f"{case}: {os.path.basename(path)} gives\n{text}\ninstead of\n{case.expected}")


def scan(path: str, rules: tuple[str, ...] = (), profile: Profile | None = None) -> Report:
    """The report of a package, made in this process; of some rules alone, or of all that are installed."""
    return scan_here(path, Options(select=rules, now=NOW, profile=profile))


def scan_tree(folder: str, rules: tuple[str, ...] = ()) -> Report:
    """The report of a folder, packed as a zip whose files belong to root."""
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, os.path.basename(os.path.abspath(folder)) + ".zip")
        pack_zip(folder, path)
        return scan(path, rules)


def read(reader: Reader, content: str | bytes, path: str = "package!/file", kind: str = "") -> list[Reading]:
    """What a reader yields for one content, as an entry of a kind; by default the first kind it owns."""
    data = content.encode() if isinstance(content, str) else content
    name = kind or reader.kinds[0].name
    entry = Entry(number=0, path=path, kind=name, size=len(data))
    return list(reader.read(Source(entry, name, data)))


def pack_zip(folder: str, path: str) -> None:
    """Pack a tree as a zip made on Unix: everything root's, executable where the file on disk is, at a fixed time."""
    pack_members(_tree(folder), path, "zip")


def pack_tar(folder: str, path: str) -> None:
    """Pack the same tree as a tar.gz."""
    pack_members(_tree(folder), path, "tar.gz")


def pack_members(members: Iterable[Member], path: str, form: Literal["tar", "tar.gz", "zip"] = "tar") -> None:
    """Pack members in their order, at a fixed time. ValueError for a type that the format cannot hold."""
    with open(path, "wb") as file:
        if form == "zip":
            _write_zip(members, file)
        elif form == "tar":
            _write_tar(members, file)
        else:
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                _write_tar(members, packed)


def _write_zip(members: Iterable[Member], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            if member.type not in _ZIP_TYPES:
                raise ValueError(f"a zip holds no {member.type}")
            info = zipfile.ZipInfo(member.name + "/" if member.type == "directory" else member.name, _ZIP_TIME)
            info.create_system = 3  # Unix: the upper half of the attributes is the mode
            info.external_attr = (_ZIP_TYPES[member.type] | member.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, os.fsencode(member.link) or member.content)


def _write_tar(members: Iterable[Member], file: IO[bytes] | gzip.GzipFile) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            if member.type not in _TAR_TYPES:
                raise ValueError(f"a tar holds no {member.type}")
            info = tarfile.TarInfo(member.name)
            info.type, info.mode, info.linkname = _TAR_TYPES[member.type], member.mode, member.link
            info.uname, info.gname = "root", member.group
            info.size = len(member.content)
            archive.addfile(info, io.BytesIO(member.content))


def _packages(case: Case, scratch: str) -> Iterator[str]:
    path = os.path.join(scratch, case.name)
    builder = os.path.join(case.folder, BUILDER)
    if os.path.exists(builder):
        _load_builder(builder)(f"{path}.zip")
        yield f"{path}.zip"
        return
    pack_zip(case.folder, f"{path}.zip")
    yield f"{path}.zip"
    pack_tar(case.folder, f"{path}.tar.gz")
    yield f"{path}.tar.gz"


def _load_builder(path: str) -> Callable[[str], object]:
    spec = importlib.util.spec_from_file_location("pkgscan_case_builder", path)
    if spec is None or spec.loader is None:
        raise AssertionError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    build: Callable[[str], object] = module.build
    return build


def _tree(folder: str) -> Iterator[Member]:
    """What a folder holds, folders before what is in them."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            source = os.path.join(place, name)
            member = os.path.relpath(source, folder).replace(os.sep, "/")
            if member != EXPECTED:
                yield _member(member, source)


def _member(name: str, source: str) -> Member:
    """A file with what git keeps of its mode: whether it may be executed."""
    mode = os.lstat(source).st_mode
    if stat.S_ISLNK(mode):
        return Member(name, type="symlink", mode=0o777, link=os.readlink(source))
    if stat.S_ISDIR(mode):
        return Member(name, type="directory", mode=0o755)
    with open(source, "rb") as file:
        return Member(name, file.read(), mode=0o755 if mode & stat.S_IXUSR else 0o644)


def _check_faults(report: Report, case: Case) -> None:
    for gap in report.gaps:
        if gap.traceback:
            raise AssertionError(f"{case}: {gap.reason}: {gap.detail}\n{gap.traceback}")


def _write_expected(case: Case, text: str) -> None:
    path = os.path.join(case.folder, EXPECTED)
    if text == case.expected:
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    sys.stderr.write(f"wrote {path}:\n{text}")
