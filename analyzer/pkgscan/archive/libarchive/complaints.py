"""What libarchive says when it cannot read something, as the walk's own reasons, and in words that say what to do.

Its texts may hold names out of the archive. So they are matched from their beginning, and what may follow a name is
never looked at: a name such as `xattr` or `encrypted` decides nothing.
"""

from __future__ import annotations

import re

from pkgscan.archive.member import Damage
from pkgscan.archive.names import name_text

# Warnings at a header after which name, type, size and content are still right, whole as libarchive 3.6 to 3.8 puts
# them. What stands for a name here is the library's own: of a field, of a character set, or a number.
_HARMLESS = re.compile(
    r"(?:Pathname|Linkname|Symlink|Uname|Gname) (?:can't|cannot) be converted from [\w.:+-]+ to "
    r"(?:current locale|Unicode)\.?"
    r"|Ignoring malformed pax (?:atime|ctime|mtime|creationtime)"
    r"|Ignoring unreasonably large security\.selinux attribute: \d+ > \d+"
    r"|Unreasonably large (?:ACL|xattr): \d+ > \d+"
    r"|Parse error: +SCHILY\.acl\.(?:access|default|ace)"
    r"|Malformed OS X metadata entry: inconsistent size"
    r"|Mac metadata is too large: \d+ > \w+(?: \w+)?"
)
_SOLARIS = "Malformed Solaris ACL"  # an entry of type A is an access list to libarchive, and to GNU tar a file
# Behind these comes a name.
_NAMING = re.compile(
    r"(?:File|Directory) is beyond end-of-media|Ignoring out-of-order (?:file|directory)|Malformed attribute"
    r"|Skipping hardlink pointing to itself|Unrecognized file type"
)
_REASONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("truncated", ("truncated", "unexpected end", "premature", "no progress is possible")),  # the last is of liblzma
    ("encrypted", ("encrypt", "passphrase", "crypto", "decrypt")),
    ("bad-checksum", ("checksum", "crc")),
    ("limit-memory", ("allocate memory", "out of memory")),
    ("unsupported-method", ("unsupported", "not supported", "unknown codec", "unexpected codec")),
)
_AGAIN = "get the package again, and compare its checksum with the one its vendor publishes"
_WORDS = {
    "truncated": f"ends too early, as a broken download or one part of several does: join the parts, or {_AGAIN}",
    "encrypted": "is encrypted: unpack it with its password, and scan what comes out",
    "bad-checksum": f"is not what was packed, since its checksum is another: {_AGAIN}",
    "limit-memory": "takes more memory to unpack than is allowed; raise it with --limit memory=N",
    "unsupported-method": "is packed in a way that is not read here: unpack it, and scan what comes out",
    "damaged": f"is damaged, or is not what its first bytes say: {_AGAIN}",
}
_COMPARE = "list the archive with the unpacker that you use, and compare"
_SUBJECTS = {"open": "the archive", "header": "the rest of the archive", "content": "the content"}
_BEFORE_NAME = {"open": "of", "header": "behind", "content": "of"}
_SHOWN = 200  # bytes of a member's name in a sentence; real ones are shorter


def reason_of(text: str) -> str:
    """The reason of a gap for an error text of the library."""
    named = _NAMING.match(text)
    lower = (named[0] if named else text).lower()
    return next((reason for reason, marks in _REASONS if any(mark in lower for mark in marks)), "damaged")


def damage(text: str, where: str, member: bytes, *, fatal: bool) -> Damage:
    """What an error means. `where` is at what the library was: open, header or content; `member` was met last."""
    reason, subject = reason_of(text), _SUBJECTS[where]
    if member:
        name = name_text(member[:_SHOWN])
        subject = f"{subject} {_BEFORE_NAME[where]} {name}{'...' if len(member) > _SHOWN else ''}"
    return Damage(reason, in_words(subject, reason, f"libarchive: {text}"), fatal=fatal)


def in_words(subject: str, reason: str, cause: str) -> str:
    """What is broken, what to do about it, and behind that the words of the library that met it."""
    return f"{subject} {_WORDS[reason]} ({cause})"


def header_damage(text: str) -> Damage | None:
    """What a warning at a header means for what was read; None if nothing."""
    if text.startswith(_SOLARIS):
        detail = "an access list in it makes no sense, and other unpackers take it for a file: unpack it, and scan that"
        return Damage(reason_of(text), f"{detail} (libarchive: {text})", fatal=True)
    if _HARMLESS.fullmatch(text):
        return None
    cause = f"libarchive: {text}" if text else "a field is longer than libarchive takes"
    return Damage("misread-header", f"another unpacker may see another name, type or size ({cause}): {_COMPARE}")
