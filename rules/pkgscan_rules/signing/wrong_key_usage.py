"""A signature was made with a key that is not for signing packages.

A certificate says what its key may be used for, and whoever issued it looked no further than that. Anybody who runs a
web server has a certificate for it: taken for the signature of a package, it would let them all sign.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule


@rule(
    title="Key not meant for signing",
    category=DEFECT,
    severity=HIGH,
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor to sign with a certificate for code signing; count the package as unsigned until then.",
)
def check(trust: SignatureTrust, _scan: Scan) -> Iterator[Problem]:
    if trust.verdict == "wrong-usage":
        yield Problem(trust.span, f"signed by {trust.signer or 'somebody'}: {trust.why}", evidence=(trust.signer,))
