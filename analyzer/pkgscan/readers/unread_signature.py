"""Signatures of schemes that are known by sight and not verified: NuGet, OPC (VSIX), MSIX, Apple, MSI, sigstore.

Each is stated as present and not checked, with a gap, so that nobody takes it for cover, or the package for unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.signing import Signature
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Kind, Reader, Reading, Source

MSI = "windows-installer"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The stream of a signed installer database, as its directory names it: [MS-CFB] 2.6.1, names in UTF-16.
MSI_STREAM = "\x05DigitalSignature\0".encode("utf-16-le")
SCHEMES = {
    "nuget-signature": "NuGet",
    "opc-signature": "OPC (VSIX, Office)",
    "msix-signature": "MSIX",
    "apple-code-signature": "Apple code",
    "sigstore-bundle": "sigstore",
}


class UnreadSignatureReader(Reader):
    """Says that a signature is there which nobody here verifies."""

    kinds = (
        Kind(name="nuget-signature", names=(".signature.p7s",)),
        Kind(name="opc-signature", suffixes=(".psdsxs",), paths=("_xmlsignatures/*.xml",)),
        Kind(name="msix-signature", names=("AppxSignature.p7x",)),
        Kind(name="apple-code-signature", paths=("_CodeSignature/CodeResources", "_CodeSignature/CodeSignature")),
        Kind(name="sigstore-bundle", suffixes=(".sigstore", ".sigstore.json", ".cosign.bundle")),
        Kind(name=MSI, suffixes=(".msi", ".msp", ".msm"), magic=(OLE,), heads=(OLE,)),
    )
    facts = (Signature,)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The signature as not checked, and the gap. A database of Windows Installer has one or none."""
        if source.kind != MSI:
            yield from present(SCHEMES[source.kind], source.path)
        elif MSI_STREAM in source.data:
            yield from present("MSI", source.path)


def present(scheme: str, path: str) -> Iterator[Signature | Gap]:
    """What is said of a signature that is there and is not verified."""
    why = f"signatures of the scheme {scheme} are recognised and not verified"
    yield Signature(span=Span(path), scheme="other", check="not-checked", why=why)
    yield Gap(effect="partial", stage="read", reason="unverified-signature", detail=why, span=Span(path))
