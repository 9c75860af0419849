"""Chains of certificates by the verifier of `cryptography`, with policies for signed packages instead of web servers.

A leaf for signing code, authorities that may issue, name and length constraints as the verifier has them; what it says
of a failure is no diagnosis, so whoever asks asks again in other ways. It knows no revocation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pkgscan.facts.signing import CertificateInfo

CODE, TIME, ANY = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.8", "2.5.29.37.0"
DEPTH = 8  # authorities in a chain; real ones have two or three
POOL = 64  # certificates that a chain is looked for in


def chain(
    leaf: CertificateInfo,
    pool: Iterable[CertificateInfo],
    anchors: Sequence[CertificateInfo],
    at: datetime,
    usage: str = CODE,
) -> tuple[CertificateInfo, ...] | None:
    """The chain from a leaf to one of the anchors, good at an instant; None where there is none.

    Certificates of the pool that vouch for themselves are left out: they are no way to an anchor.
    """
    from cryptography import x509  # noqa: PLC0415  # only where there is a signature
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError  # noqa: PLC0415  # the same

    if not anchors:
        return None
    between = [one for one in pool if one.subject_der != one.issuer_der and one.der != leaf.der][:POOL]
    known = {one.der: one for one in (leaf, *between, *anchors)}
    try:
        builder = PolicyBuilder().store(Store([x509.load_der_x509_certificate(one.der) for one in anchors])).time(at)
        builder = builder.max_chain_depth(DEPTH)
        builder = builder.extension_policies(ca_policy=_authority_policy(usage), ee_policy=_leaf_policy(usage))
        found = builder.build_client_verifier().verify(
            x509.load_der_x509_certificate(leaf.der), [x509.load_der_x509_certificate(one.der) for one in between]
        )
    except (VerificationError, ValueError):
        return None
    return tuple(known[one.public_bytes(_der())] for one in found.chain)


def _der() -> Any:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  # see above

    return Encoding.DER


def _authority_policy(usage: str) -> Any:
    from cryptography import x509  # noqa: PLC0415  # see above
    from cryptography.x509.verification import Criticality, ExtensionPolicy  # noqa: PLC0415  # see above

    policy = ExtensionPolicy.permit_all()
    policy = policy.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    policy = policy.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
    return policy.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_for(usage))


def _leaf_policy(usage: str) -> Any:
    from cryptography import x509  # noqa: PLC0415  # see above
    from cryptography.x509.verification import Criticality, ExtensionPolicy  # noqa: PLC0415  # see above

    policy = ExtensionPolicy.permit_all()
    policy = policy.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    return policy.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_for(usage))


def _is_authority(_policy: Any, _certificate: Any, extension: Any) -> None:
    if not extension.ca:
        raise ValueError("it is no authority")


def _may_issue(_policy: Any, _certificate: Any, extension: Any) -> None:
    if extension is not None and not extension.key_cert_sign:
        raise ValueError("it may not issue certificates")


def _may_sign(_policy: Any, _certificate: Any, extension: Any) -> None:
    if extension is not None and not (extension.digital_signature or extension.content_commitment):
        raise ValueError("it may not sign")


def _is_for(usage: str) -> Any:
    def check(_policy: Any, _certificate: Any, extension: Any) -> None:
        if extension is not None and not any(one.dotted_string in {usage, ANY} for one in extension):
            raise ValueError("it is for something else")

    return check
