"""What a walk tells, one event after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from pkgscan.facts.signing import Signature
from pkgscan.model import Entry, Fact, Gap, Span
from pkgscan.readers.base import Cut


class Seen(msgspec.Struct, frozen=True):
    """An entry, whole; with its content where a reader wants its kind, condensed and cut to the analysis buffer."""

    entry: Entry
    content: bytes | None = None
    truncated: bool = False
    cuts: tuple[Cut, ...] = ()


class Opened(msgspec.Struct, frozen=True):
    """The walk goes into the archive at `path`; if it dies before the matching `Closed`, this archive is to blame."""

    path: str


class Closed(msgspec.Struct, frozen=True):
    """The walk left the archive at `path`."""

    path: str


Event: TypeAlias = "Seen | Opened | Closed | Fact | Gap"


def gap(path: str, reason: str, detail: str) -> Gap:
    """A gap of the walk: bytes of the entry or archive at `path` were not seen."""
    return Gap(effect="unread", stage="walk", reason=reason, detail=detail, span=Span(path))


def stated(fact: Fact) -> Iterator[Fact | Gap]:
    """What an archive states of itself. A signature outside of its members is seen and not verified: that is a gap."""
    yield fact
    if isinstance(fact, Signature):
        yield Gap(effect="partial", stage="walk", reason="unverified-signature", detail=fact.why, span=fact.span)
