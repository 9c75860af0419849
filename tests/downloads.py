"""Real packages for benchmarks, noise runs and oracles, fetched once by the ordinary clients, kept outside the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

TRIES = 3  # a mirror that refuses a connection now takes it a moment later
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"  # where Debian keeps its keys
PATIENCE = 180  # seconds for one client; the largest package here takes ten


class DownloadError(Exception):
    """A package client gave up; the message names the package and carries the client's last words."""


def cache_folder(purpose: str) -> Path:
    """Where downloads of one purpose are kept: `$XDG_CACHE_HOME/pkgscan-PURPOSE`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / f"pkgscan-{purpose}"


def fetch(kind: str, name: str, version: str, cache: Path) -> Path:
    """The file of a package: `kind` is deb, npm, pypi (its wheel), sdist, or source (of a deb).

    An empty version takes the current one. A deb whose version has left the mirror is replaced by the current one:
    its file name tells. Raises DownloadError.
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


def fetch_sdist(name: str, version: str, folder: Path) -> None:
    """`pip download` of a source distribution: pip runs its set-up code, so only for those that tests name."""
    spec = f"{name}=={version}" if version else name
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run_any([[*pip, "--no-binary", ":all:", "--dest", ".", spec]], name, folder)


def fetch_source(name: str, version: str, folder: Path) -> None:
    """The upstream tarball of a Debian source package, by an index of sources of its own; needs no rights."""
    with tempfile.TemporaryDirectory(prefix="sources-") as state:
        options = source_index(Path(state))
        run_any([["apt-get", "-q", *options, "update"]], "the index of sources", folder)
        wanted = [f"{name}={version}", name] if version else [name]
        run_any([["apt-get", "-q", *options, "source", "--download-only", spec] for spec in wanted], name, folder)
    for path in folder.iterdir():
        if ".orig.tar." not in path.name or path.suffix == ".asc":
            path.unlink()


def source_index(state: Path) -> list[str]:
    """Options for apt-get by which it knows the sources of what the system installs, and keeps the index in `state`."""
    for name in ("lists/partial", "archives/partial", "parts"):
        (state / name).mkdir(parents=True)
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)|$(ORIGIN)"]
    told = subprocess.run([*ask, "Created-By: Packages"], capture_output=True, text=True, check=True).stdout
    places = sorted({row.removesuffix("|Debian") for row in told.splitlines() if row.endswith("|Debian")})
    lines = [f"deb-src [signed-by={KEYRING}] {place}" for place in places]
    (state / "sources.list").write_text("\n".join(lines) + "\n")
    settings = {
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "parts",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state,
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    return [part for key, value in settings.items() if value for part in ("-o", f"{key}={value}")]


CLIENTS: dict[str, Callable[[str, str, Path], None]] = {
    "deb": fetch_deb,
    "pypi": fetch_wheel,
    "npm": fetch_tarball,
    "sdist": fetch_sdist,
    "source": fetch_source,
}


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
