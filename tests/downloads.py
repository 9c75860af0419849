"""Real packages for benchmarks, noise runs and oracles, fetched once by the ordinary clients, kept outside the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

TRIES = 3  # a mirror that refuses a connection now takes it a moment later
PATIENCE = 180  # seconds for one client; the largest package here takes ten


class DownloadError(Exception):
    """A package client gave up; the message names the package and carries the client's last words."""


def cache_folder(purpose: str) -> Path:
    """Where downloads of one purpose are kept: `$XDG_CACHE_HOME/pkgscan-PURPOSE`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / f"pkgscan-{purpose}"


def fetch(kind: str, name: str, version: str, cache: Path) -> Path:
    """The file of a package: `kind` is deb, npm or pypi (its wheel). An empty version takes the current one.

    A deb whose version has left the mirror is replaced by the current one: its file name tells. Raises DownloadError.
    """
    label = f"{kind}-{name}-{version}".replace("/", "+").replace(":", "+")
    folder = cache / label
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if found:
        return found[0]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".part-") as part:
        Path(part).chmod(0o755)
        CLIENTS[kind](name, version, Path(part))
        os.rename(part, folder)
        os.mkdir(part)  # for the clean-up that the context manager does
    return min(folder.iterdir())


def fetch_deb(name: str, version: str, folder: Path) -> None:
    """`apt-get download`, which needs no rights; the index is renewed when the version is unknown and we may."""
    wanted = [f"{name}={version}", name] if version else [name]
    try:
        run_any([["apt-get", "-q", "download", spec] for spec in wanted], name, folder)
    except DownloadError:
        if os.geteuid() != 0:
            raise
        run_any([["apt-get", "-q", "update"]], "the package index", folder)
        run_any([["apt-get", "-q", "download", spec] for spec in wanted], name, folder)


def fetch_wheel(name: str, version: str, folder: Path) -> None:
    """`pip download` of a wheel alone: pip would run the set-up code of a source distribution."""
    spec = f"{name}=={version}" if version else name
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run_any([[*pip, "--only-binary", ":all:", "--dest", ".", spec]], name, folder)


def fetch_tarball(name: str, version: str, folder: Path) -> None:
    """`npm pack`, its scripts switched off."""
    spec = f"{name}@{version}" if version else name
    run_any([["npm", "pack", "--silent", "--ignore-scripts", spec]], name, folder)


CLIENTS: dict[str, Callable[[str, str, Path], None]] = {"deb": fetch_deb, "pypi": fetch_wheel, "npm": fetch_tarball}


def run_any(commands: Sequence[Sequence[str]], name: str, folder: Path) -> None:
    """Runs the first command that succeeds, each a few times."""
    said = ""
    for command in commands:
        for _ in range(TRIES):
            try:
                done = subprocess.run(
                    command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
                )
            except FileNotFoundError:
                raise DownloadError(f"{name}: {command[0]} is not installed") from None
            except subprocess.TimeoutExpired:
                said = f"no answer within {PATIENCE} s"
                continue
            if done.returncode == 0:
                return
            said = " ".join(done.stderr.split())[-300:]
    raise DownloadError(f"{name}: {commands[0][0]} failed: {said}")
