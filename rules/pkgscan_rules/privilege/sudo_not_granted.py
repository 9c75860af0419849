"""A script runs commands through sudo that the target profile does not grant, or grants for a password only.

The upgrade stops at the first such command, half done. Where a password is asked for and nobody is there to give it,
it waits or fails just the same.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import PrivilegeUse
from pkgscan.profile.answer import Answer
from pkgscan.profile.target import SudoRight
from pkgscan.reason.running import is_documentation, runs_as_root
from pkgscan.reason.sudo import asking, words_of
from pkgscan.reason.telling import commands, confidence, places
from pkgscan.rule import CONTRADICTION, HIGH, Problem, Related, Scan, rule

DENIED, ASKED = "denied", "asks for a password"


@rule(
    title="Runs through sudo what the target does not grant",
    category=CONTRADICTION,
    severity=HIGH,
    looks_at=PrivilegeUse,
    since="0.1",
    stage="stable",
    remedy="Have these commands granted without a password for the upgrade, or have root run the script.",
)
def check(use: PrivilegeUse, scan: Scan) -> Iterator[Problem]:
    path = use.span.path
    if runs_as_root(path, scan) or is_documentation(path) or scan.images_of(path):
        return
    verdict, answer = _verdict(use, scan)
    if not verdict:
        return
    uses = [one for one in asking(scan.facts_of(PrivilegeUse, path)) if _verdict(one, scan)[0] == verdict]
    if not uses or uses[0] is not use:
        return
    yield Problem(
        use.span,
        _message(use, verdict, len(uses)),
        evidence=(use.program, verdict),
        related=(*places(uses[1:]), *(Related(one.span, one.message) for one in answer.related)),
        confidence=confidence(uses),
    )


def _verdict(use: PrivilegeUse, scan: Scan) -> tuple[str, Answer[SudoRight]]:
    answer = scan.target.sudo(words_of(use), runas=use.user or "root")
    if answer.holds is False:
        return DENIED, answer
    asks = answer.holds is True and answer.value is not None and answer.value.asks
    return (ASKED, answer) if asks and _is_unattended(scan) else ("", answer)


def _is_unattended(scan: Scan) -> bool:
    stated = scan.profile.host.unattended
    return stated is not None and stated.value


def _message(use: PrivilegeUse, verdict: str, count: int) -> str:
    what = f"runs {commands(count)} through {use.program}"
    if verdict == DENIED:
        return f"{what}, which the target does not grant"
    return f"{what}, which would ask for a password with nobody there"
