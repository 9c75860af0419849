"""Nothing says who made the package: it has no signature of its own, and none lies beside it.

Whoever can change the package on its way, or on the server it is fetched from, can change what runs on the host. A
list of digests that nobody signed only shows that the package is whole: who changes a file changes the list as well.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.model import Span
from pkgscan.rule import ASSUMPTION, CONTRADICTION, HIGH, MEDIUM, Problem, Related, Scan, rule

UNSIGNED = frozenset({"unsigned", "unsigned-manifest"})


@rule(
    title="Package without a signature",
    category=ASSUMPTION,
    severity=MEDIUM,
    may_be=((CONTRADICTION, HIGH),),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor for a signature, and name it with --signature or put it beside the package.",
)
def check(trust: SignatureTrust, scan: Scan) -> Iterator[Problem]:
    required = scan.profile.signatures.require_signature
    is_demanded = required is not None and required.value
    if trust.verdict not in UNSIGNED and not (is_demanded and _is_all_there_is(trust, scan)):
        return
    lists = tuple(Related(Span(path), "names digests, and nobody signed it") for path in trust.covers)
    if required is None or not required.value:
        yield Problem(trust.span, trust.why, evidence=(trust.verdict,), related=lists)
        return
    demand = Related(required.span, "asks for a signature")
    grade = (CONTRADICTION, HIGH)
    yield Problem(trust.span, trust.why, evidence=(trust.verdict,), related=(*lists, demand), grade=grade)


def _is_all_there_is(trust: SignatureTrust, scan: Scan) -> bool:
    """Whether nobody but a scheme that is not verified signs it: that is no signature that somebody could ask for."""
    if trust.verdict != "not-checked":
        return False
    return not any(one.verdict in UNSIGNED or one.is_trusted for one in scan.facts(SignatureTrust))
