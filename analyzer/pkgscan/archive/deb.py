"""The parts that make an ar archive a Debian package: both must be there, and both must be opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from pkgscan.archive.formats import HEAD, detect
from pkgscan.archive.member import Damage, Member
from pkgscan.model import Fact

_PARTS = (b"control", b"data")  # deb(5); what follows the dot names the compression

Item: TypeAlias = "Member | Fact | Damage"


def parts(items: Iterator[Item]) -> Iterator[Item]:
    """What a deb holds; with a `Damage` for a part that cannot be opened as an archive, or is not there."""
    missing = dict.fromkeys(_PARTS)
    for item in items:
        stem, dot, _ = item.name.partition(b".") if isinstance(item, Member) else (b"", b"", b"")
        if not isinstance(item, Member) or not dot or stem not in _PARTS:
            yield item
            continue
        missing.pop(stem, None)
        head = _peek(item)
        yield item
        # An uncompressed tar without a member is zeros alone.
        if not detect(head) and (not head or head.strip(b"\0")):
            yield Damage("unsupported-format", f"{item.name.decode(errors='replace')} is in no format that is read")
    for stem in missing:
        yield Damage("damaged", f"the deb has no {stem.decode()} part")


def _peek(member: Member) -> bytes:
    """The first bytes of a content, which still yields them."""
    head = b""
    try:
        while len(head) < HEAD and (block := next(member.content, b"")):
            head += block
    except Damage as damage:
        member.content = chain((head,), _raising(damage))
    else:
        member.content = chain((head,) if head else (), member.content)
    return head


def _raising(damage: Damage) -> Iterator[bytes]:
    raise damage
    yield b""
