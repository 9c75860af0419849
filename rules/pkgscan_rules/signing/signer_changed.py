"""Another key signed this package than signed the one before it, and nobody vouches for the change.

A vendor changes keys seldom, and says so with the old key. Whoever takes over a vendor's build or download server has
no old key, and signs with a new one.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignerChanged
from pkgscan.rule import CONTRADICTION, HIGH, Problem, Scan, rule


@rule(
    title="Signer changed since the previous package",
    category=CONTRADICTION,
    severity=HIGH,
    looks_at=SignerChanged,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor, by a way that the package does not name, whether and why the key was changed.",
)
def check(change: SignerChanged, _scan: Scan) -> Iterator[Problem]:
    yield Problem(change.span, change.why, evidence=(*change.before, "", *change.now), related=change.related)
