"""What is known of a release of a distribution: which package brings a unit, a command, a user.

Made by fixtures/releases.py, and loaded when somebody asks. It is a known part and never all: a host has some of the
packages of its release, and others besides. Only what every host of the release has is certain.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property, lru_cache

from pkgscan.profile.nearest import nearest

_FOLDER = os.path.join(os.path.dirname(__file__), "releases")
_SUFFIX = ".gz"
_COMMANDS = "-commands"
_PATH = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")  # where a bare name is looked for
_FEW = 4  # a scan is for one host; a test may look at another


class Release:
    """The names of one release, each with its package: lines of words with tabs between, found as text."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def title(self) -> str:
        """As a message names it: `debian 12`."""
        return self.name.replace("-", " ")

    def unit(self, name: str) -> str:
        """The package that brings a unit, or one of which it is another name; empty if there is none.

        An init script is a service as well: systemd makes one of it (systemd-sysv-generator(8)).
        """
        script = name.removesuffix(".service")
        made = self._find("init", script) if script != name else ""
        return self._find("unit", name) or self._find("unit", self.alias(name)) or made

    def alias(self, name: str) -> str:
        """The unit that has another name, by its Alias= or a link; empty if there is none."""
        return self._find("alias", name)

    def user(self, name: str) -> str:
        """The package that makes a user; empty if none that was read does."""
        return self._find("user", name)

    def command(self, name: str) -> str:
        """The package that brings a command, by its path or its bare name."""
        paths = (
            (name,) if "/" in name else (f"{folder}/{name}" for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
        )
        spelt = (spelling for path in paths for spelling in spellings(path))
        return next(filter(None, (_found(self._commands, path) for path in spelt)), "")

    def is_everywhere(self, package: str) -> bool:
        """Whether every host of the release has a package."""
        return f"\nessential\t{package}\n" in self._names

    def near_unit(self, name: str) -> str:
        """The unit of the release that has the most similar name; empty if none has."""
        return nearest(name, self._of("unit"))

    def unread(self) -> str:
        """What was not read when it was made, in words."""
        total, read = next(iter(self._rows("shipping")), ("0", "0"))
        return (
            f"users, and names that units give themselves, are those of base-passwd and of {read} of the {total} "
            "packages of the release that ship units; what packages of other archives bring is not known"
        )

    def versions(self) -> Iterator[tuple[str, ...]]:
        """(package, version) of each that was read."""
        return self._rows("read")

    def _find(self, kind: str, name: str) -> str:
        return _found(self._names, f"{kind}\t{name}") if name else ""

    def _of(self, kind: str) -> Iterator[str]:
        return (row[0] for row in self._rows(kind))

    def _rows(self, kind: str) -> Iterator[tuple[str, ...]]:
        return (tuple(line.split("\t")[1:]) for line in self._names.split("\n") if line.startswith(f"{kind}\t"))

    @cached_property
    def _names(self) -> str:
        return _text(self.name)

    @cached_property
    def _commands(self) -> str:
        return _text(self.name + _COMMANDS)


def releases() -> list[str]:
    """The names of those that are known: `debian-12`."""
    names = (name.removesuffix(_SUFFIX) for name in os.listdir(_FOLDER) if name.endswith(_SUFFIX))
    return sorted(name for name in names if not name.endswith(_COMMANDS))


@lru_cache(_FEW)
def release(system: str, version: str) -> Release | None:
    """That of a system, by ID and VERSION_ID of os-release; None for one that is not known."""
    name = f"{system}-{version}"
    return Release(name) if name in releases() else None


def spellings(path: str) -> Iterator[str]:
    """A path, and the same where /bin and /usr/bin are one folder."""
    yield path
    yield path.removeprefix("/usr") if path.startswith(("/usr/bin/", "/usr/sbin/")) else f"/usr{path}"


def _found(text: str, start: str) -> str:
    """What stands on the line that begins with some words; they come from a package, and may hold anything."""
    if not start.replace("\t", "").isprintable():
        return ""
    at = text.find(f"\n{start}\t")
    if at < 0:
        return ""
    begin = at + len(start) + 2
    return text[begin : text.index("\n", begin)]


def _text(name: str) -> str:
    import gzip  # noqa: PLC0415  # only where one asks

    with gzip.open(os.path.join(_FOLDER, name + _SUFFIX), "rt", encoding="utf-8") as file:
        return "\n" + file.read()
