"""Signatures of SSH keys over files, as `ssh-keygen -Y sign` makes them (PROTOCOL.sshsig of OpenSSH), and SSH keys.

A signature holds the key that made it, so that it verifies without any other file; whose key it is, a pin must say.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator

import msgspec

from pkgscan.crypto import keys
from pkgscan.crypto.packets import Malformed
from pkgscan.facts.signing import Check, PublicKey, Signature, Strength
from pkgscan.model import Span
from pkgscan.readers.base import THE_PACKAGE, Kind, Reader, Reading, Source, Wants

BYTES = 64 << 10  # of a signature; one by an RSA key of 16,384 bits has a tenth
KEYS_BYTES = 1 << 20  # of a file of keys
KEYS = 256  # in one file
SIGNATURE, KEY = "ssh-signature", "ssh-key"
CHECKING = "checking an SSH signature"
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
MAGIC, VERSION = b"SSHSIG", 1
DIGESTS = frozenset({"sha256", "sha512"})
NAMESPACE = "file"  # what ssh-keygen's manual has for files; others with an @ are somebody's own
WEAK_RSA = 2048  # bits, below which a key proves nothing


class _Parts(msgspec.Struct, frozen=True):
    """A signature taken apart: the blob of the key, what it is for, and how it was made."""

    blob: bytes
    namespace: bytes
    reserved: bytes
    digest: str
    algorithm: str
    value: bytes

    @property
    def kind(self) -> bytes:
        return keys.ssh_string(self.blob)[0]


class SshReader(Reader):
    """Reads keys; checks a signature once what it is over is at hand."""

    kinds = (
        Kind(name=SIGNATURE, magic=(BEGIN,)),
        Kind(name=KEY, magic=(b"ssh-ed25519 AAAA", b"ssh-rsa AAAA", b"ecdsa-sha2-nistp")),
    )
    facts = (Signature, PublicKey)
    compares = True

    def read(self, source: Source) -> Iterator[Reading]:
        """The keys of a file, one a line, or the wish to check its signature."""
        if source.kind == KEY:
            yield from _keys(source)
        elif source.truncated or len(source.data) > BYTES:
            yield _refused(source.path, "it is larger than any signature")
        else:
            stem = source.path.rpartition(".")[0]
            package = (THE_PACKAGE,) if source.entry.role == "signature" else ()
            yield Wants((source.path, stem, *package), CHECKING, optional=True)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # has but one
        """What came of checking it."""
        own, *rest = sources
        try:
            yield _checked(own, next(iter(rest), None), _parts(own.whole()))
        except Malformed as malformed:
            yield _refused(own.path, str(malformed))


def _parts(data: bytes) -> _Parts:
    """Raises Malformed."""
    begin, end = data.find(BEGIN), data.find(END)
    try:
        raw = binascii.a2b_base64(b"".join(data[begin + len(BEGIN) : end].split()), strict_mode=True)
    except binascii.Error as error:
        raise Malformed(f"armor that is no base64: {error}") from error
    if end < begin or raw[:6] != MAGIC or int.from_bytes(raw[6:10], "big") != VERSION:
        raise Malformed("no SSH signature of version 1")
    blob, rest = keys.ssh_string(raw[10:])
    namespace, rest = keys.ssh_string(rest)
    reserved, rest = keys.ssh_string(rest)
    digest, rest = keys.ssh_string(rest)
    inner, rest = keys.ssh_string(rest)
    algorithm, value = keys.ssh_string(inner)
    value, more = keys.ssh_string(value)
    if rest or more:
        raise Malformed("an SSH signature with more behind it")
    return _Parts(blob, namespace, reserved, digest.decode("latin-1"), algorithm.decode("latin-1"), value)


def _checked(own: Source, content: Source | None, parts: _Parts) -> Signature:
    said = Signature(
        span=Span(own.path),
        scheme="ssh",
        check="no-content",
        why="what it signs is not in the package",
        covers=(content.path,) if content is not None else (),
        key=keys.ssh_pin(parts.blob),
        key_at=own.path,
        key_id=keys.ssh_pin(parts.blob),
        strength=Strength(digest=parts.digest),
    )
    if content is None:
        return said
    if parts.kind.startswith(b"sk-") or b"-cert-" in parts.kind:
        why = "signatures of security keys and of SSH certificates are not verified"
        return msgspec.structs.replace(said, check="not-checked", why=why)
    key = keys.ssh_key(parts.kind + b" " + binascii.b2a_base64(parts.blob, newline=False))
    strength = keys.strength_of(key, parts.digest)
    check, why = _outcome(parts, key, content, strength)
    return msgspec.structs.replace(said, check=check, why=why, strength=strength)


def _outcome(parts: _Parts, key: object, content: Source, strength: Strength) -> tuple[Check, str]:
    if parts.digest not in DIGESTS:
        return "hostile", f"its digest is {parts.digest[:40]}, which no such signature has"
    digest = hashlib.new(parts.digest)
    for block in content.blocks():
        digest.update(block)
    fields = (parts.namespace, parts.reserved, parts.digest.encode(), digest.digest())
    data = MAGIC + b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    if not keys.verifies_ssh(key, parts.algorithm, parts.value, data):
        return "bad", "it does not verify: what it signs, or it itself, was changed"
    namespace = parts.namespace.decode("utf-8", "replace")
    if namespace != NAMESPACE and "@" not in namespace:
        return "wrong-usage", f"it was made for {namespace[:40]!r}, and not for files"
    if parts.algorithm == "ssh-rsa" or (strength.key == "rsa" and strength.bits < WEAK_RSA):
        return "weak", f"its key has {strength.bits} bits, or its digest is sha1: it proves nothing any more"
    return "good", "it verifies"


def _keys(source: Source) -> Iterator[PublicKey]:
    """The keys in the form of `.pub` files; other lines are nobody's."""
    for line in source.lines():
        if line.number > KEYS or line.offset > KEYS_BYTES:
            return
        words = line.text.split(None, 2)
        try:
            blob = binascii.a2b_base64(words[1]) if len(words) > 1 else b""
            key = keys.ssh_key(" ".join(words[:2]).encode())
        except (binascii.Error, Malformed, ValueError):
            continue
        name = words[2].strip() if len(words) > 2 else ""  # noqa: PLR2004  # kind, key, comment
        strength = keys.strength_of(key)
        yield PublicKey(
            span=line.span, scheme="ssh", key=keys.ssh_pin(blob), names=(name,) if name else (), strength=strength
        )


def _refused(path: str, why: str) -> Signature:
    return Signature(span=Span(path), scheme="ssh", check="hostile", why=why)
