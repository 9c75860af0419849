"""A private key lies in the package, for everybody who has the package.

Whoever has the package can sign, log in or decrypt as whoever the key belongs to, on every host that trusts it.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import PrivateKey
from pkgscan.rule import DEFECT, HIGH, MEDIUM, Problem, Scan, rule


@rule(
    title="Private key in the package",
    category=DEFECT,
    severity=HIGH,
    may_be=((DEFECT, MEDIUM),),
    looks_at=PrivateKey,
    since="0.1",
    stage="stable",
    remedy="Tell the vendor, who has to revoke the key; do not use it on any host.",
)
def check(key: PrivateKey, scan: Scan) -> Iterator[Problem]:
    if scan.entry(key.span.path) is None:
        return  # in a file that the user named
    lock = ", which a passphrase protects," if key.encrypted else ""
    grade = (DEFECT, MEDIUM) if key.encrypted else None
    message = f"a private key ({key.form}){lock} is in the package"
    yield Problem(key.span, message, evidence=(key.form,), grade=grade)
