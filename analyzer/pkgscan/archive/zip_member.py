"""Makes members of what the directory, a local header, or nothing but a place in a zip says."""

from __future__ import annotations

from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.zip_content import Packed, refuse, unpack
from pkgscan.archive.zip_record import STORED, UNIX_HOSTS, Central, Local, entry_type, utf8_name
from pkgscan.model import EntryType

LINK_TARGET = 4096  # bytes: PATH_MAX
PERMISSIONS = 0o7777


def directory_member(record: Central, name: bytes, source: Packed) -> Member:
    """A member as the directory has it."""
    kind = entry_type(record.name, record.host, record.attributes, record.size)
    mode = record.attributes >> 16 if record.host in UNIX_HOSTS else 0
    return Member(
        name=name,
        type=kind,
        size=record.size,
        mode=mode & PERMISSIONS,
        has_mode=mode != 0,
        link_target=_link_target(source) if kind == "symlink" else b"",
        content=unpack(source),
        stored_at=_stored_at(source) if record.method == STORED else None,
    )


def local_member(local: Local, source: Packed, kind: EntryType | None = None) -> Member:
    """A member of which only the local header is known: no mode, no type but file or directory."""
    return Member(
        name=utf8_name(local.name, local.flags),
        type=kind or entry_type(local.name, 0, 0, local.size),
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


def _link_target(source: Packed) -> bytes:
    """The target of a symlink: its content. What cannot be read is said where the content is read."""
    target = b""
    try:
        for block in unpack(source):
            target += block
            if len(target) >= LINK_TARGET:
                break
    except Damage:
        return b""
    return target[:LINK_TARGET]
