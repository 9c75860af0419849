"""X.509 certificates and bundles of them, and private keys, in PEM and DER."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Certificate, PrivateKey, RevocationFile
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Kind, Reader, Reading, Source

BYTES = 4 << 20  # of one file; all roots of a browser in PEM have a tenth of it
PRIVATE = {
    "PRIVATE KEY": "PKCS#8",
    "ENCRYPTED PRIVATE KEY": "PKCS#8",
    "RSA PRIVATE KEY": "PKCS#1",
    "EC PRIVATE KEY": "SEC 1",
    "DSA PRIVATE KEY": "OpenSSL",
    "OPENSSH PRIVATE KEY": "OpenSSH",
}


class CertificateReader(Reader):
    """Reads certificates, and sees private keys beside them or alone."""

    kinds = (
        Kind(
            name="certificate",
            suffixes=(".pem", ".crt", ".cer", ".der"),
            magic=(b"-----BEGIN CERTI", b"-----BEGIN TRUST"),
        ),
        Kind(name="revocation-list", suffixes=(".crl",), magic=(b"-----BEGIN X509 C",)),
        Kind(
            name="private-key",
            suffixes=(".key",),
            heads=(b"-----BEGIN PRIVA", b"-----BEGIN RSA P", b"-----BEGIN EC PR", b"-----BEGIN ENCRY"),
            magic=(
                b"-----BEGIN PRIVA",
                b"-----BEGIN RSA P",
                b"-----BEGIN EC PR",
                b"-----BEGIN DSA P",
                b"-----BEGIN ENCRY",
                b"-----BEGIN OPENS",
            ),
        ),
    )
    facts = (Certificate, PrivateKey, RevocationFile)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """A fact for each certificate and each private key; what only looks like one is nobody's."""
        if len(source.data) > BYTES or source.truncated:
            detail = f"certificates of over {BYTES} bytes are not read"
            yield Gap(
                effect="partial", stage="read", reason="limit-certificates", detail=detail, span=Span(source.path)
            )
            return
        if source.kind == "revocation-list":
            yield from _revocations(source)
            return
        yield from _private(source)
        if b"CERTIFICATE-----" in source.data or source.data[:1] == b"\x30":
            yield from _certificates(source)


def _certificates(source: Source) -> Iterator[Reading]:
    from pkgscan.crypto import x509  # noqa: PLC0415  # only where there is a certificate

    try:
        found = x509.certificates(source.data)
    except Malformed as malformed:
        yield _unread(source, str(malformed))
        return
    for der in found:
        try:
            yield Certificate(span=Span(source.path), info=x509.describe(der))
        except Malformed as malformed:
            yield _unread(source, str(malformed))
            return


def _revocations(source: Source) -> Iterator[Reading]:
    """The list as it is; what is in it is read where a chain asks for it."""
    from pkgscan.crypto import x509  # noqa: PLC0415  # only where there is a list

    try:
        yield RevocationFile(span=Span(source.path), der=x509.revocation_der(source.data))
    except Malformed as malformed:
        yield _unread(source, str(malformed))


def _unread(source: Source, why: str) -> Gap:
    return Gap(effect="partial", stage="read", reason="bad-certificate", detail=why, span=Span(source.path))


def _private(source: Source) -> Iterator[PrivateKey]:
    for line in source.lines():
        text = line.text.strip()
        if text.startswith("-----BEGIN ") and (form := PRIVATE.get(text[11:].rstrip("-"))):
            encrypted = "ENCRYPTED" in text or "ENCRYPTED" in source.text[line.offset : line.offset + 200]
            yield PrivateKey(span=line.span, form=form, encrypted=encrypted)
