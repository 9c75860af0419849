"""A script fetches something over the network while the package is installed.

On a host without a way out the upgrade stops there; with one, what is installed depends on what the server gives out
that day, and not on the package that was checked.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import NetworkUse, PackageManagerUse, Use
from pkgscan.reason.hosts import is_own
from pkgscan.reason.running import runs_at_install
from pkgscan.reason.telling import confidence, places
from pkgscan.rule import ASSUMPTION, LOW, Problem, Scan, rule


@rule(
    title="Needs the network while it is installed",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=NetworkUse,
    since="0.1",
    stage="stable",
    remedy="Check that the host can reach these servers, or have the vendor ship what is fetched.",
)
def check(use: NetworkUse, scan: Scan) -> Iterator[Problem]:
    path = use.span.path
    if not runs_at_install(path, scan):
        return
    found = [one for one in scan.facts_of(NetworkUse, path) if not is_own(one.host) and not one.where]
    if not found or found[0] is not use:
        return
    fetching: list[Use] = [one for one in scan.facts_of(PackageManagerUse, path) if one.fetches]
    hosts = sorted({one.host for one in found if one.host})
    yield Problem(
        use.span,
        f"needs the network while it is installed: {_named(hosts)}",
        evidence=(use.program,),
        related=places([*found[1:], *fetching]),
        confidence=confidence(found),
    )


def _named(hosts: list[str]) -> str:
    if not hosts:
        return "a host that is set at run time"
    return hosts[0] if len(hosts) == 1 else f"{hosts[0]} and {len(hosts) - 1} more"
