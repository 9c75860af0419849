"""Test helpers for rules and readers: ours and third parties'. Needs no test framework.

A rule's cases lie beside each other, `<rule id>/bad-*` and `<rule id>/good-*`: a tree to be packed, with the report a
user would read of that rule in `expected.txt`; a good case has none and stays silent. In a test of your own:

    @pytest.mark.parametrize("case", rule_cases("cases"), ids=str)
    def test_case(case):
        check_case(case)
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import os
import stat
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from pkgscan.model import Entry
from pkgscan.readers.base import Reader, Reading, Source
from pkgscan.report import Report
from pkgscan.reporters.text import render_findings
from pkgscan.scanning import Options, scan_here

EXPECTED = "expected.txt"
BUILDER = "build.py"
# Set to 1, `check_case` writes what it sees instead of comparing; read it before you commit it.
UPDATE = "PKGSCAN_UPDATE"
NOW = datetime(2026, 1, 1, tzinfo=UTC)  # of every case, so that what depends on the date stays as it is

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_PREFIXES = ("bad-", "good-")


class Case(msgspec.Struct, frozen=True):
    """One case of a rule: a folder with a tree to be packed, or with a `build.py` whose `build(path)` writes a zip."""

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


def rule_cases(folder: str) -> list[Case]:
    """Every case below a folder of rules, in a fixed order. The case's place below it is the rule's id."""
    cases = []
    for place, folders, _ in os.walk(folder):
        folders.sort()
        found = [name for name in folders if name.startswith(_PREFIXES)]
        rule = os.path.relpath(place, folder).replace(os.sep, "/")
        cases += [Case(rule, name, os.path.join(place, name)) for name in found]
        folders[:] = [name for name in folders if name not in found]
    return sorted(cases, key=str)


def check_case(case: Case) -> None:
    """Scan the case with its rule alone, in each archive format. An AssertionError says what differs."""
    with tempfile.TemporaryDirectory() as scratch:
        for path in _packages(case, scratch):
            report = scan(path, rules=(case.rule,))
            _check_faults(report, case)
            text = render_findings(report.findings)
            if os.environ.get(UPDATE) == "1" and case.is_bad:
                _write_expected(case, text)
            if case.is_bad and not text:
                raise AssertionError(f"{case}: the rule says nothing of {os.path.basename(path)}")
            if text != case.expected:
                raise AssertionError(f"{case}: {os.path.basename(path)} gives\n{text}\ninstead of\n{case.expected}")


def scan(path: str, rules: tuple[str, ...] = ()) -> Report:
    """The report of a package, made in this process; of some rules alone, or of all that are installed."""
    return scan_here(path, Options(select=rules, now=NOW))


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
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in _members(folder):
            mode = _mode(source)
            info = zipfile.ZipInfo(name + "/" if stat.S_ISDIR(mode) else name, _ZIP_TIME)
            info.create_system = 3  # Unix: the upper half of the attributes is the mode
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _content(source))


def pack_tar(folder: str, path: str) -> None:
    """Pack the same tree as a tar.gz."""
    with (
        open(path, "wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, source in _members(folder):
            mode, content = _mode(source), _content(source)
            info = tarfile.TarInfo(name)
            info.mode = stat.S_IMODE(mode)
            info.uname = info.gname = "root"
            info.type = tarfile.DIRTYPE if stat.S_ISDIR(mode) else tarfile.REGTYPE
            if stat.S_ISLNK(mode):
                info.type, info.linkname, content = tarfile.SYMTYPE, content.decode(), b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


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


def _members(folder: str) -> Iterator[tuple[str, str]]:
    """(name in the archive, place on disk), folders before what they hold."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            source = os.path.join(place, name)
            member = os.path.relpath(source, folder).replace(os.sep, "/")
            if member != EXPECTED:
                yield member, source


def _mode(source: str) -> int:
    """What git keeps of a mode: the type, and whether it may be executed."""
    mode = os.lstat(source).st_mode
    executable = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
    return stat.S_IFMT(mode) | (0o777 if stat.S_ISLNK(mode) else 0o755 if executable else 0o644)


def _content(source: str) -> bytes:
    mode = os.lstat(source).st_mode
    if stat.S_ISLNK(mode):
        return os.fsencode(os.readlink(source))
    if stat.S_ISDIR(mode):
        return b""
    with open(source, "rb") as file:
        return file.read()


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
