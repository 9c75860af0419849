"""What libarchive says when it cannot read something, as the walk's own reasons."""

from __future__ import annotations

from pkgscan.archive.member import Damage

# Warnings at a header after which name, type, size and content are still right.
_HARMLESS = (
    "acl", "xattr", "selinux", "fflags", "converted", "atime", "ctime", "mtime", "creationtime", "mac metadata",
    "os x metadata",
)  # fmt: skip
_SOLARIS = "solaris acl"  # an entry of type A is an access list to libarchive, and to GNU tar a file: passed over
_REASONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("truncated", ("truncated", "unexpected end", "premature")),
    ("encrypted", ("encrypt", "passphrase", "crypto", "decrypt")),
    ("bad-checksum", ("checksum", "crc")),
    ("limit-memory", ("allocate memory", "out of memory")),
    ("unsupported-method", ("unsupported", "not supported", "unknown codec", "unexpected codec")),
)


def reason_of(text: str) -> str:
    """The reason of a gap for an error text of the library."""
    lower = text.lower()
    return next((reason for reason, marks in _REASONS if any(mark in lower for mark in marks)), "damaged")


def header_damage(text: str) -> Damage | None:
    """What a warning at a header means for what was read; None if nothing."""
    lower = text.lower()
    if _SOLARIS in lower:
        return Damage(reason_of(text), f"header: {text}", fatal=True)
    if any(mark in lower for mark in _HARMLESS):
        return None
    detail = text or "a field is longer than libarchive takes"
    return Damage("misread-header", f"another unpacker may see another name, type or size: {detail}")
