"""What Ansible gathers: setup, service_facts and package_facts, in one file or as `ansible --tree` writes them.

Only what is named here is taken: not the environment, nor addresses, serial numbers or machine ids, which such a file
is full of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pkgscan.captures.json_places import Keys
from pkgscan.captures.source import Captured, CapturedJson
from pkgscan.profile.model import Host, Listing, Mount, Profile, Stated, Systemd

T = TypeVar("T", str, int)
_MIB = 1 << 20
_GATHERED = (
    "ansible_distribution", "ansible_distribution_major_version", "ansible_distribution_version", "ansible_memtotal_mb",
    "ansible_mounts", "ansible_nodename", "ansible_processor_vcpus", "packages", "services",
)  # fmt: skip
# ID in os-release, where it is not Ansible's name in small letters.
_SYSTEMS = {
    "amazon": "amzn", "archlinux": "arch", "opensuse leap": "opensuse-leap", "opensuse tumbleweed":
    "opensuse-tumbleweed", "oraclelinux": "ol", "redhat": "rhel",
}  # fmt: skip


def ansible(source: Captured) -> Profile:
    """The host, its file systems, services and packages, as far as they were gathered; lists are never complete."""
    facts = _Facts(source.json())
    return Profile(
        path=source.path,
        host=Host(
            name=facts.of("ansible_nodename", str),
            os=facts.of("ansible_distribution", str, _system),
            version=facts.version(),
            cpus=facts.of("ansible_processor_vcpus", int),
            memory=facts.of("ansible_memtotal_mb", int, lambda count: count * _MIB),
        ),
        installed=facts.packages(),
        systemd=Systemd(units=facts.services()),
        mounts=facts.mounts(),
    )


def scrubbed(sources: Iterable[Captured]) -> str:
    """What several files of facts say, as one, without anything that a profile does not take.

    That leaves out the environment, addresses, serial numbers, machine ids, and what nobody has thought of yet.
    """
    import json  # noqa: PLC0415  # only here

    kept: dict[str, Any] = {}
    for source in sources:
        ansible(source)  # which complains of what is not as it should be
        data = _Facts(source.json()).data
        kept.update({key: _kept(key, data[key]) for key in _GATHERED if key in data})
    return json.dumps({"ansible_facts": kept}, indent=1, sort_keys=True) + "\n"


def _kept(key: str, value: Any) -> Any:
    """A fact with only those of its parts that are taken."""
    if key == "packages":
        return {name: [_only(item, "version") for item in versions] for name, versions in value.items()}
    if key == "services":
        return {name: _only(item, "status") for name, item in value.items()}
    if key == "ansible_mounts":
        return [_only(item, "mount", "size_available", "fstype") for item in value]
    return value


def _only(item: Any, *keys: str) -> dict[str, Any]:
    return {key: item[key] for key in keys if key in item} if isinstance(item, dict) else {}


def _system(distribution: str) -> str:
    return _SYSTEMS.get(distribution.lower(), distribution.lower())


def _status(service: Any) -> Any:
    return service.get("status") if isinstance(service, dict) else None


class _Facts:
    def __init__(self, captured: CapturedJson) -> None:
        self._captured = captured
        self._at: Keys = ()
        data = captured.data
        if isinstance(data, dict) and "ansible_facts" in data:
            data, self._at = data["ansible_facts"], ("ansible_facts",)
        if not isinstance(data, dict):
            captured.fail(self._at, "no facts of Ansible: they are an object")
        if set(_GATHERED).isdisjoint(data):
            captured.fail(self._at, "no facts of Ansible: it holds neither setup nor service_facts nor package_facts")
        self.data: dict[str, Any] = data

    def version(self) -> Stated[str] | None:
        """As os-release has it: Debian counts its releases alone there, and not what was mended in them."""
        is_debian = self.data.get("ansible_distribution") == "Debian"
        major = self.of("ansible_distribution_major_version", str) if is_debian else None
        return major or self.of("ansible_distribution_version", str)

    def of(self, key: str, kind: type[T], made: Callable[[T], T] = lambda value: value) -> Stated[T] | None:
        value = self.data.get(key)
        if value is None:
            return None
        if type(value) is not kind:
            self._captured.fail((*self._at, key), f"{key} must be a {'text' if kind is str else 'whole number'}")
        return Stated(made(value), self._captured.span((*self._at, key)))

    def services(self) -> Listing:
        """Those that systemd has found: it speaks of some that are only named by others, too."""
        services = self.data.get("services", {})
        items = tuple(
            Stated(name, span)
            for name, span in self._named("services")
            if name.endswith(".service") and _status(services[name]) != "not-found"
        )
        return Listing(items, span=self._captured.span((*self._at, "services")) if items else None)

    def packages(self) -> tuple[Stated[tuple[str, str]], ...]:
        found = []
        for name, span in self._named("packages"):
            versions = self.data["packages"][name]
            for _, item in self._captured.items(versions, (*self._at, "packages", name), "versions"):
                (version,) = self._captured.texts(item, (*self._at, "packages", name), "version")
                found.append(Stated((name, version), span))
        return tuple(found)

    def mounts(self) -> tuple[Mount, ...]:
        found = []
        at = (*self._at, "ansible_mounts")
        for place, item in self._captured.items(self.data.get("ansible_mounts", []), at, "ansible_mounts"):
            (path,) = self._captured.texts(item, place, "mount")
            span, free, kind = self._captured.span(place), item.get("size_available"), item.get("fstype")
            found.append(
                Mount(
                    Stated(path, span),
                    Stated(free, span) if type(free) is int else None,
                    Stated(kind, span) if type(kind) is str else None,
                )
            )
        return tuple(found)

    def _named(self, key: str) -> list[tuple[str, Any]]:
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            self._captured.fail((*self._at, key), f"{key} must be an object")
        return [(name, self._captured.span((*self._at, key, name))) for name in value]
