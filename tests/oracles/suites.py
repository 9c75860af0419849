"""Debian packages of a named release, whatever the machine itself runs: apt with a source list and state of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from downloads import DownloadError, run_any

OPTIONS = ("Dir::Etc::sourceparts=/dev/null", "Dir::State::status=/var/lib/dpkg/status")


def fetch_of(suite: str, name: str, cache: Path) -> Path:
    """The file of a package as `suite` (such as bookworm) has it. Raises DownloadError."""
    folder = cache / f"deb-{suite}-{name}"
    if not list(folder.glob("*.deb")):
        folder.mkdir(parents=True, exist_ok=True)
        run_any([["apt-get", "-q", *options_of(suite, cache), "download", name]], name, folder)
    return min(folder.glob("*.deb"))


def options_of(suite: str, cache: Path) -> list[str]:
    """Options that make apt see this release alone; its index is fetched the first time."""
    root = cache / f"apt-{suite}"
    settings = [f"Dir::State={root}/state", f"Dir::Cache={root}/cache", f"Dir::Etc::sourcelist={root}/sources.list"]
    options = [word for setting in (*settings, *OPTIONS) for word in ("-o", setting)]
    if not list((root / "state" / "lists").glob("*_Packages*")):
        for part in ("state/lists/partial", "cache/archives/partial"):
            (root / part).mkdir(parents=True, exist_ok=True)
        (root / "sources.list").write_text(f"deb {mirror()} {suite} main\n", encoding="ascii")
        run_any([["apt-get", "-q", *options, "update"]], f"the index of {suite}", root)
    return options


def mirror() -> str:
    """The mirror this machine uses for Debian itself."""
    command = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = sorted(line.removeprefix("Debian ") for line in lines if line.startswith("Debian "))
    if not found:
        raise DownloadError("no mirror of Debian is set up; run apt-get update")
    return found[0]
