"""Which makers' modes and links unzip, 7-Zip and bsdtar heed in a zip, against what pkgscan says of each."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile_cases import fixture
from zip_reading import read_path

forge, zip_modes = fixture("forge"), fixture("zip_modes")

SEVEN = next((name for name in ("7zz", "7z") if shutil.which(name)), "7zz")
HOSTS = [*range(32), 77, 255]
OSX = 19  # what Apple's own unpacker makes of it is not tried; Info-ZIP heeds no such mode
SETUID_MODES, LINK_MODES, LOW = (0o104755, 0o104644, 0o104555, 0o104444), (0o120777, 0o120644), (0, 1, 0x20)
TARGET = b"target"


def _unzip(path: Path, folder: Path) -> list[object]:
    return ["unzip", "-K", "-q", "-d", folder, path]


def _seven(path: Path, folder: Path) -> list[object]:
    return [SEVEN, "x", "-y", "-snl", "-bso0", f"-o{folder}", path]


def _bsdtar(path: Path, folder: Path) -> list[object]:
    return ["bsdtar", "-xpf", path, "-C", folder]


def unpacked(pieces: list[Any], folder: Path) -> dict[str, set[str]]:
    """What each entry is to any of the tools: a link, a file with a set user id, a plain file."""
    path = folder / "modes.zip"
    path.write_bytes(forge.forge(pieces))
    found: dict[str, set[str]] = {}
    tools: tuple[Callable[[Path, Path], list[object]], ...] = (_unzip, _seven, _bsdtar)
    for number, tool in enumerate(tools):
        target = folder / str(number)
        target.mkdir()
        subprocess.run([str(part) for part in tool(path, target)], check=True, capture_output=True)
        for file in target.iterdir():
            mode = file.lstat().st_mode
            kind = "link" if stat.S_ISLNK(mode) else "setuid" if mode & stat.S_ISUID else "file"
            found.setdefault(file.name, set()).add(kind)
    return found


def ours(folder: Path) -> dict[str, set[str]]:
    """The same by our reader, in which a file whose mode sets a user id is what that mode says."""
    found: dict[str, set[str]] = {}
    for member in read_path(str(folder / "modes.zip")).members:
        kind = "link" if member.type == "symlink" else "setuid" if member.mode & stat.S_ISUID else "file"
        found.setdefault(member.name.decode(), set()).add(kind)
    return found


def pieces_of(host: int) -> list[Any]:
    """Entries of one maker: links and set user ids, in the attributes and in ASi's field, beside attributes of DOS."""
    entry, asi = zip_modes.entry, zip_modes.asi
    setuid = [
        entry(b"%o-%d" % (mode, low), zip_modes.SCRIPT, host, mode, low=low) for mode in SETUID_MODES for low in LOW
    ]
    links = [entry(b"%o-%d" % (mode, low), TARGET, host, mode, low=low) for mode in LINK_MODES for low in LOW]
    fields = [
        entry(b"asi-setuid", zip_modes.SCRIPT, host, 0, extra=asi(forge.SETUID)),
        entry(b"asi-link", TARGET, host, 0, extra=asi(forge.LINK)),
        entry(b"asi-beside", zip_modes.SCRIPT, host, forge.REGULAR, extra=asi(forge.SETUID)),
    ]
    return [*setuid, *links, *fields]


@pytest.mark.parametrize("host", HOSTS)
def test_what_any_tool_makes_of_an_entry_is_told(host: int, tmp_path: Path) -> None:
    theirs = unpacked(pieces_of(host), tmp_path)
    assert len(theirs) == len(pieces_of(host))
    for name, kinds in ours(tmp_path).items():
        if host == OSX and name[:3] in {"104", "120"}:
            assert kinds == {"link" if name.startswith("120") else "setuid"}
            continue
        # One reading of the mode is enough: a file that some make setuid is told as such.
        expected = theirs[name] - ({"file"} if "setuid" in theirs[name] else set())
        # A link to all who follow a maker's modes; what others make of it, no file of their own follows from.
        if host == zip_modes.UNIX and name.startswith("120"):
            expected = {"link"}
        assert kinds == expected, name
        assert theirs[name] != {"link", "setuid"}
