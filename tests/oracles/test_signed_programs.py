"""Windows programs that osslsigncode signed, as it and pkgscan see them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import setuptools
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from signing import TIME, WEB, Holder, root
from vouching import made, rows_of, tell, verdicts

ACME = root()
PROGRAM = (Path(setuptools.__file__).parent / "cli-64.exe").read_bytes()
NOW = datetime.now(UTC).replace(microsecond=0)


def pem_key(holder: Holder) -> bytes:
    return holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Tool:
    """osslsigncode in a folder, which trusts one root to sign and another to say the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time_root = root("Time Root")
        authority = self.time_root.issue("Time", usage=TIME)
        for name, data in {
            "plain.exe": PROGRAM,
            "root.pem": ACME.pem,
            "time-root.pem": self.time_root.pem,
            "tsa.pem": authority.pem + self.time_root.pem,
            "tsa.key": pem_key(authority),
        }.items():
            (folder / name).write_bytes(data)

    def sign(self, holder: Holder, *options: object) -> bytes:
        (self.folder / "signer.pem").write_bytes(holder.pem + ACME.pem)
        (self.folder / "signer.key").write_bytes(pem_key(holder))
        (self.folder / "signed.exe").unlink(missing_ok=True)
        words = ("-certs", self.folder / "signer.pem", "-key", self.folder / "signer.key", *options)
        files = ("-in", self.folder / "plain.exe", "-out", self.folder / "signed.exe")
        made("osslsigncode", "sign", *words, *files, stdin=subprocess.DEVNULL, timeout=60)
        return (self.folder / "signed.exe").read_bytes()

    def stamped(self, holder: Holder, at: datetime) -> bytes:
        key, certificates = self.folder / "tsa.key", self.folder / "tsa.pem"
        words = ("-TSA-certs", certificates, "-TSA-key", key, "-TSA-time", int(at.timestamp()))
        return self.sign(holder, "-h", "sha256", *words)

    def takes(self, program: bytes) -> bool:
        (self.folder / "given.exe").write_bytes(program)
        words = ("-CAfile", self.folder / "root.pem", "-TSA-CAfile", self.folder / "time-root.pem")
        done = tell(
            "osslsigncode",
            "verify",
            *words,
            self.folder / "given.exe",
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        return done.returncode == 0

    def says(self, program: bytes, *pins: str, times: tuple[str, ...] = ()) -> list[str]:
        (self.folder / "given.exe").write_bytes(program)
        return verdicts(self.folder / "given.exe", *pins, times=times)


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return Tool(tmp_path)


def flipped(program: bytes, at: int) -> bytes:
    return program[:at] + bytes((program[at] ^ 1,)) + program[at + 1 :]


def test_not_signed(tool: Tool) -> None:
    assert (tool.takes(PROGRAM), tool.says(PROGRAM, ACME.pin)) == (False, ["unsigned"])


def test_good_and_changed(tool: Tool) -> None:
    signed = tool.sign(ACME.issue("Release"), "-h", "sha256")
    assert (tool.takes(signed), tool.says(signed, ACME.pin)) == (True, ["trusted"])
    assert tool.says(signed) == ["root-only-in-package"]
    changed = flipped(signed, len(PROGRAM) // 2)
    assert (tool.takes(changed), tool.says(changed, ACME.pin)) == (False, ["bad"])
    start = int.from_bytes(signed[0x3C:0x40], "little")
    checksum = flipped(signed, start + 24 + 64)
    assert (tool.takes(checksum), tool.says(checksum, ACME.pin)) == (True, ["trusted"]), "no signature covers it"
    appended = signed + b"more behind it.."
    assert not tool.takes(appended)
    assert tool.says(appended, ACME.pin) == ["hostile"]


def test_a_flip_in_what_is_covered_is_never_trusted(tool: Tool) -> None:
    """All up to the signatures, without the checksum and the entry that says where the signatures are."""
    signed = tool.sign(ACME.issue("Release"), "-h", "sha256")
    optional = int.from_bytes(signed[0x3C:0x40], "little") + 24
    entry = optional + 144  # of a 64-bit program
    table = int.from_bytes(signed[entry : entry + 4], "little")
    covered = sorted({*range(table)} - {*range(optional + 64, optional + 68), *range(entry, entry + 8)})

    @settings(max_examples=60, deadline=None)
    @given(at=st.sampled_from(covered))
    def check(at: int) -> None:
        assert "trusted" not in tool.says(flipped(signed, at), ACME.pin)

    check()
    for at in (3, optional + 70, table - 1):
        assert not tool.takes(flipped(signed, at))


def test_sha1(tool: Tool) -> None:
    """osslsigncode takes it; SHA-1 proves nothing any more."""
    signed = tool.sign(ACME.issue("Release"), "-h", "sha1")
    assert (tool.takes(signed), tool.says(signed, ACME.pin)) == (True, ["weak"])


def test_a_certificate_for_web_servers(tool: Tool) -> None:
    signed = tool.sign(ACME.issue("Release", usage=WEB), "-h", "sha256")
    assert (tool.takes(signed), tool.says(signed, ACME.pin)) == (False, ["wrong-usage"])


def test_an_expired_signer(tool: Tool) -> None:
    signer = ACME.issue("Release", until=NOW - timedelta(days=1))
    expired = tool.sign(signer, "-h", "sha256")
    assert (tool.takes(expired), tool.says(expired, ACME.pin)) == (False, ["expired"])
    before = tool.stamped(signer, NOW - timedelta(days=2))
    times = (tool.time_root.pin,)
    assert (tool.takes(before), tool.says(before, ACME.pin, times=times)) == (True, ["expired-timestamped"])
    assert tool.says(before, ACME.pin) == ["expired"], "nobody trusts who vouches for the time"
    after = tool.stamped(signer, NOW - timedelta(hours=1))
    assert (tool.takes(after), tool.says(after, ACME.pin, times=times)) == (False, ["expired"])


def test_a_program_in_a_package(tool: Tool, tmp_path: Path) -> None:
    signed = tool.sign(ACME.issue("Release"), "-h", "sha256")
    assert rows_of(tmp_path, {"setup.exe": signed}, ACME.pin) == ["trusted"]
