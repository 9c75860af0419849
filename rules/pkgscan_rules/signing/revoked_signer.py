"""The key or certificate that signed has been revoked by who issued it, or nobody can tell whether it was.

A key is revoked when others may have it. A signature by such a key says nothing, whatever its date.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import SignatureTrust
from pkgscan.rule import CONTRADICTION, DEFECT, HIGH, MEDIUM, Problem, Related, Scan, rule


@rule(
    title="Revoked signer",
    category=DEFECT,
    severity=HIGH,
    may_be=((CONTRADICTION, MEDIUM),),
    looks_at=SignatureTrust,
    since="0.1",
    stage="stable",
    remedy="Do not install it; ask the vendor for the package signed with a key that is not revoked.",
)
def check(trust: SignatureTrust, scan: Scan) -> Iterator[Problem]:
    signer = trust.signer or "somebody"
    if trust.verdict == "revoked":
        yield Problem(trust.span, f"signed by {signer}: {trust.why}", evidence=(trust.signer,))
        return
    asked = scan.profile.signatures.require_crl
    unknown = next((remark for remark in trust.remarks if remark.what == "revocation-unknown"), None)
    if unknown is not None and asked is not None and asked.value:
        yield Problem(
            trust.span,
            f"signed by {signer}: {unknown.why}",
            evidence=(trust.signer, unknown.what),
            related=(Related(asked.span, "asks for revocation lists"),),
            grade=(CONTRADICTION, MEDIUM),
            remedy="Fetch the current list of each authority in the chain, and name it in the target profile.",
        )
