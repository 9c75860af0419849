"""The packages that scripts are drawn from: fetched by the ordinary clients, and the shell scripts in them."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from suites import fetch_of, options_of

from downloads import DownloadError, fetch, run_any

SUITE = "bookworm"  # the release that the names were chosen from
BATCH = 50  # packages for one apt-get, whose start takes longer than most downloads
CLIENTS_AT_ONCE = 2
SCRIPT_BYTES = 500_000
SHEBANG = re.compile(rb"#! ?(/usr)?/(local/)?(bin/)?(env )?(ba|da|k)?sh\b")
MAINTAINER = ("preinst", "postinst", "prerm", "postrm", "config")


@dataclass(frozen=True)
class Package:
    """A line of packages.txt."""

    kind: str  # deb, npm or pypi
    name: str
    version: str


@dataclass(frozen=True)
class Script:
    """A shell script: where it lies and its bytes, which are never committed."""

    package: Package
    member: str  # its path in the archive; `control/postinst` for a maintainer script
    content: bytes


def read_list(path: Path) -> list[Package]:
    lines = path.read_text(encoding="ascii").splitlines()
    return [Package(*line.split()[:3]) for line in lines if not line.startswith("#")]


def fetch_all(packages: Iterable[Package], cache: Path) -> tuple[dict[Package, Path], list[str]]:
    """Each package's file, and what the clients said of those that they did not bring."""
    wanted = list(packages)
    fetch_debs([package for package in wanted if package.kind == "deb"], cache)
    found: dict[Package, Path] = {}
    said: list[str] = []
    with ThreadPoolExecutor(CLIENTS_AT_ONCE) as pool:
        for package, answer in zip(wanted, pool.map(lambda package: fetch_one(package, cache), wanted), strict=True):
            if isinstance(answer, Path):
                found[package] = answer
            else:
                said.append(answer)
    return found, said


def fetch_one(package: Package, cache: Path) -> Path | str:
    try:
        if package.kind == "deb":
            return fetch_of(SUITE, package.name, cache)
        return fetch(package.kind, package.name, package.version, cache)
    except DownloadError as error:
        return str(error)


def fetch_debs(packages: list[Package], cache: Path) -> None:
    """Puts Debian packages where `fetch_of` looks for them; what a batch does not bring, it fetches by itself."""
    cache.mkdir(parents=True, exist_ok=True)
    missing = [package for package in packages if not list((cache / f"deb-{SUITE}-{package.name}").glob("*.deb"))]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        with tempfile.TemporaryDirectory(dir=cache, prefix=".part-") as part:
            Path(part).chmod(0o755)
            command = ["apt-get", "-q", *options_of(SUITE, cache), "download"]
            versions = [f"{package.name}={package.version}" for package in batch]
            names = [package.name for package in batch]
            try:
                run_any([[*command, *versions], [*command, *names]], "a batch of packages", Path(part))
            except DownloadError as error:
                print(error)
            for file in Path(part).glob("*.deb"):
                folder = cache / f"deb-{SUITE}-{file.name.split('_')[0]}"
                folder.mkdir(exist_ok=True)
                file.rename(folder / file.name)


def scripts_of(package: Package, path: Path) -> Iterator[Script]:
    """The shell scripts of a package, in the order of their paths."""
    read = {"deb": members_of_deb, "npm": members_of_tar, "pypi": members_of_wheel}[package.kind]
    found = [(name, content) for name, content in read(path) if SHEBANG.match(content)]
    return (Script(package, name, content) for name, content in sorted(found))


def members_of_deb(path: Path) -> Iterator[tuple[str, bytes]]:
    for option, prefix in (("--ctrl-tarfile", "control/"), ("--fsys-tarfile", "")):
        packed = subprocess.run(["dpkg-deb", option, str(path)], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            yield from ((prefix + name, content) for name, content in members(archive))


def members_of_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        yield from members(archive)


def members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for info in archive:
        file = archive.extractfile(info) if info.isfile() and info.size < SCRIPT_BYTES else None
        if file:
            yield info.name.removeprefix("./"), file.read()


def members_of_wheel(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.file_size < SCRIPT_BYTES:
                yield info.filename, archive.read(info)
