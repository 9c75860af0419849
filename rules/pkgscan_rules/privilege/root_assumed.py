"""A script does what only root may do, and neither becomes root nor looks whether it is.

Started by anybody else it fails half way, as far as permissions let it come.
"""

from collections.abc import Iterator

from pkgscan.facts.needs import RootNeed
from pkgscan.reason.running import runs_as_root, runs_at_install
from pkgscan.rule import ASSUMPTION, LOW, Problem, Scan, rule


@rule(
    title="Takes it for granted to be root",
    category=ASSUMPTION,
    severity=LOW,
    looks_at=RootNeed,
    since="0.1",
    stage="stable",
    remedy="Run the script as root, and have the vendor test for it at its start.",
)
def check(need: RootNeed, scan: Scan) -> Iterator[Problem]:
    path, user = need.span.path, scan.profile.host.user
    if runs_at_install(path, scan) and not runs_as_root(path, scan) and (user is None or user.value != "root"):
        message = "acts on the host as root, and does not look whether it is"
        yield Problem(need.span, message, evidence=("root",), related=need.uses)
