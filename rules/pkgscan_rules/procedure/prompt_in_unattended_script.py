"""A script waits for an answer, and nobody is there to give one.

Started by a job, a unit or a package tool it hangs, or takes nothing for an answer.
"""

from collections.abc import Iterator

from pkgscan.facts.uses import Prompt
from pkgscan.reason.running import is_unattended
from pkgscan.reason.telling import places
from pkgscan.rule import ASSUMPTION, MEDIUM, Problem, Scan, rule


@rule(
    title="Asks somebody who may not be there",
    category=ASSUMPTION,
    severity=MEDIUM,
    looks_at=Prompt,
    since="0.1",
    stage="stable",
    remedy="Look for an option that answers in advance, or have somebody at the terminal.",
)
def check(prompt: Prompt, scan: Scan) -> Iterator[Problem]:
    path = prompt.span.path
    attended = scan.profile.host.unattended is not None and not scan.profile.host.unattended.value
    if not is_unattended(path, scan) or (attended and not scan.starts(path)):
        return
    found = [one for one in scan.facts_of(Prompt, path) if not one.guarded("terminal") and not one.where]
    if found and found[0] is prompt:
        started = tuple(place for start in scan.starts(path)[:1] for place in start.related)
        yield Problem(
            prompt.span,
            f"{prompt.program} waits for {prompt.what}",
            evidence=(prompt.program,),
            related=(*places(found[1:]), *started),
            confidence="high" if prompt.program != "read" or prompt.what.startswith('"') else "medium",
        )
