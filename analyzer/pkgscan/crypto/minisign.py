"""Keys and signatures of signify and minisign: a comment, then base64 of algorithm, key number and an Ed25519 value.

Source: signify(1) and its formats; minisign's page on its formats. Minisign has a second signature, over the first
and a comment that is thereby trusted.
"""

from __future__ import annotations

import binascii
import hashlib
from typing import Literal

import msgspec

from pkgscan.crypto.packets import Malformed

UNTRUSTED, TRUSTED = b"untrusted comment:", b"trusted comment: "
PURE, PREHASHED = b"Ed", b"ED"
_KEY, _SIGNATURE = 42, 74  # bytes: algorithm (2), key number (8), and a key of 32 or a signature of 64
_SECRETS = (104, 158)  # of signify, of minisign
LINE = 4096  # bytes of a line; signify takes a quarter

Form = Literal["minisign", "signify"]


class Key(msgspec.Struct, frozen=True):
    """A public key, and as the base64 that people pass on."""

    number: bytes
    value: bytes
    text: str


class Signature(msgspec.Struct, frozen=True):
    """A signature; `comment` is the trusted one, with the signature over it; `message` what a signify file embeds."""

    form: Form
    prehashed: bool
    number: bytes
    value: bytes
    comment: bytes = b""
    of_comment: bytes = b""
    message: bytes | None = None

    @property
    def comment_content(self) -> bytes:
        """What the signature of the comment is over."""
        return self.value + self.comment

    def content(self, data: bytes) -> bytes:
        """What the signature is over, of some data."""
        return hashlib.blake2b(data).digest() if self.prehashed else data


def parse(data: bytes) -> Key | Signature | None:
    """A key or signature; None for a secret key. Raises Malformed."""
    if not data.startswith(UNTRUSTED):
        raise Malformed("no comment before it")
    first, _, rest = data.partition(b"\n")
    encoded, newline, rest = rest.partition(b"\n")
    value = _decoded(encoded)
    if len(first) > LINE or len(value) in _SECRETS:
        return None
    if len(value) == _KEY and value[:2] == PURE:
        return Key(value[2:10], value[10:], encoded.strip().decode("ascii"))
    if len(value) != _SIGNATURE or value[:2] not in {PURE, PREHASHED}:
        raise Malformed("neither a key nor a signature of signify or minisign")
    if not rest.startswith(TRUSTED):
        if value[:2] == PREHASHED:
            raise Malformed("a signature of minisign without its trusted comment")
        return Signature("signify", False, value[2:10], value[10:], message=rest if newline and rest else None)
    comment, _, last = rest.partition(b"\n")
    of_comment = _decoded(last.strip())
    return Signature(
        "minisign", value[:2] == PREHASHED, value[2:10], value[10:], comment[len(TRUSTED) :].rstrip(b"\r"), of_comment
    )


def _decoded(encoded: bytes) -> bytes:
    if len(encoded) > LINE:
        raise Malformed("a line that is longer than any key or signature")
    try:
        return binascii.a2b_base64(encoded.strip(), strict_mode=True)
    except binascii.Error as error:
        raise Malformed(f"no base64: {error}") from error
