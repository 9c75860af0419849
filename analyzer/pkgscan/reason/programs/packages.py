"""What package managers of the host are told to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pkgscan.reason.programs.options import Options, given, options
from pkgscan.values import Value


class Manager(msgspec.Struct, frozen=True):
    """A package manager: its options with values, the verbs that change the host, those that fetch, and its `yes`."""

    options: Options
    changes: frozenset[str]
    fetches: frozenset[str]
    yes: tuple[str, ...] = ()
    asks: bool = False  # unless told `yes`
    verbs_are_options: bool = False


class PackageCall(msgspec.Struct, frozen=True):
    """What a package manager is told: `packages` as far as they are known."""

    manager: str
    verb: str
    packages: tuple[str, ...] = ()
    fetches: bool = False
    may_ask: bool = False


def package_call(name: str, words: Sequence[Value]) -> PackageCall | None:
    """What a command changes through a package manager; None where it changes nothing."""
    manager = MANAGERS.get(name)
    if manager is None:
        return None
    found = given(words, manager.options)
    texts = found.texts()
    if manager.verbs_are_options:
        verb = next((option for option, _ in found.options if option in manager.changes), "")
        packages = texts
    else:
        verb, packages = (texts[0], texts[1:]) if texts else ("", ())
    if verb not in manager.changes:
        return None
    local = bool(packages) and all(package.endswith((".deb", ".rpm", ".apk")) for package in packages)
    fetches = verb in manager.fetches and not local and not found.has("--no-download", "--no-index", "--offline")
    may_ask = manager.asks and not found.has(*manager.yes) and verb not in ("update", "makecache", "refresh")
    return PackageCall(name, verb, tuple(filter(None, packages)), fetches=fetches, may_ask=may_ask)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_APT = Manager(
    options("tcoa", "--target-release --config-file --option --host-architecture"),
    _set("install remove purge upgrade full-upgrade dist-upgrade autoremove build-dep reinstall update"),
    _set("install upgrade full-upgrade dist-upgrade build-dep reinstall update"),
    ("-y", "--yes", "--assume-yes", "-s", "--simulate", "--dry-run", "--assume-no"),
    asks=True,
)
_YUM = Manager(
    options("cdeRx", "--config --enablerepo --disablerepo --exclude --installroot --releasever --setopt --repo"),
    _set(
        "install localinstall remove erase update upgrade reinstall downgrade groupinstall makecache swap distro-sync"
    ),
    _set("install update upgrade reinstall downgrade groupinstall makecache swap distro-sync"),
    ("-y", "--assumeyes", "--assumeno"),
    asks=True,
)
_ZYPPER = Manager(
    options("rRCt", "--repo --root --type --from"),
    _set("install in remove rm update up dist-upgrade dup refresh ref addrepo ar"),
    _set("install in update up dist-upgrade dup refresh ref"),
    ("-n", "--non-interactive", "-y", "--no-confirm"),
    asks=True,
)

MANAGERS: Mapping[str, Manager] = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "yum": _YUM,
    "dnf": _YUM,
    "microdnf": _YUM,
    "zypper": _ZYPPER,
    "dpkg": Manager(
        options(long="--root --admindir --instdir --force --log"),
        _set("-i --install --unpack --configure -r --remove -P --purge"),
        _set(""),
        verbs_are_options=True,
    ),
    "rpm": Manager(
        options(long="--root --dbpath --prefix --define"),
        _set("-i -U -F -e --install --upgrade --freshen --erase"),
        _set(""),
        verbs_are_options=True,
    ),
    "apk": Manager(options("Xpt"), _set("add del fix update upgrade"), _set("add fix update upgrade")),
    "pip": Manager(
        options("rctife", "--requirement --index-url --extra-index-url --find-links --target --prefix --constraint"),
        _set("install uninstall"),
        _set("install"),
    ),
    "npm": Manager(
        options(long="--prefix --registry"), _set("install i ci update uninstall"), _set("install i ci update")
    ),
    "gem": Manager(options("vi", "--version --source"), _set("install uninstall update"), _set("install update")),
    "snap": Manager(options(long="--channel"), _set("install remove refresh"), _set("install refresh")),
}
