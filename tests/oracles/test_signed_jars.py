"""Jars that jarsigner signed, as `jarsigner -verify -strict` and pkgscan see them.

The bits of jarsigner's exit code: 1 an error, 4 a chain that is not trusted or is out of time, 8 a certificate for
something else, 16 an entry that is not signed.
"""

from __future__ import annotations

import subprocess
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from signing import TIME, WEB, Holder, root
from vouching import PASSWORD, SCRIPT, keystore, made, rules, scanned, tell, verdicts

NOW = datetime.now(UTC)
LONG_NAME = "lib/" + "a-name-that-goes-on-over-the-72-bytes-of-a-line-" * 3 + "ü.txt"
FILES = {
    "install.sh": SCRIPT,
    "com/acme/A.class": b"\xca\xfe\xba\xbe" + bytes(60),
    LONG_NAME: b"x\n",
    "a b.txt": b"y\n",
}
ACME = root()


class Jar:
    """A jar, and who signs it."""

    def __init__(self, folder: Path, name: str = "app.jar") -> None:
        self.folder, self.path = folder, folder / name
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in FILES.items():
                archive.writestr(member, content)

    def sign(self, signer: Holder, *options: object, name: str = "VENDOR") -> Jar:
        store = keystore(self.folder / f"{name}.p12", signer, (ACME,))
        words = ("-keystore", store, "-storepass", PASSWORD, "-sigfile", name, *options, self.path, "a")
        made("jarsigner", *words)
        return self

    def repack(self, change: dict[str, bytes | None], twice: dict[str, bytes] | None = None) -> Jar:
        """With members changed, taken out (None), or put behind the others once more."""
        with zipfile.ZipFile(self.path) as archive:
            members = [(one.filename, archive.read(one)) for one in archive.infolist()]
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            kept = [(name, change.get(name, content)) for name, content in members]
            more = [(name, content) for name, content in change.items() if name not in dict(members)]
            for name, content in (*kept, *more):
                if content is not None:
                    archive.writestr(name, content)
            for name, content in (twice or {}).items():
                with pytest.warns(UserWarning, match="Duplicate name"):
                    archive.writestr(name, content)
        return self

    def code(self, *trusted: Holder) -> int:
        """What `jarsigner -verify -strict` ends with."""
        words: tuple[object, ...] = ()
        if trusted:
            store = self.folder / "trusted.p12"
            some = [pkcs12.PKCS12Certificate(one.certificate, one.pin.encode()) for one in trusted]
            store.write_bytes(pkcs12.serialize_java_truststore(some, BestAvailableEncryption(PASSWORD.encode())))
            words = ("-keystore", store, "-storepass", PASSWORD)
        return tell("jarsigner", "-verify", "-strict", *words, self.path).returncode

    def verdict(self, *pins: str) -> list[str]:
        return verdicts(self.path, *pins)


@pytest.fixture
def jar(tmp_path: Path) -> Jar:
    return Jar(tmp_path)


KEYS = {
    "ec": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize(
    ("kind", "options"), [("ec", ()), ("rsa", ()), ("rsa", ("-sigalg", "RSASSA-PSS")), ("ed25519", ())]
)
def test_good(jar: Jar, kind: str, options: tuple[str, ...]) -> None:
    jar.sign(ACME.issue("Release", key=KEYS[kind]()), *options)
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (0, ["trusted"])
    (row,) = scanned(jar.path, ACME.pin).parts["trust"]
    assert row["covered"] == len(FILES) + 2, "the files, the manifest and the signature file"


def test_trusted_by_nobody(jar: Jar) -> None:
    jar.sign(ACME.issue("Release"))
    assert (jar.code(), jar.verdict(), jar.verdict(root("Other").pin)) == (4, *[["root-only-in-package"]] * 2)


def test_not_signed(jar: Jar) -> None:
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (0, ["unsigned"]), "jarsigner says that there is no manifest"
    jar.repack({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\n\r\n"})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (16, ["unsigned"])


def test_an_entry_that_is_not_signed(jar: Jar) -> None:
    jar.sign(ACME.issue("Release")).repack({"remove.sh": b"rm -rf /opt/acme\n", "META-INF/install.sh": SCRIPT})
    assert jar.code(ACME) == 16
    report = scanned(jar.path, ACME.pin)
    (row,) = report.parts["trust"]
    assert (row["verdict"], row["covered"]) == ("trusted", len(FILES) + 2)
    places = [finding.span.path for finding in report.findings if finding.rule == "uncovered-file" and finding.span]
    assert places == ["app.jar!/META-INF/install.sh", "app.jar!/remove.sh"]


@pytest.mark.parametrize("name", ["install.sh", LONG_NAME])
def test_an_entry_that_was_changed(jar: Jar, name: str) -> None:
    jar.sign(ACME.issue("Release")).repack({name: b"other\n"})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (1, ["bad"])
    assert "bad-signature" in rules(scanned(jar.path, ACME.pin))


def test_an_entry_that_is_gone(jar: Jar) -> None:
    """This JDK only warns; that a signed file is missing is worth more."""
    jar.sign(ACME.issue("Release")).repack({"install.sh": None})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (0, ["bad"])


def test_an_entry_that_is_there_twice(jar: Jar) -> None:
    jar.sign(ACME.issue("Release")).repack({}, {"install.sh": b"other\n"})
    assert jar.code(ACME) == 1
    assert jar.verdict(ACME.pin) == ["bad"]


@pytest.mark.parametrize("name", ["META-INF/MANIFEST.MF", "META-INF/VENDOR.SF"])
def test_a_manifest_or_signature_file_that_was_changed(jar: Jar, name: str) -> None:
    jar.sign(ACME.issue("Release"))
    with zipfile.ZipFile(jar.path) as archive:
        text = archive.read(name)
    jar.repack({name: text.replace(b"Created-By: ", b"Created-By: x")})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (1, ["bad"])


def test_a_signature_file_that_is_gone(jar: Jar) -> None:
    """Java then takes the jar for unsigned; that the rest of a signature is there, is said."""
    jar.sign(ACME.issue("Release")).repack({"META-INF/VENDOR.SF": None})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (16, ["bad"])


def test_weak_digests(jar: Jar) -> None:
    for name, options in {
        "MD5": ("-digestalg", "MD5"),
        "SHA1": ("-digestalg", "SHA-1", "-sigalg", "SHA1withECDSA"),
    }.items():
        other = Jar(jar.folder, f"{name}.jar").sign(ACME.issue("Release"), *options)
        assert (other.code(ACME), other.verdict(ACME.pin)) == (16, ["weak"]), name


def test_a_small_key(jar: Jar) -> None:
    """A warning of this JDK, which ends with 0."""
    jar.sign(ACME.issue("Release", key=rsa.generate_private_key(65537, 1024)))
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (0, ["weak"])


def test_a_certificate_for_web_servers(jar: Jar) -> None:
    jar.sign(ACME.issue("Release", usage=WEB))
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (8, ["wrong-usage"])


@pytest.mark.parametrize("algorithm", ["SHA-384", "SHA-512"])
def test_other_digests(jar: Jar, algorithm: str) -> None:
    """Newer JDKs take SHA-384 unless told otherwise."""
    jar.sign(ACME.issue("Release"), "-digestalg", algorithm)
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (0, ["trusted"])
    (row,) = scanned(jar.path, ACME.pin).parts["trust"]
    assert row["covered"] == len(FILES) + 2
    jar.repack({"install.sh": b"other\n"})
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (1, ["bad"])


def test_two_signers_of_whom_the_second_signed_more(jar: Jar) -> None:
    jar.sign(ACME.issue("Release")).repack({"late.sh": SCRIPT}).sign(ACME.issue("Late"), name="LATE")
    assert jar.code(ACME) == 0
    rows = scanned(jar.path, ACME.pin).parts["trust"]
    assert [(row["verdict"], row["covered"]) for row in rows] == [
        ("trusted", len(FILES) + 3),
        ("trusted", len(FILES) + 1),
    ]


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[Holder, str]]:
    """An authority for timestamps by `openssl ts`, and where it answers."""
    above = root("Time Root")
    holder = above.issue("Time", usage=TIME)
    for name, data in {
        "tsa.pem": holder.pem,
        "above.pem": above.pem,
        "tsa.key": holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "serial": b"01",
        "ts.cnf": TS_CONFIG.format(folder=tmp_path).encode(),
    }.items():
        (tmp_path / name).write_bytes(data)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = tmp_path / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["content-length"])))
            reply = made("openssl", "ts", "-reply", "-config", tmp_path / "ts.cnf", "-queryfile", query)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield above, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


TS_CONFIG = """
[tsa]
default_tsa = t
[t]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/above.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
"""


def test_an_expired_signer(jar: Jar, authority: tuple[Holder, str]) -> None:
    """With a timestamp of an authority that is trusted it is good still."""
    above, url = authority
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=12)
    signer = ACME.issue("Release", until=soon)
    jar.sign(signer)
    stamped = Jar(jar.folder, "stamped.jar").sign(signer, "-tsa", url)
    while datetime.now(UTC) <= soon + timedelta(seconds=1):
        threading.Event().wait(0.5)
    assert (jar.code(ACME), jar.verdict(ACME.pin)) == (4, ["expired"])
    assert stamped.code(ACME, above) == 0
    assert verdicts(stamped.path, ACME.pin, times=[above.pin]) == ["expired-timestamped"]
    assert verdicts(stamped.path, ACME.pin) == ["expired"], "nobody trusts who vouches for the time"
    assert verdicts(stamped.path, ACME.pin, above.pin) == ["expired"], "trusted to sign, and not to say the time"


def test_the_tools_are_those_of_the_expectations() -> None:
    assert b"jarsigner" in subprocess.run(["jarsigner", "-version"], check=False, capture_output=True).stdout
