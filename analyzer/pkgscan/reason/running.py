"""When and as whom a script of the package runs, by what starts it and by where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pkgscan.model import MEMBER, Entry

CONTROL = "!/control.tar"  # the beginning of the name of a deb's control archive
PACKAGES = frozenset(("deb", "rpm"))
DOCUMENTATION = ("/doc/", "/docs/", "/examples/", "/example/", "/test/", "/tests/", "/samples/", "/contrib/", "/man/")


class Asked(Protocol):
    """What is asked of a scan."""

    def starts(self, entry_path: str) -> tuple[Any, ...]:
        """How what starts by itself comes to run an entry."""

    def install_paths(self, entry_path: str) -> tuple[Any, ...]:
        """Where an entry would lie on the host."""

    def entry(self, path: str) -> Entry | None:
        """The entry at a path of the package."""

    def images_of(self, entry_path: str) -> Sequence[Any]:
        """The container images in whose layers an entry lies."""


def is_documentation(path: str) -> bool:
    """Whether a file lies among documentation, examples or tests, so that nobody runs it at an upgrade."""
    return any(part in path for part in DOCUMENTATION)


def is_in_package(path: str, scan: Asked) -> bool:
    """Whether a file lies in a deb or an rpm, which may depend on others that bring what it needs."""
    at = path.find(MEMBER)
    while at >= 0:
        archive = scan.entry(path[:at])
        if archive is not None and archive.format in PACKAGES:
            return True
        at = path.find(MEMBER, at + 1)
    return False


def runs_at_install(path: str, scan: Asked) -> bool:
    """Whether a script runs when the package is installed: a package tool runs it, or it is one of the loose files.

    What would lie on the host afterwards runs when somebody or something there starts it.
    """
    if is_documentation(path) or scan.images_of(path):
        return False
    starts = scan.starts(path)
    if CONTROL in path:
        return True
    if starts:
        return any(start.trigger.kind == "maintainer script" for start in starts)
    return not scan.install_paths(path)


def runs_as_root(path: str, scan: Asked) -> bool:
    """Whether a package tool runs a script, which it does as root; its control archive holds nothing else."""
    return CONTROL in path or any(start.trigger.kind == "maintainer script" for start in scan.starts(path))


def is_unattended(path: str, scan: Asked) -> bool:
    """Whether nobody is there when a script runs: something starts it by itself, or an upgrade runs it."""
    if is_documentation(path) or scan.images_of(path):
        return False
    return bool(scan.starts(path)) or not scan.install_paths(path)
