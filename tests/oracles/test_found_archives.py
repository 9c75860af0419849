"""Archives that other projects test with, as they come in their packages, against the tools that unpack them.

What pkgscan reads in full is what the tool unpacks; of what it does not, it says so, and gives no file that is not in
the archive.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from command import Pkgscan

Fetch = Callable[..., Path]
Row = tuple[int, str]  # bytes, sha256
Rows = dict[str, Row]  # by the name in the archive

# Where they are found: kind of package, name, version, and the folder in it.
LIBARCHIVE = ("source", "libarchive", "3.6.2-1+deb12u4", "libarchive/test/")
LHASA = ("source", "lhasa", "0.3.1-4", "test/archives/")
MSPACK = ("source", "libmspack", "0.11-1", "test/test_files/cabd/")
RARFILE = ("sdist", "rarfile", "4.5", "test/files/")
UNRAR = ("sdist", "unrar", "0.4", "unrar/tests/")
UNRAR_JS = ("npm", "unrar-js", "0.2.3", "test/")
UNRAR_PROMISE = ("npm", "unrar-promise", "3.1.0", "test/contents/")
TOOLS: dict[str, Callable[[Path, Path], list[object]]] = {
    "cabextract": lambda archive, target: ["cabextract", "-q", "-d", target, archive],
    "lha": lambda archive, target: ["lha", f"xqfw={target}", archive],
    "unar": lambda archive, target: ["unar", "-q", "-D", "-k", "skip", "-o", target, archive],
    "bsdtar": lambda archive, target: ["bsdtar", "-xf", archive, "-C", target],
}

# Read in full: the source, the tool, the archives. Where unar 1.10 fails with a rar 5, it is bsdtar.
WHOLE: list[tuple[tuple[str, str, str, str], str, str]] = [
    (MSPACK, "cabextract", "normal_2files_1folder.cab normal_2files_2folders.cab normal_255c_filename.cab"),
    (LIBARCHIVE, "cabextract", "test_read_format_cab_1.cab test_read_format_cab_2.cab test_read_format_cab_3.cab"),
    (LIBARCHIVE, "lha", "test_read_format_lha_header0.lzh test_read_format_lha_header1.lzh"),
    (LIBARCHIVE, "lha", "test_read_format_lha_header2.lzh test_read_format_lha_header3.lzh"),
    (LIBARCHIVE, "lha", "test_read_format_lha_lh0.lzh test_read_format_lha_lh6.lzh test_read_format_lha_lh7.lzh"),
    (LHASA, "lha", "lha213/lh5.lzh lha213/lh5_long.lzh"),
    (LIBARCHIVE, "unar", "test_read_format_rar5_stored.rar test_read_format_rar5_compressed.rar"),
    (LIBARCHIVE, "unar", "test_read_format_rar5_multiple_files.rar test_read_format_rar5_multiple_files_solid.rar"),
    (RARFILE, "unar", "ctime0.rar ctime1.rar ctime2.rar ctime3.rar ctime4.rar rar3-readonly-unix.rar unicode2.rar"),
    (RARFILE, "unar", "rar3-readonly-win.rar rar3-subdirs.rar rar3-symlink-unix.rar rar3-versions.rar seektest.rar"),
    (RARFILE, "unar", "rar5-blake.rar rar5-crc.rar rar5-hlink.rar rar5-quick-open.rar rar5-readonly-win.rar"),
    (RARFILE, "unar", "rar5-solid-qo.rar rar5-symlink-win.rar rar5-times.rar rar5-times2.rar rar5-dups.rar"),
    # Stored in a solid archive, and in one whose header holds a comment: libarchive ends at either.
    (RARFILE, "unar", "rar3-owner.rar rar202-comment-nopsw.rar"),
    (RARFILE, "bsdtar", "ctime5.rar rar5-owner.rar rar5-readonly-unix.rar rar5-subdirs.rar"),
    (UNRAR, "unar", "test_rar.rar"),
    (UNRAR_JS, "unar", "test.rar"),
    (UNRAR_PROMISE, "unar", "example.rar CP932.rar"),
]

# Not read in full, and said: the source, the reason, the archives, the tool that unpacks more if there is one.
SAID: list[tuple[tuple[str, str, str, str], str, str, str]] = [
    (MSPACK, "multi-volume", "multi_basic_pt1.cab multi_basic_pt2.cab multi_basic_pt5.cab", ""),
    (MSPACK, "unsupported-method", "mszip_lzx_qtm.cab", "cabextract"),
    (MSPACK, "truncated", "partial_shortheader.cab partial_shortfile1.cab partial_nodata.cab partial_nofiles.cab", ""),
    (MSPACK, "damaged", "bad_folderindex.cab cve-2014-9732-folders-segfault.cab lzx-premature-matches.cab", ""),
    # cabextract reads these; libarchive finds their data blocks invalid.
    (MSPACK, "damaged", "reserve_---.cab reserve_HFD.cab", "cabextract"),
    (LHASA, "unsupported-method", "lengths/lh1-64k.lzh", "lha"),  # libarchive knows no lh1
    (RARFILE, "multi-volume", "rar3-vols.part1.rar rar3-vols.part2.rar rar3-old.rar rar5-vols.part3.rar", ""),
    (RARFILE, "encrypted", "rar3-comment-hpsw.rar rar5-hpsw.rar rar5-psw.rar rar5-psw-blake.rar", ""),
    (RARFILE, "damaged", "rar3-solid.rar unicode.rar", "unar"),  # libarchive knows no solid rar 4
    (RARFILE, "unsupported-method", "rar2-unix-owner.rar", "unar"),  # nor what rar 2 packed
    (UNRAR, "encrypted", "test_password.rar", ""),
    (UNRAR, "damaged", "test_corrupted.rar", ""),
    (UNRAR_PROMISE, "encrypted", "example-encrypted.rar", ""),
]


def found(package: Fetch, source: tuple[str, str, str, str], name: str, tmp_path: Path) -> Path:
    """The archive of a name in a package, written on its own."""
    *which, folder = source
    with tarfile.open(package(*which)) as tar:
        for member in tar:
            inside = member.name.partition("/")[2]
            if member.isfile() and inside.removesuffix(".uu") == folder + name:
                file = tar.extractfile(member)
                assert file is not None
                content = file.read()
                target = tmp_path / Path(name).name
                target.write_bytes(uudecoded(content) if inside.endswith(".uu") else content)
                return target
    pytest.fail(f"{name} is not in {which}")


def uudecoded(text: bytes) -> bytes:
    """What uuencode made a text of; the last line may be padded."""
    lines = iter(text.splitlines())
    while not next(lines).startswith(b"begin"):
        pass
    content = b""
    for line in lines:
        if line == b"end":
            break
        content += binascii.a2b_uu(line[: 1 + ((line[0] - 32 & 63) + 2) // 3 * 4]) if line else b""
    return content


def unpacked(tool: str, archive: Path, tmp_path: Path) -> Rows:
    """What a tool unpacks."""
    target = tmp_path / tool
    target.mkdir()
    command = [*map(str, TOOLS[tool](archive, target))]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    files = (path for path in target.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(target)): row(path.read_bytes()) for path in files}


def row(content: bytes) -> Row:
    return len(content), hashlib.sha256(content).hexdigest()


def seen(pkgscan: Pkgscan, archive: Path, tmp_path: Path) -> tuple[Rows, set[str]]:
    """The files that pkgscan read in full, and the reasons why bytes were not seen."""
    facts, report = tmp_path / "facts", tmp_path / "report"
    done = pkgscan("scan", "--fail-on", "never", "-o", f"facts={facts}", "-o", f"json={report}", archive)
    assert done.returncode in {0, 3}, (done.stdout + done.stderr).decode()
    entries = [entry for entry in json.loads(facts.read_bytes())["entries"] if entry["archive"]]
    files = [entry for entry in entries if entry["type"] == "file" and entry["sha256"] and not entry["format"]]
    rows = {entry["path"][len(entry["archive"]) + 2 :]: (entry["size"], entry["sha256"]) for entry in files}
    gaps = {gap["reason"] for gap in json.loads(report.read_bytes())["gaps"] if gap["effect"] == "unread"}
    assert bool(gaps) == (done.returncode == 3)
    return rows, gaps


def each(table: Iterable[tuple[tuple[str, str, str, str], str, str]]) -> list[object]:
    return [
        pytest.param(source, said, name, id=f"{source[1]}-{name}")
        for source, said, names in table
        for name in names.split()
    ]


@pytest.mark.parametrize(("source", "tool", "name"), each(WHOLE))
def test_read_in_full(  # noqa: PLR0917  # pytest passes them by name
    pkgscan: Pkgscan, package: Fetch, tmp_path: Path, source: tuple[str, str, str, str], tool: str, name: str
) -> None:
    archive = found(package, source, name, tmp_path)
    rows, gaps = seen(pkgscan, archive, tmp_path)
    rows.pop("<data after the archive>", None)  # one has junk there, which the tools pass over
    assert gaps == set()
    assert rows == unpacked(tool, archive, tmp_path)
    assert rows


@pytest.mark.parametrize(("source", "reason", "name"), each(row[:3] for row in SAID))
def test_not_read_in_full_and_said(  # noqa: PLR0917  # pytest passes them by name
    pkgscan: Pkgscan, package: Fetch, tmp_path: Path, source: tuple[str, str, str, str], reason: str, name: str
) -> None:
    archive = found(package, source, name, tmp_path)
    rows, gaps = seen(pkgscan, archive, tmp_path)
    assert reason in gaps
    tool = next(row[3] for row in SAID if row[0] == source and name in row[2].split())
    if tool:
        whole = unpacked(tool, archive, tmp_path)
        assert rows.items() < whole.items()
    else:
        assert rows == {}


def test_what_is_stored_is_read_beside_what_cannot_be_unpacked(
    pkgscan: Pkgscan, package: Fetch, tmp_path: Path
) -> None:
    archive = found(package, RARFILE, "rar15-comment.rar", tmp_path)
    rows, gaps = seen(pkgscan, archive, tmp_path)
    assert (set(rows), gaps) == ({"FILE2.TXT"}, {"unsupported-method"})
    assert rows["FILE2.TXT"][0] == 8  # as unar has it, which cannot unpack FILE1.TXT either


def test_a_copy_names_its_original(pkgscan: Pkgscan, package: Fetch, tmp_path: Path) -> None:
    """WinRAR stores one of nine equal files; libarchive gives the other eight as empty."""
    archive = found(package, RARFILE, "rar5-dups.rar", tmp_path)
    facts = tmp_path / "facts"
    pkgscan("scan", "--fail-on", "never", "-o", f"facts={facts}", archive)
    entries = [entry for entry in json.loads(facts.read_bytes())["entries"] if entry["archive"]]
    copies = {entry["path"][-10:]: entry["link_target"] for entry in entries if entry["type"] == "hardlink"}
    assert copies == {f"stest{number}.txt": "stest1.txt" for number in range(2, 10)}
