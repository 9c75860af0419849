"""A script runs commands through sudo, and nothing says that its user may do so.

On a host without that right, or where sudo asks for a password and nobody is there, the upgrade stops at the first
such command, half done.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import PrivilegeUse
from pkgscan.reason.running import is_documentation, runs_as_root
from pkgscan.reason.sudo import asking, words_of
from pkgscan.reason.telling import commands, confidence, places
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule


@rule(
    title="Takes sudo for granted",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=PrivilegeUse,
    since="0.1",
    stage="stable",
    remedy="Ask for the rights that these commands need before the upgrade, or run the script as root.",
)
def check(use: PrivilegeUse, scan: Scan) -> Iterator[Problem]:
    path = use.span.path
    if runs_as_root(path, scan) or is_documentation(path) or scan.images_of(path):
        return
    uses = [one for one in asking(scan.facts_of(PrivilegeUse, path)) if _is_unanswered(one, scan)]
    if not uses or uses[0] is not use:
        return
    yield Problem(
        use.span,
        f"runs {commands(len(uses))} through {use.program}, and nothing says that its user may",
        evidence=(use.program,),
        related=places(uses[1:]),
        confidence=confidence(uses),
    )


def _is_unanswered(use: PrivilegeUse, scan: Scan) -> bool:
    return scan.target.sudo(words_of(use), runas=use.user or "root").holds is None
