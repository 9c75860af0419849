"""A part of the package is made for another system than the target profile describes.

A deb cannot be installed on a host that has rpm, nor the other way round. One that is built for another release may be
installed and then lack the libraries it was linked with. Where the package brings the same part for the host's
system as well, the others are choices and no mistake.
"""

from collections.abc import Iterator

from pkgscan.facts.host import MadeFor
from pkgscan.reason.part_name import part_name
from pkgscan.rule import CONTRADICTION, HIGH, MEDIUM, Problem, Related, Scan, rule

NAMED = 4  # parts that one finding names


@rule(
    title="Made for another operating system",
    category=CONTRADICTION,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM),),
    looks_at=MadeFor,
    since="0.1",
    stage="stable",
    asks="host",
    remedy="Ask the vendor for the package of this system.",
)
def check(part: MadeFor, scan: Scan) -> Iterator[Problem]:
    alike = [other for other in scan.facts(MadeFor) if _made_for(other) == _made_for(part) and _is_wrong(other, scan)]
    if not alike or alike[0] != part:  # one finding for all that are made for one system
        return
    is_installable = scan.target.installs_with([part.tool]).holds is not False
    answer = scan.target.is_system(part.os, part.version) if is_installable else scan.target.installs_with([part.tool])
    made_for = f"{part.os} {part.version} ({part.sign})" if is_installable else f"hosts with {part.tool}"
    name = f"{_name(part)} and {len(alike) - 1} more are" if len(alike) > 1 else f"{_name(part)} is"
    yield Problem(
        part.span,
        f"{name} made for {made_for}, and the host {answer.phrase}",
        evidence=_made_for(part),
        related=answer.related + tuple(Related(other.span, "the same") for other in alike[1:NAMED]),
        grade=(CONTRADICTION, MEDIUM) if is_installable else None,
    )


def _made_for(part: MadeFor) -> tuple[str, str, str]:
    return part.tool, part.os, part.version


def _is_wrong(part: MadeFor, scan: Scan) -> bool:
    """Whether a part is for another system, and the package does not bring the same for the host's."""
    same = (other for other in scan.facts(MadeFor) if part_name(_name(other)) == part_name(_name(part)))
    return _fits(part, scan) is False and all(_fits(other, scan) is False for other in same)


def _fits(part: MadeFor, scan: Scan) -> bool | None:
    if scan.target.installs_with([part.tool]).holds is False:
        return False
    return scan.target.is_system(part.os, part.version).holds if part.os else None


def _name(part: MadeFor) -> str:
    return part.span.path.rpartition("/")[2]
