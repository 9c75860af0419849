"""What the oracles of formats compare: an archive's files as pkgscan, bsdtar and the tool of its format see them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from command import Pkgscan

Leaf = tuple[str, int, str]  # path in the innermost archive, bytes, sha256
Fetch = Callable[..., Path]
Make = Callable[[Path, Path], object]  # the tree to pack, the archive to make
Unpack = Callable[[Path, Path], object]  # the archive, the folder to unpack it into
Done = subprocess.CompletedProcess[bytes]
COMPLETE = {0, 1}  # exit codes of a scan that saw everything
UTF8 = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}


@dataclass
class View:
    """What pkgscan saw of one archive, at every depth: files that are no archives themselves, links, and gaps."""

    leaves: Counter[Leaf] = field(default_factory=Counter)
    links: dict[str, str] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)  # files named, and their content not seen
    gaps: list[tuple[str, str]] = field(default_factory=list)  # reason, detail


def do(*command: object, cwd: Path | None = None, **more: object) -> bytes:
    """What a tool writes to standard output; one that fails fails the test."""
    done: Done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, check=False, **more)  # type: ignore[call-overload]  # pass-through
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
    return done.stdout


def leaf(name: str, content: bytes) -> Leaf:
    return name.removeprefix("./"), len(content), hashlib.sha256(content).hexdigest()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the regular files below a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return ((str(path.relative_to(folder)), path.read_bytes()) for path in found)


def links(folder: Path) -> dict[str, str]:
    """The symbolic links below a folder and what they lead to."""
    return {str(path.relative_to(folder)): str(path.readlink()) for path in folder.rglob("*") if path.is_symlink()}


def inside(found: Iterator[tuple[str, bytes]]) -> Counter[Leaf]:
    """The leaves of files, with zips and gzips among them unpacked by the standard library, as deep as they go."""
    leaves: Counter[Leaf] = Counter()
    waiting = list(found)
    while waiting:
        name, content = waiting.pop()
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                waiting += [(info.filename, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
        elif content.startswith(b"\x1f\x8b\x08"):
            # Where the name does not end in .gz, pkgscan calls what is in it `content`.
            plain = Path(name).name.removesuffix(".gz") if name.endswith(".gz") else "content"
            waiting.append((plain, gzip.decompress(content)))
        else:
            leaves[leaf(name, content)] += 1
    return leaves


def whole(tree: Path, without: str = "") -> Counter[Leaf]:
    """The leaves of a tree that was packed, without those below one folder."""
    return inside((name, content) for name, content in files(tree) if not without or not name.startswith(without))


def unpacked(unpack: Unpack, archive: Path, target: Path) -> Counter[Leaf]:
    """What a tool unpacks from an archive."""
    target.mkdir()
    unpack(archive, target)
    return inside(files(target))


def bsdtar(archive: Path, target: Path) -> Counter[Leaf]:
    """What bsdtar unpacks."""
    return unpacked(lambda archive, target: do("bsdtar", "-xf", archive, "-C", target, env=UTF8), archive, target)


def complaint_of_bsdtar(archive: Path) -> str:
    """What bsdtar says of an archive that it does not read to the end; empty where it does."""
    done: Done = subprocess.run(["bsdtar", "-xOf", str(archive)], env=UTF8, capture_output=True, check=False)
    return done.stderr.decode("utf-8", "replace") if done.returncode else ""


def seen(pkgscan: Pkgscan, package: Path, target: Path) -> Counter[Leaf]:
    """What pkgscan saw of a package in which nothing may stay unseen."""
    done = pkgscan("scan", "--fail-on", "never", "-o", f"facts={target}", package)
    assert done.returncode in COMPLETE, (done.stdout + done.stderr).decode()
    return sum((view.leaves for view in views_of(json.loads(target.read_bytes())["entries"]).values()), Counter())


def views(pkgscan: Pkgscan, folder: Path, facts: Path) -> dict[str, View]:
    """What pkgscan saw of each archive in a folder, in one scan; by the archives' names."""
    done = pkgscan("scan", "--fail-on", "never", "-f", "json", "-o", f"facts={facts}", folder)
    assert done.returncode in COMPLETE | {3}, (done.stdout + done.stderr).decode()
    found = views_of(json.loads(facts.read_bytes())["entries"])
    for gap in json.loads(done.stdout)["gaps"]:
        if gap["effect"] == "unread":
            name = gap["span"]["path"].split("!/")[1]
            found.setdefault(name, View()).gaps.append((gap["reason"], gap["detail"]))
    incomplete = any(view.gaps for view in found.values())
    assert incomplete == (done.returncode == 3), done.stderr.decode()
    return found


def views_of(entries: list[Mapping[str, str]]) -> dict[str, View]:
    """The entries of a facts file by the archive in the scanned folder, or by the folder that is scanned itself."""
    found: dict[str, View] = {}
    for entry in entries:
        view = found.setdefault(entry["path"].split("!/")[min(1, entry["path"].count("!/"))], View())
        name = entry["path"][len(entry["archive"]) + 2 :]
        if entry["type"] in {"symlink", "hardlink"}:
            view.links[name] = entry["link_target"]
        elif entry["type"] == "file" and entry["archive"] and not entry["format"]:
            if entry["sha256"]:
                view.leaves[name, int(entry["size"]), entry["sha256"]] += 1
            else:
                view.unseen.add(name)
    return found
