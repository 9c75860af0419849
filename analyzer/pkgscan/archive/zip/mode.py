"""What unpackers make of the Unix mode of a zip's entry, which they look for in different places.

The upper half of the attributes holds it where Unix made the archive. Info-ZIP, 7-Zip and libarchive disagree on what
else may hold it: other makers, and the field that ASi's archivers added (APPNOTE 4.6.8). That each of these is heeded
was tried with the tools, in tests/oracles/test_zip_modes.py.
"""

from __future__ import annotations

from pkgscan.archive.zip.record import DOS_DIRECTORY, DOS_HOST, UNIX_HOSTS, Central, extra_field

_ASI_FIELD, _ASI_MARK = 0x756E, b"nu"
_ASI_MODE, _ASI_MODE_END = 4, 6  # behind its checksum
_TYPE, _LINK = 0o170000, 0o120000
_OWNERS, _READABLE, _WRITABLE, _SEARCHABLE = 0o700, 0o400, 0o200, 0o100  # bits of the owner
_RIGHTS = 0o6000  # set user id, set group id
_DOS_READ_ONLY = 0x01

# Makers by section 4.4.2, and those that came later: VMS, Atari ST, BeOS, AtheOS; then QDOS, Acorn Risc, Tandem; Theos.
_LINKING = frozenset({2, 3, 5, 16, 30})  # whose links Info-ZIP makes
_WITH_MODE = _LINKING | {12, 13, 17}  # whose attributes hold a mode to it
_WITH_ASI = _WITH_MODE | {18}  # and of which it takes the mode in that field where the attributes hold none
_LINKING_TOO = frozenset({DOS_HOST, 11})  # DOS and NTFS: 7-Zip makes links of these


def stated_mode(record: Central) -> int:
    """The mode that an entry has to any unpacker, with the bits of its type; 0 where none finds one."""
    mode, host = record.attributes >> 16, record.host
    if host in UNIX_HOSTS or host in _WITH_MODE:
        return mode or _asi_mode(record)
    # Programs for Windows write modes that mean nothing; of these only what gives rights to whoever runs it matters.
    if host == DOS_HOST and mode & _RIGHTS and mode & _OWNERS == _dos_owners(record.attributes):
        return mode
    return 0 if mode else _asi_mode(record)


def who_links(record: Central) -> str:
    """The unpacker that makes a symbolic link of an entry that is a file to others; empty where none does, or all."""
    mode, host = record.attributes >> 16, record.host
    if (host in UNIX_HOSTS and mode) or record.name[-1:] == b"/":
        return ""
    who = "7-Zip" if host in _LINKING_TOO else "unzip" if host in _LINKING else ""
    mode = _asi_mode(record) if who == "unzip" and not mode else mode
    return who if mode & _TYPE == _LINK else ""


def _asi_mode(record: Central) -> int:
    if _ASI_MARK not in record.extra or record.host not in _WITH_ASI:
        return 0
    body = extra_field(record.extra, _ASI_FIELD) or b""
    return int.from_bytes(body[_ASI_MODE:_ASI_MODE_END], "little")


def _dos_owners(attributes: int) -> int:
    """The owner's bits that attributes of DOS come to; Info-ZIP heeds a mode beside them only where it has these."""
    writable = 0 if attributes & _DOS_READ_ONLY else _WRITABLE
    return _READABLE | writable | (_SEARCHABLE if attributes & DOS_DIRECTORY else 0)
