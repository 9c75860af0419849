"""OLE compound files: which of them are packages of Windows Installer, and which are documents.

Source: [MS-CFB], sections 2.2 (header) and 2.6 (directory entries). The class ids are those Windows Installer asks for
before it takes a file for a package, a patch or a transform.
"""

from __future__ import annotations

from pkgscan.archive.member import Window

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHIFTS = {3: 9, 4: 12}  # major version: sectors of 512 or of 4096 bytes, as powers of two
_HEADER = 512  # bytes of the header
_ENTRY = 128  # bytes of a directory entry; the first one is the root's
_ROOT = 5  # its object type
_HIGHEST_SECTOR = 0xFFFFFFFA  # larger numbers mean that there is no such sector
_GUID_END = bytes.fromhex("0000 0000 c000 000000000046")
# {000C1084-...} package or merge module, {000C1086-...} patch, {000C1082-...} transform.
_INSTALLER = frozenset(bytes((low, 0x10, 0x0C, 0x00)) + _GUID_END for low in (0x82, 0x84, 0x86))


def is_msi(head: bytes) -> bool | None:
    """Whether a compound file is a package, patch or transform of Windows Installer, by its first bytes.

    False for documents, and for files whose directory no program would find; None where the directory stands behind
    `head`: `class_id` finds it there.
    """
    at = _root_at(head)
    if at < 0:
        return False
    if at + _ENTRY > len(head):
        return None
    return _class_id(head[at : at + _ENTRY]) in _INSTALLER


def class_id(window: Window) -> bytes:
    """The class id of a compound file's root entry, as its 16 bytes stand there; empty where there is no root."""
    at = _root_at(window.read(0, _HEADER))
    return _class_id(window.read(at, _ENTRY)) if at >= 0 else b""


def is_installer(identity: bytes) -> bool:
    """Whether a class id is one of Windows Installer."""
    return identity in _INSTALLER


def _root_at(head: bytes) -> int:
    """Where the directory begins; negative where the header leads to none."""
    if len(head) < _HEADER or not head.startswith(MAGIC):
        return -1
    shift = _SHIFTS.get(int.from_bytes(head[26:28], "little"))
    sector = int.from_bytes(head[48:52], "little")
    if shift is None or int.from_bytes(head[30:32], "little") != shift or sector > _HIGHEST_SECTOR:
        return -1
    return (sector + 1) << shift


def _class_id(entry: bytes) -> bytes:
    return entry[80:96] if len(entry) == _ENTRY and entry[66] == _ROOT else b""
