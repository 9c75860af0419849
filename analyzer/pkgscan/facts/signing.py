"""Facts about signatures: what was signed, by which key, and what came of checking it; whether anyone trusts the key is
not theirs to say.

A key is named as a profile pins it: `openpgp:` and the primary key's fingerprint, `x509-sha256:` and the digest of a
certificate, and so on. Times are what the signer claims unless somebody else vouches for them.
"""

from __future__ import annotations

import posixpath
from datetime import datetime
from typing import Literal

import msgspec

from pkgscan.model import MEMBER, Fact, Related, Span

Scheme = Literal[
    "openpgp", "cms", "jar", "rpm", "deb", "authenticode", "timestamp", "minisign", "signify", "ssh", "dsse", "other"
]
Check = Literal[
    "good",  # verifies with the key named
    "bad",  # does not verify with the key it names, or a digest in it differs from what was signed
    "no-key",  # nothing that could have made it is at hand
    "no-content",  # what it signs is not there
    "not-checked",  # nobody here can: too large, or a scheme that is only recognised
    "weak",  # not checked further, since its digest or key is broken
    "expired",  # of the key, when it was made; or of the signature itself
    "revoked",  # the key
    "wrong-usage",  # the key is not for signing
    "hostile",  # over the limits, or no signature at all
]


class Strength(msgspec.Struct, frozen=True):
    """What a signature or certificate rests on: `key` such as rsa, dsa, ec, ed25519, its bits, and the digest."""

    key: str = ""
    bits: int = 0
    digest: str = ""


class Timestamp(msgspec.Struct, frozen=True):
    """A time that somebody else vouches for: `at`, and the certificate of who does, as a pin."""

    at: datetime
    key: str
    check: Check = "good"


class Signature(Fact, frozen=True):
    """One signature. `span` is where it stands.

    `covers` are the paths of entries whose whole content it signs; of an entry that lists others, they follow.
    `why` says in a phrase what came of checking it. `key` is a pin, `key_at` the entry that it was taken from, `key_id`
    what the signature itself says of its maker, `signer` the name on the key. `material` are pins of certificates that
    came with it. `made` is claimed.
    """

    scheme: Scheme
    check: Check
    why: str = ""
    covers: tuple[str, ...] = ()
    signer: str = ""
    key: str = ""
    key_at: str = ""
    key_id: str = ""
    subkey: str = ""  # the fingerprint of the subkey that made it
    strength: Strength = Strength()
    made: datetime | None = None
    expires: datetime | None = None
    material: tuple[str, ...] = ()
    timestamps: tuple[Timestamp, ...] = ()


class PublicKey(Fact, frozen=True):
    """A key that stands for itself, such as an OpenPGP certificate. `key` is its pin, `names` are what it calls itself.

    `secret`: its private half lies there, too.
    """

    scheme: Scheme
    key: str
    names: tuple[str, ...] = ()
    strength: Strength = Strength()
    created: datetime | None = None
    expires: datetime | None = None
    revoked: bool = False
    secret: bool = False


class CertificateInfo(msgspec.Struct, frozen=True):
    """What a certificate says. `pin` and `spki` are `x509-sha256:` and `spki-sha256:` with the digests in capitals.

    `subject` and `issuer` are common names; whole names are in DER. `usages` are the extended ones by their dotted
    names, none for any; `signs`: whether its key usage allows to sign data.
    """

    der: bytes
    pin: str
    spki: str
    subject: str
    issuer: str
    subject_der: bytes
    issuer_der: bytes
    serial: str  # in hex
    key_identifier: bytes
    since: datetime
    until: datetime
    strength: Strength
    authority: bool
    signs: bool
    usages: tuple[str, ...] = ()

    @property
    def is_own_issuer(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.subject_der == self.issuer_der


class Certificate(Fact, frozen=True):
    """An X.509 certificate in an entry, or in a message there."""

    info: CertificateInfo


class RevocationFile(Fact, frozen=True):
    """A list of certificates that an authority took back, as it is."""

    der: bytes


class Announcement(Fact, frozen=True):
    """A document that announces keys, by their pins. `span` is the entry; who signed it say `Signature`s of it."""

    form: Literal["csaf", "statement"]
    title: str
    keys: tuple[str, ...]


class EntryDigests(Fact, frozen=True):
    """Digests of an entry beside its SHA-256, as (algorithm, hex), which a reader asked for. `span` is the entry."""

    digests: tuple[tuple[str, str], ...]


class ListedDigest(Fact, frozen=True):
    """A line of a checksum manifest: `name` as written, `digest` in lower-case hex. `span` is the line.

    `manifest` is the entry that holds the list, or vouches for it. `from_top`: the name counts from the top of the
    archive alone, and not from where the list lies.
    """

    manifest: str
    algorithm: str  # of hashlib: sha256, md5 ...
    digest: str
    name: str
    from_top: bool = False
    elsewhere: bool = False  # whether it may as well name what is somewhere else


def named_paths(line: ListedDigest) -> tuple[str, ...]:
    """The entries that a line of a list may name: beside the list, or from the top of its archive.

    None for a list that lies in no archive: what it may name is the package itself.
    """
    archive, step, member = line.manifest.rpartition(MEMBER)
    if not step:
        return ()
    found = []
    for folder in dict.fromkeys(("",) if line.from_top else (posixpath.dirname(member), "")):
        path = posixpath.normpath(posixpath.join(folder, line.name))
        if not path.startswith(("/", "../")):
            found.append(f"{archive}{MEMBER}{path}")
    return tuple(found)


class PrivateKey(Fact, frozen=True):
    """A private key in an entry. `encrypted`: by a passphrase."""

    form: str
    encrypted: bool = False


Verdict = Literal[
    "trusted",
    "unsigned",
    "unsigned-manifest",
    "bad",
    "weak",
    "wrong-usage",
    "hostile",
    "unknown-signer",
    "root-only-in-package",
    "self-signed",
    "chain-incomplete",
    "chain-broken",
    "retired",
    "rotated-cross-signed",
    "rotated-announced",
    "expired",
    "expired-timestamped",
    "not-yet-valid",
    "revoked",
    "not-checked",
    "no-content",
]


class ChainLink(msgspec.Struct, frozen=True):
    """One certificate or key of a chain, from the signer up. `source` says where it came from: package, or profile."""

    name: str
    pin: str
    source: str
    note: str = ""  # key, digest, validity


class Remark(msgspec.Struct, frozen=True):
    """Something about a signature besides its verdict. `what` is a slug that rules know."""

    what: str
    why: str


class SignatureTrust(Fact, frozen=True):
    """What is to be thought of one signature, or of the package that has none: a row of the report.

    `chain` leads from the signer to whoever vouches for it. `hints` are lines of a profile that would trust it.
    `covered` counts the files of the package that it covers. `made_by` tells who vouches for the time `made`:
    timestamped, claimed, or nobody.
    """

    verdict: Verdict
    why: str
    scheme: str = ""
    signer: str = ""
    key: str = ""
    covers: tuple[str, ...] = ()
    covered: int = 0
    strength: Strength = Strength()
    made: str = ""
    made_by: Literal["timestamped", "claimed", ""] = ""
    chain: tuple[ChainLink, ...] = ()
    remarks: tuple[Remark, ...] = ()
    weakest: Strength = Strength()  # of a signature that is weak: what makes it so
    anchors: tuple[str, ...] = ()  # pins of what the chain ends in
    hints: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    configured: bool = False  # whether the profile names anybody at all to trust

    @property
    def is_trusted(self) -> bool:
        """Whether what it covers may be believed."""
        return self.verdict in {"trusted", "rotated-cross-signed", "rotated-announced", "expired-timestamped"}

    @property
    def is_broken(self) -> bool:
        """Whether it says nothing about what it names, whoever made it."""
        return self.verdict in {"bad", "weak", "wrong-usage", "hostile", "no-content", "not-checked"}


class SignerChanged(Fact, frozen=True):
    """Another signed this package than the one before. `before` and `now` are names; nobody: it is not signed."""

    before: tuple[str, ...]
    now: tuple[str, ...]
    why: str
    related: tuple[Related, ...] = ()


class Uncovered(Fact, frozen=True):
    """Files of one sort in one directory that no trusted signature covers. `span` is the first of them."""

    sort: str  # scripts, units, jobs, SQL, programs
    folder: str
    files: tuple[Span, ...]
    count: int


class Covered(Fact, frozen=True):
    """A file of the package, and the trusted signatures that cover it. `span` is the file."""

    by: tuple[Span, ...]
