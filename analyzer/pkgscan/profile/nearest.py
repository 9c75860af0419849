"""The nearest of some names to one that is not among them, as a hint and never as an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LIKE = 0.6  # how much of two names is the same, as difflib counts it
_LOOKED_AT = 500  # names compared letter by letter; a release has thousands, and one comparison takes 20 microseconds
_APART = 4  # characters by which the lengths of two names differ at most, where they share no word
_WORD = re.compile(r"[a-z0-9]{3,}")
_PLAIN = frozenset({"service", "timer", "socket", "target", "system", "daemon", "server", "manager"})  # say nothing


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it; empty if none is."""
    import difflib  # noqa: PLC0415  # only where a name is not known

    words = _words(name)
    alike = (other for other in known if _may_be_like(name, other) or words & _words(other))
    some = [other for other, _ in zip(alike, range(_LOOKED_AT), strict=False)]
    return next(iter(difflib.get_close_matches(name, some, n=1, cutoff=_LIKE)), "")


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.lower())) - _PLAIN


def _may_be_like(name: str, other: str) -> bool:
    return name[:1] == other[:1] and abs(len(name) - len(other)) <= _APART
