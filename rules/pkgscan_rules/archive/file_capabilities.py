"""A program will run with capabilities that whoever starts it does not have.

They are parts of root's rights: some of them, such as cap_setuid, cap_dac_override or cap_sys_admin, amount to all of
those. A listing does not show them. rpm sets those of its header; bsdtar, and GNU tar when told to, those of a tar.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.archive import FileCapabilities
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule


@rule(
    title="Program that runs with capabilities",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=FileCapabilities,
    since="0.1",
    remedy="Ask the vendor which of these capabilities it needs, and for what.",
    stage="stable",
)
def check(found: FileCapabilities, _scan: Scan) -> Iterator[Problem]:
    """Report files that are given capabilities."""
    message = f"{found.member} has the capabilities {found.capabilities}"
    yield Problem(found.span, message, evidence=(found.member, found.capabilities))
