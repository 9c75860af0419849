"""Names of hosts that scripts talk to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from pkgscan.facts.uses import NetworkUse

# The host itself, a container's own, and the address at which clouds answer their machines.
OWN = ("localhost", "127.", "::1", "0.0.0.0", "ip6-localhost", "host.docker.internal", "169.254.")  # noqa: S104  # names


class Asked(Protocol):
    """What is asked of a scan."""

    def facts_of(self, kind: type[Any], entry_path: str) -> Iterator[Any]:
        """The facts of a type in one entry, in their order."""


def is_own(host: str) -> bool:
    """Whether a name means the host itself."""
    return host.startswith(OWN)


def first_use(use: NetworkUse, scan: Asked) -> bool:
    """Whether no command before it in its file talks to the same host in the same way."""
    same = (one for one in scan.facts_of(NetworkUse, use.span.path) if (one.host, one.scheme) == (use.host, use.scheme))
    return next(same, None) is use
