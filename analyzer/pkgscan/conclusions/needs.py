"""What the scripts of the package need of the host, each thing once: units, users and commands it does not bring.

Each is told as a reliance as well, as are the rights they use and the hosts they talk to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.assumption import Reliance
from pkgscan.facts.needs import Need, NeedKind, RootNeed, ServiceStop
from pkgscan.facts.systemd import template
from pkgscan.facts.uses import (
    AccountUse,
    CommandUse,
    FileWrite,
    NetworkUse,
    PackageManagerUse,
    PrivilegeUse,
    UnitUse,
    Use,
)
from pkgscan.graph import Graph
from pkgscan.model import Fact, Related
from pkgscan.reason.reliance import relies
from pkgscan.reason.running import is_documentation
from pkgscan.reason.stops import stops
from pkgscan.reason.telling import places
from pkgscan.values import literal

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.target import Target

UNLINKS = ("remove", "del", "delete")  # of update-rc.d, chkconfig and rc-update
USES = 8  # places told of one thing
NAME = 128  # characters of a name that is told; a longer one is no name
# Accounts that every host has, and what useradd and chown take for none.
GIVEN = frozenset(("root", "wheel", "nobody", "nogroup", "-"))
LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0", "ip6-localhost", "host.docker.internal")  # noqa: S104  # names of the host itself


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Fact]:
    """Needs by kind and name, then what they say as reliances."""
    needs = [*_units(graph), *_users(graph), *_commands(graph)]
    yield from needs
    yield from stops([use for use in graph.facts(UnitUse) if _counts(use, graph)])
    yield from _as_root(graph)
    yield from _reliances(needs, graph, circumstances.target)


def _counts(use: Use, graph: Graph) -> bool:
    """Whether a use is one of the host itself: neither elsewhere, nor in a container image, nor an example."""
    return not use.where and not graph.images_of(use.span.path) and not is_documentation(use.span.path)


def _units(graph: Graph) -> Iterator[Need]:
    uses: dict[str, list[UnitUse]] = {}
    for use in graph.facts(UnitUse):
        if _acts_on_one(use) and _counts(use, graph):
            uses.setdefault(use.unit, []).append(use)
    brought = _brought_units(graph) if uses else frozenset()
    for unit, found in sorted(uses.items()):
        if brought.isdisjoint({unit, template(unit)}):
            yield from _need("unit", unit, [use for use in found if not use.guarded("unit", unit)])


def _acts_on_one(use: UnitUse) -> bool:
    """Whether a use takes a unit of the host for granted; links of an init script are taken away where it is gone."""
    unlinks = use.legacy and use.verb in UNLINKS
    return use.kind == "action" and not use.of_user and not unlinks and bool(use.unit) and _is_name(use.unit)


def _is_name(unit: str) -> bool:
    """Whether a text is the name of one unit, and no pattern, path or what a template is filled with."""
    return len(unit) <= NAME and not any(sign in unit for sign in "*?[]{}$ /<>%|()'\"\\\t\n,")


def _brought_units(graph: Graph) -> frozenset[str]:
    """The units that the package ships, links or writes, and the init scripts that systemd makes units of."""
    found: set[str] = set()
    for entry in graph.entries():
        folder, _, name = entry.path.rpartition("/")
        if folder.endswith(("/init.d", "/init")):
            found.add(f"{name.removesuffix('.conf')}.service")
        elif "." in name:
            found.update((name, template(name)))
    for write in graph.facts(FileWrite):
        if write.way != "deletes" and ("/systemd/" in write.path or "/init.d/" in write.path):
            name = write.path.rpartition("/")[2]
            found.add(name if "." in name else f"{name}.service")
    return frozenset(found)


def _users(graph: Graph) -> Iterator[Need]:
    uses: dict[str, list[AccountUse]] = {}
    made: set[str] = set()
    for use in graph.facts(AccountUse):
        if use.creates:
            made.add(use.name)
        elif not use.is_group and use.name not in GIVEN and _is_name(use.name) and _counts(use, graph):
            uses.setdefault(use.name, []).append(use)
    if uses and ("" in made or any("sysusers.d/" in entry.path for entry in graph.entries())):
        return  # makes accounts whose names are not known
    for name, found in sorted(uses.items()):
        if name not in made:
            yield from _need("user", name, [use for use in found if not use.guarded("user", name)])


def _commands(graph: Graph) -> Iterator[Need]:
    uses: dict[str, list[CommandUse]] = {}
    for use in graph.facts(CommandUse):
        if _counts(use, graph):
            uses.setdefault(use.name, []).append(use)
    for name, found in sorted(uses.items()):
        yield from _need("command", name, [use for use in found if not use.guarded("tool", name)])


def _as_root(graph: Graph) -> Iterator[RootNeed]:
    """The scripts that do what takes root, none of it through sudo, and do not look whether they are root."""
    raised = {_end(use) for use in graph.facts(PrivilegeUse)}
    acts: dict[str, list[Use]] = {}
    units = (use for use in graph.facts(UnitUse) if use.kind != "query" and not use.of_user)
    accounts = (use for use in graph.facts(AccountUse) if use.creates)
    for use in (*units, *accounts, *graph.facts(PackageManagerUse)):
        if _end(use) not in raised and _counts(use, graph) and not use.guarded("root"):
            acts.setdefault(use.span.path, []).append(use)
    for _, found in sorted(acts.items()):
        first, *others = sorted(found, key=lambda use: use.span)
        yield RootNeed(span=first.span, text=first.text, uses=places(others))


def _end(use: Use) -> tuple[str, int, int]:
    """Where the command of a use ends, which is where the one ends that runs it."""
    return use.span.path, use.span.last_line, use.span.last_column


def _need(kind: NeedKind, name: str, bare: Sequence[Use]) -> Iterator[Need]:
    """One need of the uses that nothing guards, if there are any: first those whose failure counts."""
    told = [use for use in bare if use.failure != "ignored"] or list(bare)
    if not told:
        return
    first, *others = sorted(told, key=lambda use: use.span)
    yield Need(
        span=first.span,
        text=first.text,
        kind=kind,
        name=name,
        uses=tuple(Related(use.span, "used here too") for use in others[:USES]),
        sure=any(use.certainty == "must" for use in told),
        optional=first.failure == "ignored",
    )


def _reliances(needs: Iterable[Need], graph: Graph, target: Target) -> Iterator[Reliance]:
    for need in needs:
        if need.optional:
            continue
        asked = {"unit": target.unit, "user": target.user, "command": target.command}[need.kind]
        yield relies(need.kind, need.name, need.span, asked(need.name))
    for use in graph.facts(NetworkUse):
        if use.host and not use.host.startswith(LOOPBACK) and _counts(use, graph):
            yield relies("host", use.host, use.span, target.reachable(use.host, int(use.port) if use.port else None))
    for right in graph.facts(PrivilegeUse):
        if right.program in ("sudo", "doas") and not right.queries and _counts(right, graph):
            words = tuple(literal(word) or "" for word in right.command)
            known = words if all(words) else ()
            subject = f"{right.program} as {right.user or 'another account'}"
            yield relies("right", subject, right.span, target.sudo(known, runas=right.user or "root"))


NEEDS = Conclusion(name="needs", concludes=(Need, RootNeed, ServiceStop, Reliance), conclude=conclude, after=("uses",))
