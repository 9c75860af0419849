"""Makes members of what the directory, a local header, or nothing but a place in a zip says."""

from __future__ import annotations

from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.zip.content import Packed, refuse, unpack, whole
from pkgscan.archive.zip.mode import stated_mode
from pkgscan.archive.zip.record import ENCRYPTED, STORED, Central, Local, dos_path, entry_type, utf8_name
from pkgscan.model import EntryType

LINK_TARGET = 4096  # bytes: PATH_MAX
PERMISSIONS = 0o7777
EMPTY_BLOCK = 5  # bytes at most that deflate makes of nothing
ENCRYPTION_HEAD = 12  # bytes before the data of a traditionally encrypted entry


def directory_member(record: Central, name: bytes, source: Packed, *, at_once: bool = True) -> Member:
    """A member as the directory has it. `at_once`: unpacked already, if it is small."""
    kind, target = _type_and_target(record, source)
    data = whole(source) if kind == "file" and at_once else None
    mode = stated_mode(record)
    return Member(
        name=dos_path(name, record.host),
        type=kind,
        size=record.size,
        mode=mode & PERMISSIONS,
        has_mode=mode != 0,
        link_target=target,
        content=unpack(source) if data is None else iter((data,)),
        data=data,
        stored_at=_stored_at(source) if record.method == STORED else None,
    )


def link_member(record: Central, name: bytes, source: Packed) -> Member | None:
    """The link that an entry is to some unpackers; None where no link could hold its content."""
    target = _link_target(source)
    return Member(dos_path(name, record.host), "symlink", link_target=target) if target else None


def stated_type(record: Central) -> EntryType:
    """What the directory says that an entry is; `directory_member` gives it, unless that would hide data."""
    return entry_type(record.name, record.host, record.attributes, record.size)


def _type_and_target(record: Central, source: Packed) -> tuple[EntryType, bytes]:
    """What an entry is read as, and where it leads: data that no such thing has is read as a file's.

    Most unpackers ask the name for a directory, and write everything else as a file, whatever its attributes say.
    """
    kind = stated_type(record)
    if kind == "symlink":
        target = _link_target(source)
        return ("file", b"") if target is None else (kind, target)
    if kind != "file" and _has_data(record.method, record.flags, record.packed, record.size):
        kind = "file"
    return kind, b""


def _has_data(method: int, flags: int, packed: int, size: int) -> bool:
    """Whether there are bytes in an entry; packing nothing makes a few as well, and so does encrypting it."""
    nothing = (0 if method == STORED else EMPTY_BLOCK) + (ENCRYPTION_HEAD if flags & ENCRYPTED else 0)
    return size > 0 or packed > nothing


def local_member(local: Local, source: Packed, kind: EntryType | None = None) -> Member:
    """A member of which only the local header is known: no mode, no type but file or directory."""
    kind = kind or entry_type(local.name, 0, 0, local.size)
    if _has_data(local.method, local.flags, source.packed, source.size):
        kind = "file"
    return Member(
        name=utf8_name(local.name, local.flags),
        type=kind,
        size=source.size,
        has_mode=False,
        content=unpack(source),
        stored_at=_stored_at(source),
    )


def _stored_at(source: Packed) -> tuple[int, int] | None:
    whole = 0 <= source.packed <= source.window.size - source.at
    if source.method != STORED or not whole or source.refusal or refuse(source):
        return None
    return source.at, source.packed


def stretch_member(window: Window, name: bytes, start: int, stop: int) -> Member:
    """Bytes of the file that belong to no member, as one."""
    size = stop - start
    source = Packed(window, start, size, size, -1, STORED, 0)
    return Member(name=name, size=size, has_mode=False, content=unpack(source), stored_at=(start, size))


def _link_target(source: Packed) -> bytes | None:
    """The target of a symlink: its content; None where that cannot be read, or is nothing a link could hold."""
    target = b""
    try:
        for block in unpack(source):
            target += block
            if len(target) > LINK_TARGET:
                return None
    except Damage:
        return None  # and whoever reads it as a file is told why
    return None if b"\n" in target or b"\0" in target else target
