"""Signatures in a package and beside it, by the installed command: picked up, checked, and weighed by a profile."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from signing import Vendor

from command import Pkgscan
from packing import zip_of

SCRIPT = b"#!/bin/sh\necho hello\n"
BIG = 300_000  # bytes: over what one child does alone


class Scan:
    """A package of a vendor, and its reports."""

    def __init__(self, pkgscan: Pkgscan, folder: Path, *, padding: int) -> None:
        self.vendor = Vendor()
        self.folder = folder
        self.package = folder / "app-1.0.zip"
        self.padding = hashlib.shake_256(b"x").digest(padding)
        self._pkgscan = pkgscan

    def pack(self, **files: bytes) -> None:
        self.package.write_bytes(zip_of({"install.sh": SCRIPT, "padding": self.padding, **files}))

    def beside(self, suffix: str, data: bytes) -> Path:
        path = self.package.with_name(self.package.name + suffix)
        path.write_bytes(data)
        return path

    def profile(self, text: str) -> tuple[str, str]:
        path = self.folder / "target.toml"
        path.write_text(f"profile = 1\n{text}")
        return "--target", str(path)

    def trust(self, *options: object) -> list[dict[str, Any]]:
        done = self._pkgscan("scan", "-f", "json", "--now", "2030-01-01T00:00:00Z", *options, self.package)
        assert done.stderr == b"" or b"pkgscan: " not in done.stderr, done.stderr
        self.report = json.loads(done.stdout)
        return list(self.report["trust"])

    def verdicts(self, *options: object) -> list[str]:
        return [row["verdict"] for row in self.trust(*options)]

    def rules(self) -> set[tuple[str, str, str]]:
        found = self.report["findings"]
        return {(one["rule"], one["category"], one["severity"]) for one in found if one["rule"] in RULES}


RULES = {"unsigned-package", "bad-signature", "untrusted-root"}


@pytest.fixture(params=[0, BIG], ids=["tiny", "large"])
def scan(request: pytest.FixtureRequest, pkgscan: Pkgscan, tmp_path: Path) -> Scan:
    return Scan(pkgscan, tmp_path, padding=request.param)


def pinned(vendor: Vendor) -> str:
    return f'[[signatures.trust]]\nvendor = "Acme"\npins = ["openpgp:{vendor.fingerprint}"]\n'


def test_a_package_without_a_signature(scan: Scan) -> None:
    scan.pack()
    assert scan.verdicts() == ["unsigned"]
    assert scan.rules() == {("unsigned-package", "assumption", "medium")}
    assert scan.verdicts(*scan.profile("[signatures]\nrequire_signature = true\n")) == ["unsigned"]
    assert scan.rules() == {("unsigned-package", "contradiction", "high")}


def test_a_signature_beside_the_package(scan: Scan) -> None:
    scan.pack(KEYS=scan.vendor.certificate)
    scan.beside(".asc", scan.vendor.signature(scan.package.read_bytes()))
    assert scan.verdicts() == ["root-only-in-package"]
    assert scan.rules() == {("untrusted-root", "assumption", "medium")}
    assert scan.verdicts(*scan.profile(pinned(Vendor()))) == ["root-only-in-package"]
    assert scan.rules() == {("untrusted-root", "contradiction", "high")}
    (row,) = scan.trust(*scan.profile(pinned(scan.vendor)))
    assert (row["verdict"], row["covered"]) == ("trusted", 3)
    assert scan.rules() == set()


def test_a_signature_of_another_package(scan: Scan) -> None:
    scan.pack(KEYS=scan.vendor.certificate)
    scan.beside(".asc", scan.vendor.signature(b"another package"))
    assert scan.verdicts(*scan.profile(pinned(scan.vendor))) == ["bad"]
    assert scan.rules() == {("bad-signature", "defect", "high")}


def test_a_signature_that_is_named_and_the_key_in_a_file_of_the_profile(scan: Scan) -> None:
    scan.pack()
    signature = scan.folder / "release.sig"
    signature.write_bytes(scan.vendor.signature(scan.package.read_bytes()))
    assert scan.verdicts("--signature", signature) == ["unknown-signer"]
    (scan.folder / "trust").mkdir()
    (scan.folder / "trust" / "acme.asc").write_bytes(scan.vendor.certificate)
    profile = scan.profile('[[signatures.trust]]\nvendor = "Acme"\nroots = ["trust/acme.asc"]\n')
    assert scan.verdicts("--signature", signature, *profile) == ["trusted"]


def test_a_clear_signed_list(scan: Scan) -> None:
    listed = f"{hashlib.sha256(SCRIPT).hexdigest()}  install.sh\n".encode()
    profile = scan.profile(pinned(scan.vendor))
    for name in ("SHA256SUMS", "SHA256SUMS.asc"):
        scan.pack(KEYS=scan.vendor.certificate, **{name: scan.vendor.clear_signed(listed)})
        (row,) = scan.trust(*profile)
        assert (row["verdict"], row["covered"]) == ("trusted", 2)
        assert scan.rules() == set()
        other = scan.vendor.clear_signed(listed.replace(b"install", b"remove"))
        scan.pack(KEYS=scan.vendor.certificate, **{name: other})
        assert scan.verdicts(*profile) == ["bad"], "a signed file is missing"
        forged = scan.vendor.clear_signed(listed).replace(b"install", b"padding")
        scan.pack(KEYS=scan.vendor.certificate, **{name: forged})
        assert scan.verdicts(*profile) == ["bad"]


@pytest.mark.parametrize("algorithm", ["sha512", "sha384"])
def test_a_list_in_another_algorithm(scan: Scan, algorithm: str) -> None:
    listed = f"{hashlib.new(algorithm, SCRIPT).hexdigest()}  install.sh\n".encode()
    profile = scan.profile(pinned(scan.vendor))
    name = f"{algorithm.upper()}SUMS"
    scan.pack(KEYS=scan.vendor.certificate, **{name: scan.vendor.clear_signed(listed)})
    (row,) = scan.trust(*profile)
    assert (row["verdict"], row["covered"]) == ("trusted", 2)
    other = f"{hashlib.new(algorithm, b'other').hexdigest()}  install.sh\n".encode()
    scan.pack(KEYS=scan.vendor.certificate, **{name: scan.vendor.clear_signed(other)})
    assert scan.verdicts(*profile) == ["bad"]


def test_a_list_by_md5_covers_nothing(scan: Scan) -> None:
    listed = f"{hashlib.md5(SCRIPT).hexdigest()}  install.sh\n".encode()
    scan.pack(KEYS=scan.vendor.certificate, MD5SUMS=scan.vendor.clear_signed(listed))
    (row,) = scan.trust(*scan.profile(pinned(scan.vendor)))
    assert (row["verdict"], row["weakest"]["digest"], row["covered"]) == ("weak", "md5", 0)


def test_a_digest_beside_the_package(scan: Scan) -> None:
    scan.pack()
    digest = hashlib.sha512(scan.package.read_bytes()).hexdigest()
    scan.beside(".sha512", f"{digest}  {scan.package.name}\n".encode())
    assert scan.verdicts() == ["unsigned-manifest"]
    scan.beside(".sha512", f"{digest[1:]}0  {scan.package.name}\n".encode())
    assert scan.verdicts() == ["bad", "unsigned-manifest"]


def test_lines_outside_the_signed_text_count_for_nothing(scan: Scan) -> None:
    evil = f"{hashlib.sha256(scan.padding).hexdigest()}  padding\n".encode()
    listed = f"{hashlib.sha256(SCRIPT).hexdigest()}  install.sh\n".encode()
    scan.pack(KEYS=scan.vendor.certificate, SHA256SUMS=scan.vendor.clear_signed(listed) + evil)
    (row,) = scan.trust(*scan.profile(pinned(scan.vendor)))
    assert (row["verdict"], row["covered"]) == ("trusted", 2)


def test_a_file_of_the_profile_that_is_not_there(scan: Scan, pkgscan: Pkgscan) -> None:
    scan.pack()
    profile = scan.profile('[[signatures.trust]]\nvendor = "Acme"\nroots = ["gone.pem"]\n')
    done = pkgscan("scan", *profile, scan.package)
    assert done.returncode == 2
    assert b"target.toml:4:10: " in done.stderr
    assert b"gone.pem: no such file" in done.stderr


def test_a_clear_signed_list_with_names_that_are_no_utf_8(scan: Scan) -> None:
    digest = hashlib.sha256(SCRIPT).hexdigest().encode()
    listed = digest + b"  install.sh\n# caf\xe9, which is Latin-1\n"
    scan.pack(KEYS=scan.vendor.certificate, SHA256SUMS=scan.vendor.clear_signed(listed))
    assert scan.verdicts(*scan.profile(pinned(scan.vendor))) == ["trusted"]


def test_a_rotation_that_the_package_itself_claims(scan: Scan) -> None:
    notice = f"We moved to a new signing key: {scan.vendor.fingerprint.upper()}\n".encode()
    scan.pack(**{"KEYS": scan.vendor.certificate, "key-rotation.txt": notice})
    scan.beside(".asc", scan.vendor.signature(scan.package.read_bytes()))
    (row,) = scan.trust(*scan.profile(pinned(Vendor())))
    assert row["verdict"] == "root-only-in-package"
    assert row["why"].endswith("key-rotation.txt, unsigned: nobody we know vouches for it")
