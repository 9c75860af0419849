"""Opens what goes with a package: signatures beside it, or named by the user, and the files that a profile names.

Nothing of the package decides what is opened here, and what is opened is read by the confined children alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pkgscan.config import refuse_inside
from pkgscan.errors import UserError
from pkgscan.inputs import Input, open_input

if TYPE_CHECKING:
    from pkgscan.archive.limits import Limits
    from pkgscan.profile.model import Profile, Signatures, Stated

# What is put behind a package's name for a signature of it, or a list with its digest.
BESIDE = (
    ".asc", ".sig", ".sign", ".gpg", ".p7s", ".p7m", ".minisig", ".sha256", ".sha512", ".sha384", ".sha1", ".md5",
    ".sha256sum", ".sha512sum",
)  # fmt: skip


class Companions(msgspec.Struct, frozen=True):
    """The files that the user names beside the package, empty for none."""

    signatures: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    previous: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.signatures, *self.advisories, *filter(None, (self.previous,)))


def open_all(package: str, named: Companions, profile: Profile | None, limits: Limits) -> tuple[Input, ...]:
    """The package and all that goes with it, the package first. Raises UserError."""
    opened = [open_input(package, limits=limits)]
    try:
        for path in _with_beside(named.signatures, (package,)):
            _add(opened, open_input(path, "signature"))
        for path in _with_beside(named.advisories, named.advisories):
            _add(opened, open_input(path, "advisory"))
        if named.previous:
            _add(opened, open_input(named.previous, "previous", limits))
            for path in beside(named.previous):
                _add(opened, open_input(path, "previous"))
        for stated in _files(profile.signatures) if profile is not None else ():
            _add(opened, _trust_file(stated, profile, package))
    except BaseException:
        for source in opened:
            source.close()
        raise
    return tuple(opened)


def check_named(profile: Profile) -> None:
    """Complain about a file that a profile names for signatures and that cannot be opened. Raises UserError."""
    for stated in _files(profile.signatures):
        _trust_file(stated, profile, "").close()


def _with_beside(named: tuple[str, ...], files: tuple[str, ...]) -> Iterator[str]:
    """What the user named, and what lies beside some files, each once."""
    known = {os.path.realpath(path) for path in named}
    yield from named
    for file in files:
        yield from (path for path in beside(file) if os.path.realpath(path) not in known)


def beside(package: str) -> Iterator[str]:
    """The files beside a package that are called like signatures of it."""
    if package == "-" or os.path.isdir(package):
        return
    for suffix in BESIDE:
        path = package + suffix
        if os.path.isfile(path) and os.path.getsize(path):
            yield path


def _add(opened: list[Input], source: Input) -> None:
    if any(source.name == other.name for other in opened):
        source.close()
        raise UserError(f"{source.path}: another input is called the same", "rename one of the two files")
    opened.append(source)


def _files(stated: Signatures) -> Iterator[Stated[str]]:
    """Every file that a profile names for signatures, once."""
    found = [root for trust in stated.trust for root in trust.roots]
    for rotation in stated.rotations:
        found += [file for file in (rotation.evidence, rotation.evidence_signature) if file is not None]
    found += [*stated.advisory_keys, *stated.crls]
    yield from {file.value: file for file in reversed(found)}.values()


def _trust_file(stated: Stated[str], profile: Profile | None, package: str) -> Input:
    assert profile is not None
    path = os.path.join(os.path.dirname(profile.path), stated.value)
    place = f"{stated.span.path}:{stated.span.first_line}:{stated.span.first_column}"
    try:
        refuse_inside(path, package)
        source = open_input(path, "trust", name=f"trust:{stated.value}")
    except UserError as error:
        raise UserError(f"{place}: {error.message}", error.hint) from error
    if source.is_directory:
        source.close()
        raise UserError(f"{place}: {path} is a directory", "name the files in it, each with its own name")
    return source
