"""Puts captures into a folder, with a profile that imports them: from a folder, a tar, or files by their content."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from pkgscan.captures.profile import READERS, load_profile
from pkgscan.captures.source import MOST_BYTES, Captured, read_capture
from pkgscan.errors import UserError
from pkgscan.patterns import pattern
from pkgscan.profile.model import Profile
from pkgscan.tomlfile import quoted

_CRONTAB = pattern(r"crontabs/(?:crontab|(?:cron\.d|spool)/[A-Za-z0-9_][A-Za-z0-9._-]*)\Z")
_FAILED = ".failed"
_HEAD = """\
# The host as it printed itself. What people decide is to be added by hand: the maintenance window, retired hosts, whom
# to trust, what is installed; docs/profile.md names the tables.
profile = 1

[imports]
"""


def take_in(sources: Sequence[str], folder: str) -> Profile:
    """The profile of what the sources hold, written to a folder that is new or empty. Raises UserError."""
    found: dict[str, bytes] = {}
    for source in sources:
        for name, data in _pieces(source):
            if name in found:
                raise UserError(f"{source} holds {name}, which another source holds, too", "name only one of them")
            found[name] = data
    if not any(_key(name) for name in found):
        raise UserError("nothing in it is what a host prints of itself", "make one with: pkgscan profile script")
    try:
        _write(folder, found)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}", "name a folder that is new or empty") from error
    return load_profile(os.path.join(folder, "profile.toml"))


def _write(folder: str, found: dict[str, bytes]) -> None:
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        raise UserError(f"{folder} is not empty", "name a folder that is new or empty")
    for name, data in sorted(found.items()):
        if _key(name):
            path = os.path.join(folder, "facts", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
    with open(os.path.join(folder, "profile.toml"), "w", encoding="utf-8") as file:
        file.write(_profile(found))


def _profile(found: dict[str, bytes]) -> str:
    keys = sorted({_key(name) for name in found} - {""})
    lines = [f"{key} = {quoted(f'facts/{key}')}" for key in keys]
    for name, data in sorted(found.items()):
        key = name.removesuffix(_FAILED)
        if name.endswith(_FAILED) and key not in keys:
            said = data.decode("utf-8", "replace").strip().split("\n")[0][:200]
            lines.append(f"# {key} is not known: {''.join(char for char in said if char.isprintable()) or 'no output'}")
    return _HEAD + "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """The import that a piece belongs to; empty for none."""
    return "crontabs" if _CRONTAB.match(name) else name if name in READERS else ""


def _pieces(source: str) -> Iterator[tuple[str, bytes]]:
    import tarfile  # noqa: PLC0415  # only here

    if os.path.isdir(source):
        yield from _of_folder(source)
    elif not os.path.exists(source):
        raise UserError(f"cannot read {source}: no such file", "name a capture that exists")
    elif tarfile.is_tarfile(source):
        yield from _of_tar(source)
    else:
        captured = read_capture(source)
        yield _recognised(captured), captured.text.encode()


def _of_folder(source: str) -> Iterator[tuple[str, bytes]]:
    for base, _, names in os.walk(source):
        for name in sorted(names):
            path = os.path.join(base, name)
            piece = os.path.relpath(path, source)
            if _is_taken(piece):
                yield piece, read_capture(path).text.encode()


def _of_tar(source: str) -> Iterator[tuple[str, bytes]]:
    import tarfile  # noqa: PLC0415  # only here

    try:
        with tarfile.open(source) as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                if member.isreg() and _is_taken(name):
                    file = archive.extractfile(member)
                    yield name, file.read(MOST_BYTES) if file is not None else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserError(f"{source} is a tar that cannot be read: {error}", "capture it again") from error


def _is_taken(name: str) -> bool:
    return bool(_key(name)) or name.removesuffix(_FAILED) in {*READERS, "crontabs"}


def _recognised(captured: Captured) -> str:
    """What a file is by its name, or else by its content."""
    stem = os.path.basename(captured.path).partition(".")[0].replace("-", "_")
    if stem in READERS:
        return stem
    fitting = [key for key in READERS if _fits(captured, key)]
    if len(fitting) != 1:
        names = ", ".join(READERS)
        raise UserError(f"{captured.path} is not known for what a host prints", f"give it one of the names {names}")
    return fitting[0]


def _fits(captured: Captured, key: str) -> bool:
    try:
        READERS[key](captured)
    except UserError:
        return False
    return True
