"""The parts that make an ar archive a Debian package: both must be there, once, and both must be opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from pkgscan.archive.formats import HEAD, detect
from pkgscan.archive.member import Damage, Member
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Fact, Span

_PARTS = (b"control", b"data")  # deb(5); what follows the dot names the compression

Item: TypeAlias = "Member | Fact | Damage"


def parts(items: Iterator[Item], path: str) -> Iterator[Item]:
    """What the deb at `path` holds; with a `Damage` for a part that cannot be opened as an archive, or is not there.

    Of two data parts dpkg unpacks the first, while tools that look for a name may find the other: a fact says so.
    """
    seen: dict[bytes, str] = {}
    for item in items:
        stem, dot, _ = item.name.partition(b".") if isinstance(item, Member) else (b"", b"", b"")
        if not isinstance(item, Member) or not dot or stem not in _PARTS:
            yield item
            continue
        name = item.name.decode(errors="replace")
        if stem in seen:
            text = f"the deb has two {stem.decode()} parts, {seen[stem]} and {name}, of which tools take one"
            yield Disagreement(span=Span(path), text=text, disagreement="duplicate-name")
        seen[stem] = name
        head = _peek(item)
        yield item
        # An uncompressed tar without a member is zeros alone.
        if not detect(head) and (not head or head.strip(b"\0")):
            yield Damage("unsupported-format", f"{name} is in no format that is read")
    for stem in (part for part in _PARTS if part not in seen):
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
