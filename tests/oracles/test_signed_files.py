"""Signatures of files by minisign, signify, ssh-keygen and, for DSSE, openssl, as those tools and pkgscan see them."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from vouching import SCRIPT, made, rows_of, scanned, tell

OTHER = b"#!/bin/sh\necho other\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "install.sh").write_bytes(SCRIPT)
    return tmp_path / "install.sh"


def minisign_key(folder: Path, name: str = "m") -> str:
    """A new key; its pin."""
    made("minisign", "-G", "-W", "-f", "-p", folder / f"{name}.pub", "-s", folder / f"{name}.key")
    return "minisign:" + (folder / f"{name}.pub").read_text().splitlines()[1]


def minisign_takes(folder: Path, script: Path) -> bool:
    return tell("minisign", "-V", "-p", folder / "m.pub", "-m", script).returncode == 0


@pytest.mark.parametrize("options", [(), ("-l",)], ids=["prehashed", "legacy"])
def test_minisign(script: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    pin = minisign_key(tmp_path)
    made("minisign", "-S", *options, "-s", tmp_path / "m.key", "-m", script)
    signature, public = (tmp_path / "install.sh.minisig").read_bytes(), (tmp_path / "m.pub").read_bytes()
    members = {"install.sh": SCRIPT, "install.sh.minisig": signature, "m.pub": public}
    assert minisign_takes(tmp_path, script)
    assert rows_of(tmp_path, members, pin) == ["trusted"]
    assert rows_of(tmp_path, members) == ["root-only-in-package"]
    assert rows_of(tmp_path, members, minisign_key(tmp_path, "other")) == ["root-only-in-package"]
    assert rows_of(tmp_path, members | {"m.pub": (tmp_path / "other.pub").read_bytes()}, pin) == ["unknown-signer"]
    script.write_bytes(OTHER)
    assert not minisign_takes(tmp_path, script)
    assert rows_of(tmp_path, members | {"install.sh": OTHER}, pin) == ["bad"]
    script.write_bytes(SCRIPT)
    changed = signature.replace(b"trusted comment: timestamp:1", b"trusted comment: timestamp:2")
    changed = changed.replace(b"untrusted comment: timestamp:2", b"untrusted comment: timestamp:1")
    (tmp_path / "install.sh.minisig").write_bytes(changed)
    assert not minisign_takes(tmp_path, script)
    assert rows_of(tmp_path, members | {"install.sh.minisig": changed}, pin) == ["bad"]
    forged = b"untrusted comment: other words\n" + signature.split(b"\n", 1)[1]
    (tmp_path / "install.sh.minisig").write_bytes(forged)
    assert minisign_takes(tmp_path, script), "nobody trusts that comment"
    assert rows_of(tmp_path, members | {"install.sh.minisig": forged}, pin) == ["trusted"]


def test_a_secret_key_of_minisign_is_told(tmp_path: Path) -> None:
    minisign_key(tmp_path)
    made("signify-openbsd", "-G", "-n", "-p", tmp_path / "s.pub", "-s", tmp_path / "s.sec")
    for name in ("m.key", "s.sec"):
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / "p" / "secret.txt").write_bytes((tmp_path / name).read_bytes())
        assert "private-key-in-package" in {one.rule for one in scanned(tmp_path / "p").findings}, name


def test_signify(script: Path, tmp_path: Path) -> None:
    made("signify-openbsd", "-G", "-n", "-p", tmp_path / "s.pub", "-s", tmp_path / "s.sec")
    made("signify-openbsd", "-S", "-s", tmp_path / "s.sec", "-m", script)
    signature, public = (tmp_path / "install.sh.sig").read_bytes(), (tmp_path / "s.pub").read_bytes()
    pin = "minisign:" + public.decode().splitlines()[1]
    members = {"install.sh": SCRIPT, "install.sh.sig": signature, "s.pub": public}

    def takes() -> bool:
        return tell("signify-openbsd", "-V", "-p", tmp_path / "s.pub", "-m", script).returncode == 0

    assert takes()
    assert rows_of(tmp_path, members, pin) == ["trusted"]
    script.write_bytes(OTHER)
    assert not takes()
    assert rows_of(tmp_path, members | {"install.sh": OTHER}, pin) == ["bad"]


def test_a_list_that_signify_embeds(script: Path, tmp_path: Path) -> None:
    made("signify-openbsd", "-G", "-n", "-p", tmp_path / "s.pub", "-s", tmp_path / "s.sec")
    (tmp_path / "SHA256").write_bytes(made("sha256sum", "--tag", "install.sh", cwd=tmp_path))
    embed = ("-S", "-e", "-s", tmp_path / "s.sec", "-m", tmp_path / "SHA256", "-x", tmp_path / "SHA256.sig")
    made("signify-openbsd", *embed)
    public = (tmp_path / "s.pub").read_bytes()
    pin = "minisign:" + public.decode().splitlines()[1]
    members = {"install.sh": SCRIPT, "SHA256.sig": (tmp_path / "SHA256.sig").read_bytes(), "s.pub": public}

    def takes() -> bool:
        words = ("signify-openbsd", "-C", "-p", "s.pub", "-x", "SHA256.sig", "install.sh")
        return tell(*words, cwd=tmp_path).returncode == 0

    assert takes()
    assert rows_of(tmp_path, members, pin) == ["trusted"]
    (row,) = (row for row in scanned(tmp_path / "p.zip", pin).parts["trust"] if row["verdict"] == "trusted")
    assert row["covered"] == 2, "the list and the script"
    script.write_bytes(OTHER)
    assert not takes()
    assert rows_of(tmp_path, members | {"install.sh": OTHER}, pin) == ["bad"]


KINDS = {
    "ed25519": ("-t", "ed25519"),
    "ecdsa": ("-t", "ecdsa", "-b", "384"),
    "rsa": ("-t", "rsa", "-b", "3072"),
    "rsa-1024": ("-t", "rsa", "-b", "1024"),
}


def ssh_key(folder: Path, kind: str) -> str:
    """A new key called k; its pin, as ssh-keygen tells it."""
    made("ssh-keygen", "-q", *KINDS[kind], "-N", "", "-f", folder / "k")
    return "ssh:" + made("ssh-keygen", "-l", "-f", folder / "k.pub").decode().split()[1]


def ssh_takes(folder: Path, content: bytes, namespace: str = "file") -> bool:
    (folder / "allowed").write_bytes(b"acme " + (folder / "k.pub").read_bytes())
    words = ("-Y", "verify", "-f", folder / "allowed", "-I", "acme", "-n", namespace, "-s", folder / "install.sh.sig")
    return tell("ssh-keygen", *words, input=content).returncode == 0


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_ssh(script: Path, tmp_path: Path, kind: str) -> None:
    pin = ssh_key(tmp_path, kind)
    made("ssh-keygen", "-Y", "sign", "-n", "file", "-f", tmp_path / "k", script)
    members = {"install.sh": SCRIPT, "install.sh.sig": (tmp_path / "install.sh.sig").read_bytes()}
    assert ssh_takes(tmp_path, SCRIPT)
    assert rows_of(tmp_path, members, pin) == ["trusted"]
    assert rows_of(tmp_path, members) == ["root-only-in-package"]
    assert not ssh_takes(tmp_path, OTHER)
    assert rows_of(tmp_path, members | {"install.sh": OTHER}, pin) == ["bad"]


def test_ssh_by_a_small_key(script: Path, tmp_path: Path) -> None:
    pin = ssh_key(tmp_path, "rsa-1024")
    made("ssh-keygen", "-Y", "sign", "-n", "file", "-f", tmp_path / "k", script)
    members = {"install.sh": SCRIPT, "install.sh.sig": (tmp_path / "install.sh.sig").read_bytes()}
    assert rows_of(tmp_path, members, pin) == ["weak"]


def test_ssh_for_something_else(script: Path, tmp_path: Path) -> None:
    """ssh-keygen takes a signature for what its caller asks; one for git is none for a file."""
    pin = ssh_key(tmp_path, "ed25519")
    made("ssh-keygen", "-Y", "sign", "-n", "git", "-f", tmp_path / "k", script)
    members = {"install.sh": SCRIPT, "install.sh.sig": (tmp_path / "install.sh.sig").read_bytes()}
    assert (ssh_takes(tmp_path, SCRIPT, "git"), ssh_takes(tmp_path, SCRIPT)) == (True, False)
    assert rows_of(tmp_path, members, pin) == ["wrong-usage"]


def test_an_in_toto_statement(tmp_path: Path) -> None:
    """Signed by openssl over what the DSSE protocol says is signed, which openssl takes as well."""
    made("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tmp_path / "key.pem")
    public = made("openssl", "ec", "-in", tmp_path / "key.pem", "-pubout")
    der = made("openssl", "ec", "-in", tmp_path / "key.pem", "-pubout", "-outform", "DER")
    pin = f"spki-sha256:{hashlib.sha256(der).hexdigest()}"
    subject = [{"name": "install.sh", "digest": {"sha256": hashlib.sha256(SCRIPT).hexdigest()}}]
    payload = json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": subject}).encode()
    kind = b"application/vnd.in-toto+json"
    (tmp_path / "signed").write_bytes(b"DSSEv1 28 %s %d %s" % (kind, len(payload), payload))
    value = made("openssl", "dgst", "-sha256", "-sign", tmp_path / "key.pem", tmp_path / "signed")
    (tmp_path / "pub.pem").write_bytes(public)
    (tmp_path / "value").write_bytes(value)
    words = ("-sha256", "-verify", tmp_path / "pub.pem", "-signature", tmp_path / "value", tmp_path / "signed")
    assert tell("openssl", "dgst", *words).returncode == 0
    envelope = {
        "payloadType": kind.decode(),
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": "k", "sig": base64.b64encode(value).decode()}],
    }
    members = {"install.sh": SCRIPT, "install.intoto.jsonl": json.dumps(envelope).encode(), "acme.pub": public}
    assert rows_of(tmp_path, members, pin) == ["trusted"]
    assert rows_of(tmp_path, members | {"install.sh": OTHER}, pin) == ["bad"]
    other = {**envelope, "payload": base64.b64encode(payload.replace(b"install", b"inspect")).decode()}
    assert rows_of(tmp_path, members | {"install.intoto.jsonl": json.dumps(other).encode()}, pin) == ["bad"]
