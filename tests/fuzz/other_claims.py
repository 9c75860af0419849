"""What must hold against other readers of a format: where nothing was said, they see what the walk saw."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Mapping

from fuzz.walk_claims import MOST, digest, entries_of, gaps_of, walked
from pkgscan.archive.formats import detect
from pkgscan.model import Entry, Fact

_READERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "bzip2": bz2.decompress,
    "xz": lambda data: lzma.decompress(data, lzma.FORMAT_XZ),
    "lzma": lambda data: lzma.decompress(data, lzma.FORMAT_ALONE),
}
_REFUSALS = (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error)


def check_tar(data: bytes) -> None:
    """Whatever Python's own tar reader makes of it was read alike, or something was said."""
    entries = _silent(data, ("tar",))
    if entries:
        seen = {entry.sha256 for entry in entries}
        assert _by_tarfile(data) <= seen, "tarfile reads what the walk neither reads nor says"


def _by_tarfile(data: bytes) -> set[str]:
    """The contents that Python's reader reads to their end, up to its first complaint."""
    found: set[str] = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                content = file.read(MOST) if file else b""
                if content and len(content) == member.size:  # an empty one hides nothing
                    found.add(digest(content))
    except Exception:  # noqa: BLE001  # whatever it complains of, it is not this reader that is on trial
        return found
    return found


def check_compressed(data: bytes) -> None:
    """What was unpacked without a word is what Python's own readers unpack, and they have no complaint of it."""
    form = detect(data)
    entries = _silent(data, tuple(_READERS))
    inner = [entry for entry in entries if entry.archive == "p"]
    if len(inner) != 1 or inner[0].format or inner[0].size > MOST:
        return
    try:
        theirs = _READERS[form](data)
    except _REFUSALS:
        stripped = _unpadded(form, data)
        assert stripped is not None, "unpacked without a word, and refused by Python's reader"
        theirs = stripped
    # Behind padding Python drops a second xz stream, which xz unpacks.
    assert inner[0].sha256 == digest(theirs) or (form == "xz" and inner[0].size > len(theirs))


def _unpadded(form: str, data: bytes) -> bytes | None:
    """What Python unpacks without the zeros behind, which are padding to all tools; None if it refuses that too."""
    bare = data.rstrip(b"\0")
    for zeros in range(64):  # the last stream's own may be among them
        try:
            return _READERS[form](bare + b"\0" * zeros)
        except _REFUSALS:
            continue
    return None


def _silent(data: bytes, forms: tuple[str, ...]) -> list[Entry]:
    """The entries of a package in one of these formats of which nothing was said; none of another."""
    if detect(data) not in forms:
        return []
    events = walked(data)
    said = gaps_of(events) or any(isinstance(event, Fact) for event in events)
    return [] if said else entries_of(events)
