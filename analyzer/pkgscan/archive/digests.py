"""Digests of entries beside their SHA-256, for whoever asks after the walk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Window
from pkgscan.archive.root import Root
from pkgscan.archive.second_look import fetch
from pkgscan.archive.spool import Spool
from pkgscan.facts.signing import EntryDigests
from pkgscan.model import Span


def digests(root: Root, wanted: Mapping[str, Sequence[str]], limits: Limits, spool: Spool) -> Iterator[EntryDigests]:
    """The digests of each entry by the algorithms asked for of it; nothing of entries that are not there."""
    for path, held in fetch(root, wanted, limits, spool):
        if not isinstance(held, Damage):
            yield EntryDigests(span=Span(path), digests=_digests(held.window, wanted[path]))


def _digests(window: Window, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    states = [(name, hashlib.new(name, usedforsecurity=False)) for name in names]
    for block in window.blocks():
        for _, state in states:
            state.update(block)
    return tuple((name, state.hexdigest()) for name, state in states)
