"""CMS signed data (RFC 5652) as it is written: certificates, signers, and what each of them signed.

Nothing is believed here. The numbers behind comments are the sections of the standard.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from pkgscan.crypto.der import (
    GENERAL_TIME,
    OCTETS,
    SEQUENCE,
    SET,
    UTC_TIME,
    Element,
    context,
    element,
)
from pkgscan.crypto.packets import Malformed

CERTIFICATES = 64  # of one message; a chain has four, and a cross-signed one eight
SIGNERS = 16  # of one message
SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
TIMESTAMP_TOKENS = frozenset({"1.2.840.113549.1.9.16.2.14", "1.3.6.1.4.1.311.3.3.1"})  # RFC 3161; Authenticode
DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
_ARMOR = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")


class SignerInfo(msgspec.Struct, frozen=True):
    """One signer. Who it is, is told by issuer (DER of the name) and serial number, or by a key identifier.

    `signed` are the signed attributes in DER as the signature is over them, empty where there are none. `attributes`
    and `unsigned` are by object identifier the values of each, in DER.
    """

    issuer: bytes
    serial: int
    key_identifier: bytes
    digest: str  # of hashlib; empty for one that is not known
    algorithm: str  # object identifier of the signature's
    parameters: bytes
    signature: bytes
    signed: bytes = b""
    attributes: dict[str, tuple[bytes, ...]] = {}
    unsigned: dict[str, tuple[bytes, ...]] = {}

    @property
    def message_digest(self) -> bytes | None:
        """The digest that the signed attributes have of the content; None where they have none, or several."""
        values = self.attributes.get(MESSAGE_DIGEST, ())
        return element(values[0]).expect(OCTETS).octets() if len(values) == 1 else None

    @property
    def signing_time(self) -> datetime | None:
        """When the signer says to have signed."""
        values = self.attributes.get(SIGNING_TIME, ())
        return time_of(element(values[0])) if len(values) == 1 else None


class SignedData(msgspec.Struct, frozen=True):
    """A message: what it holds of its content, certificates and revocation lists in DER, and its signers."""

    content_type: str
    content_type_der: bytes
    content: bytes | None  # None: it is somewhere else
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]


def message(data: bytes) -> SignedData:
    """The message in DER, BER or PEM. Raises Malformed."""
    root = element(_binary(data)).expect(SEQUENCE)
    kind, body = _exactly(root, 2)
    if kind.oid() != SIGNED_DATA:
        raise Malformed("a message that is not signed data")
    (signed,) = _exactly(body.expect(context(0)), 1)
    fields = list(signed.expect(SEQUENCE).children())
    if len(fields) < 4:  # noqa: PLR2004  # 5.1: version, digests, content, signers at least
        raise Malformed("signed data that lacks parts")
    kind, content = _content(fields[2].expect(SEQUENCE))
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    for field in fields[3:-1]:
        if field.tag == context(0):
            certificates = tuple(child.raw for child in _some(field, CERTIFICATES, "certificates"))
        elif field.tag == context(1):
            crls = tuple(child.raw for child in _some(field, CERTIFICATES, "revocation lists"))
    signers = tuple(_signer(child) for child in _some(fields[-1].expect(SET), SIGNERS, "signers"))
    return SignedData(kind.oid(), kind.raw, content, certificates, crls, signers)


def _binary(data: bytes) -> bytes:
    for mark in _ARMOR:
        begin = data.find(mark)
        if begin >= 0:
            end = data.find(b"-----END ", begin)
            try:
                return binascii.a2b_base64(b"".join(data[begin + len(mark) : end].split()), strict_mode=True)
            except binascii.Error as error:
                raise Malformed(f"armor that is no base64: {error}") from error
    return data


def _exactly(parent: Element, count: int) -> list[Element]:
    children = [child for _, child in zip(range(count + 1), parent.children(), strict=False)]
    if len(children) != count:
        raise Malformed(f"an element of other than {count} parts")
    return children


def _some(parent: Element, most: int, what: str) -> Iterator[Element]:
    for number, child in enumerate(parent.children()):
        if number >= most:
            raise Malformed(f"over {most} {what}")
        yield child


def _content(encapsulated: Element) -> tuple[Element, bytes | None]:
    """5.2: the type of the content, and the content."""
    children = list(_some(encapsulated, 2, "parts of a content"))
    if not children:
        raise Malformed("a content without a type")
    if len(children) == 1:
        return children[0], None
    (inner,) = _exactly(children[1].expect(context(0)), 1)
    return children[0], inner.octets() if inner.tag in {OCTETS, OCTETS | 0x20} else inner.content


def _signer(info: Element) -> SignerInfo:
    """5.3: version, who, digest algorithm, signed attributes, signature algorithm, signature, unsigned attributes."""
    fields = list(_some(info.expect(SEQUENCE), 7, "parts of a signer"))
    if len(fields) < 5:  # noqa: PLR2004  # without the attributes
        raise Malformed("a signer that lacks parts")
    issuer, serial, identifier = _who(fields[1])
    signed = fields[3] if fields[3].tag == context(0) else None
    rest = fields[4:] if signed is not None else fields[3:]
    if len(rest) < 2:  # noqa: PLR2004  # algorithm and signature
        raise Malformed("a signer that lacks a signature")
    if signed is not None and not signed.is_definite:
        raise Malformed("signed attributes that are not in DER")
    algorithm, parameters = _algorithm(rest[0])
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        key_identifier=identifier,
        digest=DIGESTS.get(_algorithm(fields[2])[0], ""),
        algorithm=algorithm,
        parameters=parameters,
        signature=rest[1].expect(OCTETS).octets(),
        signed=bytes((SET,)) + signed.raw[1:] if signed is not None else b"",
        attributes=_attributes(signed) if signed is not None else {},
        unsigned=_attributes(rest[2]) if len(rest) > 2 and rest[2].tag == context(1) else {},  # noqa: PLR2004
    )


def _who(identifier: Element) -> tuple[bytes, int, bytes]:
    if identifier.tag == context(0, primitive=True):
        return b"", 0, identifier.content
    issuer, serial = _exactly(identifier.expect(SEQUENCE), 2)
    return issuer.raw, serial.integer(), b""


def _algorithm(identifier: Element) -> tuple[str, bytes]:
    """An algorithm's object identifier, and its parameters in DER."""
    children = list(_some(identifier.expect(SEQUENCE), 2, "parts of an algorithm"))
    if not children:
        raise Malformed("an algorithm without a name")
    return children[0].oid(), children[1].raw if len(children) > 1 else b""


def _attributes(parent: Element) -> dict[str, tuple[bytes, ...]]:
    found: dict[str, tuple[bytes, ...]] = {}
    for attribute in _some(parent, SIGNERS * 4, "attributes"):
        kind, values = _exactly(attribute.expect(SEQUENCE), 2)
        name = kind.oid()
        if name in found:
            raise Malformed(f"two attributes {name}")
        found[name] = tuple(value.raw for value in _some(values.expect(SET), SIGNERS, "values of an attribute"))
    return found


def time_of(value: Element) -> datetime | None:
    """A time, always UTC; None for one that cannot be. 11.3: years from 50 on are of the last century."""
    text = value.content.decode("ascii", "replace")
    form = {UTC_TIME: "%y%m%d%H%M%SZ", GENERAL_TIME: "%Y%m%d%H%M%SZ"}.get(value.tag)
    if form is None:
        return None
    if value.tag == UTC_TIME:
        text, form = f"{'19' if text[:2] >= '50' else '20'}{text}", f"%Y{form[2:]}"
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
