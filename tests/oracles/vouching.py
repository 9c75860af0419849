"""What the oracles of signatures share: keys in the forms that tools take, calls of tools, and what a report says."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from signing import Holder

from pkgscan.profile.model import Profile
from pkgscan.profile.reader import profile_of
from pkgscan.report import Report
from pkgscan.scanning import Options, scan_here
from pkgscan.tomlfile import parse_toml

SCRIPT = b"#!/bin/sh\necho hello\n"
PASSWORD = "changeit"


def tell(*words: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a tool; its exit code is part of what is compared."""
    return subprocess.run([str(word) for word in words], check=False, capture_output=True, **more)


def made(*words: object, **more: Any) -> bytes:
    done = tell(*words, **more)
    assert done.returncode == 0, (done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    return bytes(done.stdout)


def trusting(pins: Iterable[str], times: Iterable[str] = ()) -> Profile | None:
    """A profile that trusts keys by their pins, to sign and, others, to say the time."""
    tables = [("code", pins), ("timestamp", times)]
    text = "".join(
        f'[[signatures.trust]]\nvendor = "Acme {use}"\nuse = ["{use}"]\npins = [{", ".join(map(repr, some))}]\n'
        for use, some in tables
        if some
    )
    return profile_of(parse_toml("t.toml", f"profile = 1\n{text}")) if text else None


def scanned(package: Path, *pins: str, times: Iterable[str] = ()) -> Report:
    """The report as of now: what the tools make is dated so."""
    report = scan_here(str(package), Options(now=datetime.now(UTC), profile=trusting(pins, times)))
    assert [gap.traceback for gap in report.gaps if gap.traceback] == []
    return report


def verdicts(package: Path, *pins: str, times: Iterable[str] = ()) -> list[str]:
    return [row["verdict"] for row in scanned(package, *pins, times=times).parts["trust"]]


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def keystore(path: Path, holder: Holder, others: Iterable[Holder] = ()) -> Path:
    """A PKCS#12 file of a key called `a`, with its certificate and others."""
    data = pkcs12.serialize_key_and_certificates(
        b"a",
        holder.key,
        holder.certificate,
        [one.certificate for one in others],
        BestAvailableEncryption(PASSWORD.encode()),
    )
    path.write_bytes(data)
    return path


def rows_of(folder: Path, members: dict[str, bytes], *pins: str) -> list[str]:
    """The verdicts on the signatures in a zip of these members; not that on the zip, which has none."""
    package = folder / "p.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return [row["verdict"] for row in scanned(package, *pins).parts["trust"] if row["verdict"] != "unsigned"]


class Gpg:
    """A home of gpg with one key."""

    def __init__(self, home: Path, kind: str = "rsa3072") -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.environment = {**os.environ, "GNUPGHOME": str(home)}
        self.name = "release@acme.example"
        self.run("--quick-gen-key", f"Acme <{self.name}>", kind, "sign", "never")
        listed = self.run("--with-colons", "--list-keys").decode().splitlines()
        self.pin = "openpgp:" + next(line.split(":")[9] for line in listed if line.startswith("fpr"))
        self.public = self.run("--armor", "--export")

    def run(self, *words: object, data: bytes = b"") -> bytes:
        options = ("--batch", "--quiet", "--yes", "--passphrase", "", "--pinentry-mode", "loopback")
        return made("gpg", *options, *words, env=self.environment, input=data)


@contextmanager
def gpg_home(home: Path, kind: str = "rsa3072") -> Iterator[Gpg]:
    gpg = Gpg(home, kind)
    try:
        yield gpg
    finally:
        tell("gpgconf", "--kill", "gpg-agent", env=gpg.environment)
