"""A command sends or fetches over a connection that nothing protects: http, ftp, telnet or tftp.

Whoever is on the way reads what is sent, a password too, and can change what is fetched.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import NetworkUse
from pkgscan.reason.hosts import first_use, is_own
from pkgscan.reason.running import is_documentation
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule

CLEAR = frozenset(("http", "ftp", "telnet", "tftp"))


@rule(
    title="Transfers in clear text",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=NetworkUse,
    since="0.1",
    stage="stable",
    remedy="Use https or sftp, or make sure that the network between the two is trusted.",
)
def check(use: NetworkUse, scan: Scan) -> Iterator[Problem]:
    if use.scheme not in CLEAR or not use.host or is_own(use.host) or is_documentation(use.span.path):
        return
    if first_use(use, scan):
        yield Problem(
            use.span,
            f"{use.program} talks {use.scheme} to {use.host}, which nothing protects on the way",
            evidence=(use.program, use.scheme, use.host),
            related=use.set_at,
            confidence="high" if use.certainty == "must" else "medium",
        )
