"""Linux distributions, as far as they decide what can be installed: their package tool, and whose packages they take.

Names are those of ID in os-release(5).
"""

from __future__ import annotations

from pkgscan.facts.host import PackageTool

_DPKG = ("debian", "devuan", "kali", "linuxmint", "pop", "raspbian", "ubuntu")
_LIKE_RHEL = ("almalinux", "centos", "ol", "rhel", "rocky")
_RPM = (*_LIKE_RHEL, "amzn", "fedora", "mageia", "opensuse-leap", "opensuse-tumbleweed", "sles")


def tool_of(system: str) -> PackageTool | None:
    """What installs packages on a distribution; None for one that is not known here."""
    if system in _DPKG:
        return "dpkg"
    return "rpm" if system in _RPM else None


def takes(system: str, version: str, other: str, other_version: str) -> bool | None:
    """Whether packages of one release (`other`) are those of this system; None where that cannot be said.

    Those of Red Hat's line are made for each other by their major version.
    """
    if system in _LIKE_RHEL and other in _LIKE_RHEL:
        system, version = other, version.partition(".")[0]
    if system == other:
        return version == other_version if version and other_version else None
    return False if tool_of(system) and tool_of(other) else None
