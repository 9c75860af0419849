"""Lists of digests in the forms that tools write."""

from __future__ import annotations

import hashlib

import pytest

from pkgscan.facts.signing import ListedDigest
from pkgscan.readers.base import Embedded
from pkgscan.readers.checksums import ChecksumReader
from pkgscan.testing import read

SHA256 = hashlib.sha256(b"").hexdigest()
SHA512 = hashlib.sha512(b"").hexdigest()
MD5 = hashlib.md5(b"", usedforsecurity=False).hexdigest()


def listed(text: str, path: str = "p.zip!/SHA256SUMS") -> list[tuple[str, str, str]]:
    found = read(ChecksumReader(), text, path)
    return [(fact.algorithm, fact.digest, fact.name) for fact in found if isinstance(fact, ListedDigest)]


@pytest.mark.parametrize(
    ("line", "algorithm", "digest", "name"),
    [
        (f"{SHA256}  a.sh", "sha256", SHA256, "a.sh"),
        (f"{SHA256} *bin/a b.sh", "sha256", SHA256, "bin/a b.sh"),
        (f"{SHA256.upper()}  a.sh\r", "sha256", SHA256, "a.sh"),
        (f"\\{SHA256}  odd\\nname\\\\x", "sha256", SHA256, "odd\nname\\x"),
        (f"{MD5}  a.sh", "md5", MD5, "a.sh"),
        (f"{SHA512}  ./a.sh", "sha512", SHA512, "./a.sh"),
        (f"SHA256 (a (1).sh) = {SHA256}", "sha256", SHA256, "a (1).sh"),
        (f"SHA2-256(a.sh)= {SHA256}", "sha256", SHA256, "a.sh"),
        (f"MD5 (a.sh) = {MD5}", "md5", MD5, "a.sh"),
    ],
)
def test_a_line(line: str, algorithm: str, digest: str, name: str) -> None:
    assert listed(f"# a comment\n{line}\n\n") == [(algorithm, digest, name)]


@pytest.mark.parametrize("line", ["", "hello", f"{SHA256[:-1]}  a", f"SHA256 (a) = {MD5}", f"{SHA256}a.sh"])
def test_what_is_no_line(line: str) -> None:
    assert listed(line) == []


def test_a_digest_alone_is_of_the_file_of_its_name() -> None:
    assert listed(f"{SHA256}\n", "p.zip!/dist/app.tar.gz.sha256") == [("sha256", SHA256, "app.tar.gz")]


def test_a_clear_signed_list_is_left_to_who_checks_that() -> None:
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{SHA256}  a.sh\n-----BEGIN PGP SIGNATURE-----\n"
    (found,) = read(ChecksumReader(), text, "p.zip!/SHA256SUMS")
    assert isinstance(found, Embedded)
    assert (found.kind, found.text) == ("openpgp-signature", text)


def test_several_digests_alone_are_of_no_file() -> None:
    assert listed(f"{SHA256}\n{MD5}\n", "p.zip!/settings.conf.md5sum") == []
    assert listed(f"{SHA256}\n{MD5}  a.sh\n", "p.zip!/settings.conf.md5sum") == [
        ("md5", MD5, "a.sh"),
        ("sha256", SHA256, "settings.conf"),
    ]
