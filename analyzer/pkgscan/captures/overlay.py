"""Lays what one source says of a host over what another says: the first counts where both speak of the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import msgspec

from pkgscan.model import Span
from pkgscan.profile.model import Database, Listing, Mount, Profile, Stated

T = TypeVar("T")


def overlaid(over: Profile, under: Profile) -> Profile:
    """Both as one, at the path of the first. A list is complete if either says so."""
    return _laid(over, under, keep=frozenset({"path", "window", "signatures"}))


def _laid(over: T, under: T, keep: frozenset[str] = frozenset()) -> T:
    fields = over.__struct_fields__  # type: ignore[attr-defined]  # every caller's is a struct
    changed = {name: _either(getattr(over, name), getattr(under, name)) for name in fields if name not in keep}
    return msgspec.structs.replace(over, **changed)  # type: ignore[type-var]


def _either(over: Any, under: Any) -> Any:
    if over is None or under is None:
        return under if over is None else over
    if isinstance(over, Listing):
        return _listing(over, under)
    if isinstance(over, Span):
        return over
    if isinstance(over, tuple):
        return _joined(over, under)
    if isinstance(over, bool):
        return over or under
    return over if isinstance(over, Stated | str | int) else _laid(over, under)


def _listing(over: Listing, under: Listing) -> Listing:
    """The names of both, at the place of the one that is complete, else of the first."""
    items = (*over.items, *(item for item in under.items if not over.find(item.value)))
    span = over.span if over.complete or (over.span and not under.complete) else under.span
    return Listing(items, over.complete or under.complete, span)


def _joined(over: tuple[Any, ...], under: tuple[Any, ...]) -> tuple[Any, ...]:
    """Items of both; of those with one name, what the first leaves out is taken from the second."""
    if not over or not under:
        return over or under
    key = _KEYS.get(type(over[0]))
    if key is None:
        return (*over, *under)
    known: dict[Hashable, Any] = {key(item): item for item in under}
    joined = [_laid(item, known.pop(key(item))) if key(item) in known else item for item in over]
    return (*joined, *known.values())


_KEYS: dict[type, Callable[[Any], Hashable]] = {
    Mount: lambda mount: mount.path.value,
    Database: lambda database: database.name.value,
}


def all_overlaid(profiles: Iterable[Profile]) -> Profile:
    """All of them as one, the first above the others."""
    first, *others = profiles
    for other in others:
        first = overlaid(first, other)
    return first
