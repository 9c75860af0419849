"""Rpms signed by rpmsign, as rpmkeys sees them, and Debian packages signed by debsigs, as gpg sees what it signed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from vouching import Gpg, gpg_home, made, rows_of, tell

SPEC = """
Name: acme
Version: 1
Release: 1
Summary: x
License: x
BuildArch: noarch
%description
x
%post
echo after
%install
mkdir -p %{buildroot}/opt/acme
printf '#!/bin/sh\\necho hello\\n' > %{buildroot}/opt/acme/run.sh
%files
/opt/acme/run.sh
"""
CONTROL = "Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: x\n"


@pytest.fixture(scope="module")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    with gpg_home(tmp_path_factory.mktemp("g") / "home") as home:
        yield home


@pytest.fixture(scope="module")
def unsigned_rpm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("rpm")
    (folder / "a.spec").write_text(SPEC)
    made("rpmbuild", "-bb", "--define", f"_topdir {folder}", folder / "a.spec")
    (built,) = folder.glob("RPMS/noarch/*.rpm")
    return built.read_bytes()


@pytest.fixture(scope="module")
def signed_rpm(unsigned_rpm: bytes, gpg: Gpg, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("signed") / "a.rpm"
    path.write_bytes(unsigned_rpm)
    defined = ("--define", f"_gpg_name {gpg.name}", "--define", "__gpg /usr/bin/gpg")
    made("rpmsign", *defined, "--addsign", path, env=gpg.environment, stdin=subprocess.DEVNULL)
    return path.read_bytes()


def rpm_says(data: bytes, folder: Path, gpg: Gpg | None) -> tuple[int, str]:
    """What `rpmkeys -K` says with the key imported, or without."""
    base, path = folder / f"db{gpg is not None}", folder / "a.rpm"
    base.mkdir(exist_ok=True)
    path.write_bytes(data)
    if gpg is not None:
        (folder / "key").write_bytes(gpg.public)
        made("rpmkeys", "--dbpath", base, "--import", folder / "key")
    done = tell("rpmkeys", "--dbpath", base, "-Kv", path)
    return done.returncode, done.stdout.decode()


def header_starts(data: bytes) -> int:
    return data.index(b"\x8e\xad\xe8\x01", data.index(b"\x8e\xad\xe8\x01") + 4)


def test_an_rpm_that_is_not_signed(unsigned_rpm: bytes, gpg: Gpg, tmp_path: Path) -> None:
    code, said = rpm_says(unsigned_rpm, tmp_path, gpg)
    assert (code, "Signature" in said) == (0, False)
    assert rows_of(tmp_path, {"a.rpm": unsigned_rpm, "KEYS": gpg.public}, gpg.pin) == []


def test_a_signed_rpm(signed_rpm: bytes, gpg: Gpg, tmp_path: Path) -> None:
    assert rpm_says(signed_rpm, tmp_path, gpg)[0] == 0
    assert rows_of(tmp_path, {"a.rpm": signed_rpm, "KEYS": gpg.public}, gpg.pin) == ["trusted"]
    assert rows_of(tmp_path, {"a.rpm": signed_rpm, "KEYS": gpg.public}) == ["root-only-in-package"]
    code, said = rpm_says(signed_rpm, tmp_path, None)
    assert (code, "NOKEY" in said) == (1, True)
    assert rows_of(tmp_path, {"a.rpm": signed_rpm}, gpg.pin) == ["unknown-signer"]


def test_an_rpm_whose_payload_was_changed(signed_rpm: bytes, gpg: Gpg, tmp_path: Path) -> None:
    """The signature of the header still holds; what it says of the payload does not."""
    changed = signed_rpm[:-20] + bytes((signed_rpm[-20] ^ 1,)) + signed_rpm[-19:]
    code, said = rpm_says(changed, tmp_path, gpg)
    assert code == 1
    assert "Payload SHA256 digest: BAD" in said
    assert "BAD" not in next(line for line in said.splitlines() if "Signature" in line)
    assert rows_of(tmp_path, {"a.rpm": changed, "KEYS": gpg.public}, gpg.pin) == ["bad"]


def test_an_rpm_whose_header_was_changed(signed_rpm: bytes, gpg: Gpg, tmp_path: Path) -> None:
    """Its script, which lies there."""
    at = signed_rpm.index(b"echo after", header_starts(signed_rpm))
    changed = signed_rpm[:at] + b"echo other" + signed_rpm[at + 10 :]
    assert rpm_says(changed, tmp_path, gpg)[0] == 1
    assert rows_of(tmp_path, {"a.rpm": changed, "KEYS": gpg.public}, gpg.pin) == ["bad"]


@pytest.fixture(scope="module")
def plain_deb(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("deb")
    (folder / "d" / "DEBIAN").mkdir(parents=True)
    (folder / "d" / "DEBIAN" / "control").write_text(CONTROL)
    (folder / "d" / "run.sh").write_text("#!/bin/sh\necho hello\n")
    made("dpkg-deb", "--build", folder / "d", folder / "a.deb")
    return (folder / "a.deb").read_bytes()


def signed_part(deb: bytes, folder: Path) -> bytes:
    """What debsigs signs, as ar takes the package apart."""
    (folder / "x.deb").write_bytes(deb)
    names = made("ar", "t", folder / "x.deb").decode().split()
    parts = [next(name for name in names if name.startswith(stem)) for stem in ("debian-binary", "control", "data")]
    return b"".join(made("ar", "p", folder / "x.deb", part) for part in parts)


def gpg_says(gpg: Gpg, deb: bytes, folder: Path) -> set[str]:
    """The words of gpg's status lines on the signature in a Debian package."""
    (folder / "content").write_bytes(signed_part(deb, folder))
    (folder / "signature").write_bytes(made("ar", "p", folder / "x.deb", "_gpgorigin"))
    words = ("gpg", "--batch", "--status-fd", "1", "--verify", folder / "signature", folder / "content")
    said = tell(*words, env=gpg.environment).stdout.decode().splitlines()
    return {line.split()[1] for line in said if line.startswith("[GNUPG:]")}


def test_a_deb_that_debsigs_signed_is_signed_by_sha1(plain_deb: bytes, gpg: Gpg, tmp_path: Path) -> None:
    """gpg takes it; SHA-1 proves nothing any more."""
    path = tmp_path / "a.deb"
    path.write_bytes(plain_deb)
    made("debsigs", "--sign=origin", path, env=gpg.environment)
    assert "GOODSIG" in gpg_says(gpg, path.read_bytes(), tmp_path)
    assert rows_of(tmp_path, {"a.deb": path.read_bytes(), "KEYS": gpg.public}, gpg.pin) == ["weak"]


def test_a_deb_that_was_signed_by_a_better_digest(plain_deb: bytes, gpg: Gpg, tmp_path: Path) -> None:
    """Laid out as debsigs does, the signature made by gpg alone."""
    (tmp_path / "_gpgorigin").write_bytes(gpg.run("--detach-sign", data=signed_part(plain_deb, tmp_path)))
    path = tmp_path / "a.deb"
    path.write_bytes(plain_deb)
    made("ar", "q", path, tmp_path / "_gpgorigin")
    signed = path.read_bytes()
    assert "GOODSIG" in gpg_says(gpg, signed, tmp_path)
    assert rows_of(tmp_path, {"a.deb": signed, "KEYS": gpg.public}, gpg.pin) == ["trusted"]
    assert rows_of(tmp_path, {"a.deb": signed, "KEYS": gpg.public}) == ["root-only-in-package"]
    (tmp_path / "debian-binary").write_bytes(b"2.1\n")
    made("ar", "r", path, tmp_path / "debian-binary")
    assert "BADSIG" in gpg_says(gpg, path.read_bytes(), tmp_path)
    assert rows_of(tmp_path, {"a.deb": path.read_bytes(), "KEYS": gpg.public}, gpg.pin) == ["bad"]


def test_a_deb_with_a_second_data_member(plain_deb: bytes, gpg: Gpg, tmp_path: Path) -> None:
    """dpkg takes the first of two; who signed which, nobody says."""
    (tmp_path / "_gpgorigin").write_bytes(gpg.run("--detach-sign", data=signed_part(plain_deb, tmp_path)))
    path = tmp_path / "a.deb"
    path.write_bytes(plain_deb)
    (tmp_path / "data.tar").write_bytes(bytes(1024))
    made("ar", "q", path, tmp_path / "_gpgorigin", tmp_path / "data.tar")
    assert rows_of(tmp_path, {"a.deb": path.read_bytes(), "KEYS": gpg.public}, gpg.pin) == ["hostile"]
