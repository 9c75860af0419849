"""Where two hosts differ, so that what a rehearsal on one of them says of the other can be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pkgscan.model import Span
from pkgscan.profile.model import Listing, Profile, Stated, SudoGrant, Table
from pkgscan.profile.target import Target
from pkgscan.reason.sizes import byte_size

UNKNOWN = "not known"
_NEARLY = 1.1  # times as large or as free: less is no difference that a rehearsal would show
_MODES = {"none": "no sudo", "password": "with a password", "nopasswd": "without a password"}


class Difference(msgspec.Struct, frozen=True):
    """One thing that is otherwise on two hosts; `kind` and `subject` are those of an assumption.

    `said` is how it is on each, `spans` where that is stated.
    """

    kind: str
    subject: str
    said: tuple[str, ...]
    spans: tuple[Span, ...] = ()


def differences(one: Profile, other: Profile) -> Iterator[Difference]:
    """All of them, sort by sort; what neither profile knows is none."""
    yield from _systems(one, other)
    yield from _units(one, other)
    yield from _listed("user", one.host.users, other.host.users)
    yield from _sudo(one, other)
    yield from _databases(one, other)
    yield from _endpoints(one, other)
    yield from _disk(one, other)
    yield from _named("installed", _pairs(one.installed), _pairs(other.installed))


def _systems(one: Profile, other: Profile) -> Iterator[Difference]:
    named = [_system(profile) for profile in (one, other)]
    yield from _named("system", *({"operating system": found} for found in named))
    for kind, key in (("time zone", "time_zone"), ("prompts", "unattended")):
        values = [getattr(profile.host, key) for profile in (one, other)]
        yield from _named(kind, *({key: _shown(value)} for value in values))


def _system(profile: Profile) -> Stated[str] | None:
    host = profile.host
    words = [part.value for part in (host.os, host.version) if part]
    return Stated(" ".join(words), (host.version or host.os).span) if host.os else None


def _shown(value: Stated[object] | None) -> Stated[str] | None:
    """A value as a person writes it; whether nobody answers prompts in words."""
    if value is None or isinstance(value.value, str):
        return value  # type: ignore[return-value]  # a text already
    return Stated("nobody answers them" if value.value else "somebody answers them", value.span)


def _named(
    kind: str, one: Mapping[str, Stated[str] | None], other: Mapping[str, Stated[str] | None]
) -> Iterator[Difference]:
    for subject in dict.fromkeys((*one, *other)):
        values = [found.get(subject) for found in (one, other)]
        texts = [value.value if value else UNKNOWN for value in values]
        if texts[0] != texts[1]:
            yield Difference(kind, subject, tuple(texts), _spans(values))


def _pairs(items: Iterable[Stated[tuple[str, str]]]) -> dict[str, Stated[str] | None]:
    return {item.value[0]: Stated(item.value[1], item.span) for item in items}


def _spans(values: Iterable[Stated[str] | None]) -> tuple[Span, ...]:
    return tuple(value.span for value in values if value is not None)


def _units(one: Profile, other: Profile) -> Iterator[Difference]:
    """By what each host answers, so that aliases, templates and new names count."""
    hosts = [Target(profile) for profile in (one, other)]
    for name in _names(one.systemd.units, other.systemd.units):
        answers = [host.unit(name) for host in hosts]
        said = [_held(answer.holds, f"called {answer.value}" if answer.value else "not there") for answer in answers]
        if said[0] != said[1] and UNKNOWN not in said:
            yield Difference("unit", name, tuple(said), tuple(answer.span for answer in answers if answer.span))


def _held(holds: bool | None, without: str) -> str:  # noqa: FBT001  # what an answer says
    if holds is None:
        return UNKNOWN
    return "there" if holds else without


def _listed(kind: str, one: Listing, other: Listing) -> Iterator[Difference]:
    """Names that one has and the other certainly lacks."""
    for name in _names(one, other):
        found = [listing.find(name) for listing in (one, other)]
        said = ["there" if item else "not there" if listing.complete else UNKNOWN
                for item, listing in zip(found, (one, other), strict=True)]  # fmt: skip
        if said[0] != said[1] and UNKNOWN not in said:
            yield Difference(kind, name, tuple(said), _spans(found))


def _names(one: Listing, other: Listing) -> Iterator[str]:
    return iter(dict.fromkeys(item.value for listing in (one, other) for item in listing.items))


def _sudo(one: Profile, other: Profile) -> Iterator[Difference]:
    modes = [profile.sudo.mode for profile in (one, other)]
    said = [Stated(_MODES[mode.value], mode.span) if mode else None for mode in modes]
    yield from _named("right", *({"sudo": value} for value in said))
    rights = [_rights(profile) for profile in (one, other)]
    named = dict.fromkeys((*rights[0], *rights[1]))  # what is not listed is as the mode says
    yield from _named(
        "right", *({key: found.get(key) or mode for key in named} for found, mode in zip(rights, said, strict=True))
    )


def _rights(profile: Profile) -> dict[str, Stated[str] | None]:
    rights = {f"sudo {item.value}": Stated("without a password", item.span) for item in profile.sudo.nopasswd}
    rights |= {_right(grant): Stated(_granted(grant), grant.span) for grant in profile.sudo.grants}
    return dict(rights)


def _right(grant: SudoGrant) -> str:
    runas = f" as {', '.join(grant.runas)}" if grant.runas and grant.runas != ("root",) else ""
    return f"{grant.user}: sudo {grant.command}{runas}"


def _granted(grant: SudoGrant) -> str:
    if grant.negated:
        return "forbidden"
    return "with a password" if grant.asks else "without a password"


def _databases(one: Profile, other: Profile) -> Iterator[Difference]:
    known = [{database.name.value: database for database in profile.databases} for profile in (one, other)]
    for name in dict.fromkeys((*known[0], *known[1])):
        found = [databases.get(name) for databases in known]
        servers = [
            Stated(" ".join(part.value for part in (item.engine, item.version) if part), item.name.span)
            if item
            else None
            for item in found
        ]
        yield from _named("database", *({name: server} for server in servers))
        tables = [{table.name.value: table for table in item.tables} if item else {} for item in found]
        for table in dict.fromkeys((*tables[0], *tables[1])) if all(tables) else ():
            yield from _sizes(table, tables[0].get(table), tables[1].get(table))


def _sizes(name: str, one: Table | None, other: Table | None) -> Iterator[Difference]:
    """A table that is much larger on one host, by its rows, or by its bytes where those are not known."""
    spans = tuple(table.name.span for table in (one, other) if table)
    if one is None or other is None:
        yield Difference("table", name, tuple("there" if table else UNKNOWN for table in (one, other)), spans)
        return
    for unit in ("rows", "bytes"):
        counts = [getattr(table, unit) for table in (one, other)]
        if all(counts):
            yield from _ratio(name, unit, counts[0].value, counts[1].value, spans)
            return


def _ratio(name: str, unit: str, one: int, other: int, spans: tuple[Span, ...]) -> Iterator[Difference]:
    small, large = sorted((max(one, 1), max(other, 1)))
    if large / small >= _NEARLY:
        times = f"{large / small:.1f}".removesuffix(".0")
        texts = [f"{count:,} {unit}" + (f", {times} times as many" if count == max(one, other) else "")
                 for count in (one, other)]  # fmt: skip
        yield Difference("table", name, tuple(texts), spans)


def _endpoints(one: Profile, other: Profile) -> Iterator[Difference]:
    found = [_reachable(profile) for profile in (one, other)]
    yield from _named("host", *found)


def _reachable(profile: Profile) -> dict[str, Stated[str] | None]:
    known = {item.value: Stated("can be reached", item.span) for item in profile.endpoints.reachable.items}
    return {**known, **{one.host.value: Stated("is retired", one.span) for one in profile.endpoints.retired}}


def _disk(one: Profile, other: Profile) -> Iterator[Difference]:
    free = [{mount.path.value: mount.free for mount in profile.mounts} for profile in (one, other)]
    for path in dict.fromkeys((*free[0], *free[1])):
        sizes = [mounts.get(path) for mounts in free]
        texts = [f"{byte_size(size.value)} free" if size else UNKNOWN for size in sizes]
        values = [max(size.value, 1) for size in sizes if size]
        if texts[0] != texts[1] and (len(values) == 1 or max(values) / min(values) >= _NEARLY):
            yield Difference("disk", path, tuple(texts), tuple(size.span for size in sizes if size))
