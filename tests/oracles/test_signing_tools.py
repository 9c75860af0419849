"""Signatures made by gpg and openssl, as those tools and pkgscan see them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pkgscan.profile.model import Profile
from pkgscan.profile.reader import profile_of
from pkgscan.report import Report
from pkgscan.scanning import Options, scan_here
from pkgscan.tomlfile import parse_toml

SCRIPT = b"#!/bin/sh\necho hello\n"
TRUSTED = {"trusted", "rotated-cross-signed", "expired-timestamped"}


def tell(*words: object, at: str = "", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a tool, at another time where one is given; its own exit code is part of what is compared."""
    command = [str(word) for word in words]
    return subprocess.run(["faketime", at, *command] if at else command, check=False, capture_output=True, **more)


def made(*words: object, at: str = "", **more: Any) -> bytes:
    done = tell(*words, at=at, **more)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def verdict(members: dict[str, bytes], folder: Path, *pins: str, path: str = "") -> dict[str, Any]:
    """The row of the one signature of a package that holds these members."""
    package = folder / "p.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    report = scanned(package, *pins)
    assert [gap.traceback for gap in report.gaps if gap.traceback] == []
    rows = [row for row in report.parts["trust"] if not path or row["span"]["path"].endswith(path)]
    assert len(rows) == 1, rows
    row: dict[str, Any] = rows[0]
    return row


def scanned(package: Path, *pins: str) -> Report:
    """The report as of now: what the tools make is dated so."""
    return scan_here(str(package), Options(now=datetime.now(UTC), profile=trusting(*pins)))


def trusting(*pins: str) -> Profile | None:
    if not pins:
        return None
    listed = ", ".join(f'"{pin}"' for pin in pins)
    text = f'profile = 1\n[[signatures.trust]]\nvendor = "Acme"\npins = [{listed}]\n'
    return profile_of(parse_toml("t.toml", text))


class Gpg:
    """A home of gpg with one key."""

    def __init__(
        self, home: Path, kind: str = "ed25519", usage: str = "sign", until: str = "never", at: str = ""
    ) -> None:
        home.mkdir(mode=0o700)
        self.home, self.at = home, at
        name = "Acme Release <release@acme.example>"
        self.run("--quick-gen-key", name, kind, usage, until, at=at)
        listed = self.run("--with-colons", "--list-keys").decode().splitlines()
        self.fingerprint = next(line.split(":")[9] for line in listed if line.startswith("fpr"))

    def run(self, *words: object, at: str = "", data: bytes = b"") -> bytes:
        options = ("--batch", "--quiet", "--yes", "--passphrase", "", "--pinentry-mode", "loopback")
        return made("gpg", "--homedir", self.home, *options, *words, at=at, input=data)

    def sign(self, *options: object, at: str = "", data: bytes = SCRIPT) -> bytes:
        return self.run(*options, "--armor", "--detach-sign", at=at, data=data)

    def public(self) -> bytes:
        return self.run("--armor", "--export")

    def status(self, signature: bytes, folder: Path, data: bytes = SCRIPT, at: str = "") -> set[str]:
        """The words of gpg's status lines: its exit code does not tell."""
        (folder / "sig").write_bytes(signature)
        (folder / "data").write_bytes(data)
        done = tell(
            "gpg",
            "--homedir",
            self.home,
            "--batch",
            "--status-fd",
            "1",
            "--verify",
            folder / "sig",
            folder / "data",
            at=at,
        )
        return {line.split()[1] for line in done.stdout.decode().splitlines() if line.startswith("[GNUPG:]")}

    def members(self, signature: bytes) -> dict[str, bytes]:
        return {"install.sh": SCRIPT, "install.sh.asc": signature, "KEYS": self.public()}

    @property
    def pin(self) -> str:
        return f"openpgp:{self.fingerprint}"

    def close(self) -> None:
        tell("gpgconf", "--homedir", self.home, "--kill", "gpg-agent")


@pytest.fixture
def gpg(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Gpg]:
    key = Gpg(tmp_path / "gpg", **getattr(request, "param", {}))
    yield key
    key.close()


@pytest.mark.parametrize(
    "gpg", [{"kind": kind} for kind in ("ed25519", "rsa3072", "nistp256")], indirect=True, ids=lambda one: one["kind"]
)
def test_a_good_signature_and_a_changed_file(gpg: Gpg, tmp_path: Path) -> None:
    signature = gpg.sign()
    assert "GOODSIG" in gpg.status(signature, tmp_path)
    assert verdict(gpg.members(signature), tmp_path, gpg.pin)["verdict"] == "trusted"
    assert verdict(gpg.members(signature), tmp_path)["verdict"] == "root-only-in-package"
    other = {**gpg.members(signature), "install.sh": b"echo other\n"}
    assert "BADSIG" in gpg.status(signature, tmp_path, b"echo other\n")
    assert verdict(other, tmp_path, gpg.pin)["verdict"] == "bad"


@pytest.mark.parametrize("gpg", [{"kind": "dsa2048"}], indirect=True)
def test_a_dsa_key_is_good_and_said_to_be_weak(gpg: Gpg, tmp_path: Path) -> None:
    signature = gpg.sign()
    assert "GOODSIG" in gpg.status(signature, tmp_path)
    row = verdict(gpg.members(signature), tmp_path, gpg.pin)
    assert (row["verdict"], [remark["what"] for remark in row["remarks"]]) == ("trusted", ["weak-key"])


@pytest.mark.parametrize("gpg", [{"kind": "rsa1024"}], indirect=True)
def test_a_short_key_is_weak_though_gpg_takes_it(gpg: Gpg, tmp_path: Path) -> None:
    signature = gpg.sign()
    assert "GOODSIG" in gpg.status(signature, tmp_path)
    row = verdict(gpg.members(signature), tmp_path, gpg.pin)
    assert (row["verdict"], row["weakest"]["bits"]) == ("weak", 1024)


def test_a_digest_of_sha1_is_weak_though_gpg_takes_it(gpg: Gpg, tmp_path: Path) -> None:
    signature = gpg.sign("--digest-algo", "SHA1")
    assert "GOODSIG" in gpg.status(signature, tmp_path) or "ERRSIG" in gpg.status(signature, tmp_path)
    row = verdict(gpg.members(signature), tmp_path, gpg.pin)
    assert (row["verdict"], row["weakest"]["digest"]) == ("weak", "sha1")


@pytest.mark.parametrize("gpg", [{"until": "2025-06-01", "at": "2024-01-01 12:00:00"}], indirect=True)
def test_an_expired_key_is_told_whatever_date_it_claims(gpg: Gpg, tmp_path: Path) -> None:
    """Backdating is free: a signature made today by an expired key is dated to when it was good."""
    signature = gpg.sign(at="2025-01-01 12:00:00")
    assert "EXPKEYSIG" in gpg.status(signature, tmp_path)
    assert verdict(gpg.members(signature), tmp_path, gpg.pin)["verdict"] == "expired"
    assert verdict(gpg.members(signature), tmp_path)["verdict"] == "root-only-in-package"


def test_a_revoked_key(gpg: Gpg, tmp_path: Path) -> None:
    signature = gpg.sign()
    revocation = gpg.home / "openpgp-revocs.d" / f"{gpg.fingerprint}.rev"
    gpg.run("--import", data=revocation.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
    assert "REVKEYSIG" in gpg.status(signature, tmp_path)
    assert verdict(gpg.members(signature), tmp_path, gpg.pin)["verdict"] == "revoked"


@pytest.mark.parametrize("gpg", [{"usage": "cert"}], indirect=True)
def test_a_signature_by_a_subkey_is_its_primary_keys(gpg: Gpg, tmp_path: Path) -> None:
    gpg.run("--quick-add-key", gpg.fingerprint, "ed25519", "sign", "never")
    signature = gpg.sign()
    assert "GOODSIG" in gpg.status(signature, tmp_path)
    row = verdict(gpg.members(signature), tmp_path, gpg.pin)
    assert (row["verdict"], row["key"]) == ("trusted", gpg.pin)


def test_a_clear_signed_list_with_a_file_that_it_does_not_name(gpg: Gpg, tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_bytes(SCRIPT)
    listed = made("sha256sum", "install.sh", cwd=tmp_path)
    text = gpg.run("--clear-sign", data=listed)
    members = {"install.sh": SCRIPT, "remove.sh": b"echo gone\n", "SHA256SUMS": text, "KEYS": gpg.public()}
    assert verdict(members, tmp_path, gpg.pin)["verdict"] == "trusted"
    found = [one for one in scanned(tmp_path / "p.zip", gpg.pin).findings if one.rule == "uncovered-file"]
    assert [finding.span.path for finding in found if finding.span] == ["p.zip!/remove.sh"]
    unsigned = {"install.sh": SCRIPT, "SHA256SUMS": listed}
    assert verdict(unsigned, tmp_path)["verdict"] == "unsigned-manifest"


def test_a_message_that_packs_in_what_it_signs_stays_shut(gpg: Gpg, tmp_path: Path) -> None:
    message = gpg.run("--sign", data=SCRIPT)
    assert verdict({"install.sh.gpg": message}, tmp_path, gpg.pin)["verdict"] == "hostile"


class Authority:
    """Keys and certificates by openssl, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.issue("root", "", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign")

    def issue(
        self, name: str, issuer: str, extensions: str, *options: object, key: str = "rsa:2048", at: str = ""
    ) -> None:
        (self.folder / f"{name}.ext").write_text(extensions)
        request = ("openssl", "req", "-new", "-nodes", "-newkey", key, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        curve = ("-pkeyopt", "ec_paramgen_curve:P-256") if key == "ec" else ()
        made(*request, *curve, "-subj", f"/CN={name}", cwd=self.folder, at=at)
        signer = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key") if issuer else ("-signkey", f"{name}.key")
        words = (
            "openssl",
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            *signer,
            "-extfile",
            f"{name}.ext",
            "-out",
            f"{name}.pem",
        )
        made(*words, "-days", "365", *options, cwd=self.folder, at=at)

    def sign(self, name: str, *options: object, others: tuple[str, ...] = (), at: str = "") -> bytes:
        (self.folder / "install.sh").write_bytes(SCRIPT)
        (self.folder / "others.pem").write_bytes(b"".join(self.pem(one) for one in others))
        more = ("-certfile", "others.pem") if others else ()
        words = (
            "openssl",
            "cms",
            "-sign",
            "-binary",
            "-in",
            "install.sh",
            "-signer",
            f"{name}.pem",
            "-inkey",
            f"{name}.key",
        )
        return made(*words, "-outform", "DER", *more, *options, cwd=self.folder, at=at)

    def accepts(self, message: bytes, root: str = "root", *options: object, data: bytes = SCRIPT) -> bool:
        """Whether openssl takes a message for one under a root, for code signing by its own purpose."""
        (self.folder / "m.p7s").write_bytes(message)
        (self.folder / "content").write_bytes(data)
        words = ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "m.p7s", "-content", "content")
        purpose = ("-CAfile", f"{root}.pem", "-purpose", "any", "-out", os.devnull)
        return tell(*words, *purpose, *options, cwd=self.folder).returncode == 0

    def pem(self, name: str) -> bytes:
        return (self.folder / f"{name}.pem").read_bytes()

    def pin(self, name: str) -> str:
        der = made("openssl", "x509", "-in", f"{name}.pem", "-outform", "DER", cwd=self.folder)
        return f"x509-sha256:{hashlib.sha256(der).hexdigest()}"


CODE = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=codeSigning"
BETWEEN = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nextendedKeyUsage=codeSigning"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def weigh(authority: Authority, folder: Path, message: bytes, data: bytes = SCRIPT) -> dict[str, Any]:
    """What is said of a signed script; the root that is pinned must be at hand, and here the package brings it."""
    members = {"install.sh": data, "install.sh.p7s": message, "root.pem": authority.pem("root")}
    return verdict(members, folder, authority.pin("root"))


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("rsa:2048", ()),
        ("rsa:2048", ("-noattr",)),
        ("rsa:2048", ("-keyopt", "rsa_padding_mode:pss")),
        ("rsa:3072", ("-md", "sha512")),
        ("rsa:2048", ("-stream",)),
        ("rsa:2048", ("-keyid",)),
        ("ec", ("-md", "sha384")),
    ],
    ids=str,
)
def test_a_message_in_each_form(authority: Authority, tmp_path: Path, key: str, options: tuple[str, ...]) -> None:
    extensions = f"{CODE}\nsubjectKeyIdentifier=hash"
    authority.issue("between", "root", BETWEEN)
    authority.issue("leaf", "between", extensions, key=key)
    message = authority.sign("leaf", *options, others=("between",))
    assert authority.accepts(message)
    assert weigh(authority, tmp_path, message)["verdict"] == "trusted"
    other = b"echo other\n"
    assert not authority.accepts(message, data=other)
    assert weigh(authority, tmp_path, message, other)["verdict"] == "bad"


def test_a_message_around_its_content_in_pieces(authority: Authority, tmp_path: Path) -> None:
    authority.issue("leaf", "root", CODE)
    message = authority.sign("leaf", "-nodetach", "-stream")
    assert b"\x24\x80" in message, "a string in pieces, of no stated length"
    assert authority.accepts(message)
    row = verdict({"install.sh.p7m": message, "root.pem": authority.pem("root")}, tmp_path, authority.pin("root"))
    assert (row["verdict"], row["covered"]) == ("trusted", 1)


def test_a_root_that_only_the_message_brings_and_one_that_is_cross_signed(authority: Authority, tmp_path: Path) -> None:
    extensions = (authority.folder / "root.ext").read_text()
    authority.issue("new", "", extensions)
    authority.issue("leaf", "new", CODE)
    message = authority.sign("leaf", others=("new",))
    assert not authority.accepts(message)
    assert weigh(authority, tmp_path, message)["verdict"] == "root-only-in-package"
    words = (
        "openssl",
        "x509",
        "-req",
        "-in",
        "new.csr",
        "-CA",
        "root.pem",
        "-CAkey",
        "root.key",
        "-extfile",
        "root.ext",
    )
    made(*words, "-days", "365", "-out", "cross.pem", cwd=authority.folder)
    healed = authority.sign("leaf", others=("new", "cross"))
    assert weigh(authority, tmp_path, healed)["verdict"] == "rotated-cross-signed"


@pytest.mark.parametrize(
    ("name", "extensions", "options", "key", "expected"),
    [
        ("web server", CODE.replace("codeSigning", "serverAuth"), (), "rsa:2048", "wrong-usage"),
        ("no signing", CODE.replace("digitalSignature", "keyEncipherment"), (), "rsa:2048", "wrong-usage"),
        ("short key", CODE, (), "rsa:1024", "weak"),
        ("certificate by SHA-1", CODE, ("-sha1",), "rsa:2048", "weak"),
    ],
)
def test_a_leaf_that_is_not_fit(  # noqa: PLR0917
    authority: Authority, tmp_path: Path, name: str, extensions: str, options: tuple[str, ...], key: str, expected: str
) -> None:
    authority.issue("leaf", "root", extensions, *options, key=key)
    message = authority.sign("leaf", others=("root",))
    assert weigh(authority, tmp_path, message)["verdict"] == expected, name


def test_an_expired_certificate(authority: Authority, tmp_path: Path) -> None:
    old = Authority(tmp_path)
    old.issue("root", "", (old.folder / "root.ext").read_text(), "-days", "3650", at="2023-01-01 12:00:00")
    old.issue("leaf", "root", CODE, at="2024-01-01 12:00:00")
    message = old.sign("leaf", at="2024-06-01 12:00:00")
    assert not old.accepts(message)
    assert weigh(old, tmp_path, message)["verdict"] == "expired"


def test_a_digest_of_sha1_in_a_message(authority: Authority, tmp_path: Path) -> None:
    authority.issue("leaf", "root", CODE)
    message = authority.sign("leaf", "-md", "sha1")
    assert authority.accepts(message), "openssl takes it"
    row = weigh(authority, tmp_path, message)
    assert (row["verdict"], row["weakest"]["digest"]) == ("weak", "sha1")
