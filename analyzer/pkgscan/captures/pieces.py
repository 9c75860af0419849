"""The captures in what a user names: a folder, a tar, a file. What comes from a host is taken for hostile.

A tar is read in memory, within limits, and nothing is unpacked under a name of its own; links are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from pkgscan.captures.profile import FAILED, FOLDERS, READERS
from pkgscan.captures.source import MOST_BYTES, Captured, read_capture, text_of
from pkgscan.errors import UserError
from pkgscan.patterns import pattern

MOST_IN_ALL = 128 << 20  # bytes of a whole capture; that of a large host, with Ansible's packages, is under 10 MB
MOST_PIECES = 20_000  # files of a capture: nearly all are crontabs, of which a shared host has some hundreds
_CRONTAB = pattern(r"crontabs/(?:crontab|(?:cron\.d|spool)/[A-Za-z0-9_][A-Za-z0-9._-]{0,200})\Z")
_FORMS = ("csv", "json", "txt")  # how people end the names of such outputs
_GZIP = b"\x1f\x8b"
_AGAIN = "capture it again"


def pieces(source: str) -> Iterator[tuple[str, Captured]]:
    """(name, content) of each capture in a source. Raises UserError for one that cannot be read."""
    if os.path.isdir(source):
        yield from _of_folder(source)
    else:
        data = _content(source)
        members = _of_tar(source, data)
        if members is not None:
            yield from members
        else:
            captured = Captured(source, text_of(data))
            yield _recognised(captured), captured


def key_of(name: str) -> str:
    """The import that a piece belongs to; empty for none."""
    return "crontabs" if _CRONTAB.match(name) else name if name in READERS else ""


def _plain(name: str) -> str:
    """The name of a piece without what tells its form: `tables.csv` is `tables`."""
    stem, _, form = name.partition(".")
    return stem if stem in READERS and form in _FORMS else name


def _is_taken(name: str) -> bool:
    return bool(key_of(name)) or (name.endswith(FAILED) and name.removesuffix(FAILED) in {*READERS, *FOLDERS})


def _of_folder(source: str) -> Iterator[tuple[str, Captured]]:
    count = 0
    for base, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(base, name)
            piece = _plain(os.path.relpath(path, source).replace(os.sep, "/"))
            count = _counted(source, count)
            if _is_taken(piece) and stat.S_ISREG(os.lstat(path).st_mode):
                yield piece, read_capture(path)


def _content(source: str) -> bytes:
    """The bytes of a file, unpacked if gzip has packed it."""
    import gzip  # noqa: PLC0415  # only here
    import zlib  # noqa: PLC0415  # only here

    try:
        with open(source, "rb") as file:
            is_packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            data = (gzip.GzipFile(fileobj=file) if is_packed else file).read(MOST_IN_ALL + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"cannot read {source}: {reason}", "name a capture that exists") from error
    if len(data) > MOST_IN_ALL:
        raise UserError(f"{source} holds more than any capture", _AGAIN)
    return data


def _of_tar(source: str, data: bytes) -> Iterator[tuple[str, Captured]] | None:
    """The captures in a tar; None if it is none."""
    import io  # noqa: PLC0415  # only here
    import tarfile  # noqa: PLC0415  # only here

    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")  # noqa: SIM115  # it holds nothing open
    except (tarfile.TarError, ValueError):
        return None

    def members() -> Iterator[tuple[str, Captured]]:
        count = total = 0
        try:
            for member in archive:
                name = _plain(member.name.removeprefix("./"))
                count = _counted(source, count)
                if member.isreg() and _is_taken(name):
                    total += member.size
                    if member.size > MOST_BYTES or total > MOST_IN_ALL:
                        raise UserError(f"{source}: {name} is larger than any such output", _AGAIN)
                    file = archive.extractfile(member)
                    yield name, Captured(f"{source}!/{name}", text_of(file.read() if file is not None else b""))
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            raise UserError(f"{source} is a tar that cannot be read: {error}", _AGAIN) from error

    return members()


def _counted(source: str, count: int) -> int:
    if count >= MOST_PIECES:
        raise UserError(f"{source} holds more files than any capture", _AGAIN)
    return count + 1


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
