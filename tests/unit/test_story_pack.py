"""The story package has the shape that STORY.md tells of, and packs the same every time."""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import pkcs7

STORY = Path(__file__).parents[2] / "fixtures" / "packages"


def pack(outdir: Path, *options: str) -> Path:
    command = [sys.executable, str(STORY / "pack.py"), str(outdir), *options]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(tmp_path_factory.mktemp("story"))


def ar_members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at < len(archive):
        size = int(archive[at + 48 : at + 58])
        yield archive[at : at + 16].decode().rstrip(), archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2


def members(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file and, `!/` between, what is nested in it."""
    yield name, content
    if name.endswith(".deb"):
        for part, packed in ar_members(content):
            if part == "data.tar.gz":
                yield from ((path, data) for path, data in members(part, packed) if path != part)
    elif name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar.getmembers():
                if file := tar.extractfile(member):
                    yield member.name.removeprefix("./"), file.read()


def contents(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = info.filename.partition("/")[2]
            for inner, content in members(name, archive.read(info)):
                found[name if inner == name else f"{name}!/{inner.rpartition('!/')[2]}"] = content
    return found


def chain(pem: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem)


def told() -> list[list[str]]:
    rows = [line for line in (STORY / "STORY.md").read_text().splitlines() if line.startswith("| ")][1:]
    return [re.findall(r"`([^`]+)`", row.split("|")[2]) for row in rows]


def test_every_row_of_the_story_has_its_files(story: Path) -> None:
    found = contents(story)
    assert len(told()) == 11
    for files in told():
        assert files
        assert set(files) <= set(found)


def test_the_details_the_story_turns_on(story: Path) -> None:
    found = contents(story)
    app = "payload/billing-app-7.4.0.tar.gz!/"
    job = found[app + "etc/cron.d/billing-import"].decode().splitlines()[-1]
    assert job.split()[:6] == ["0", "3", "*", "*", "*", "billing"]
    assert ">> /var/log/billing/import.log" in job
    assert b"import.log" not in found["payload/billing-tools_7.4.0_all.deb!/etc/logrotate.d/billing-api"]
    assert b"SETTLEMENT_HOST=sftp-old.vendor.example" in found[app + "opt/billing/lib/endpoints.sh"]
    assert b"sftp-old" not in found[app + "opt/billing/bin/import-data.sh"]
    assert b"five minutes of downtime" in found["README.md"]
    assert b"systemctl restart billing-worker.service" in found["install/upgrade.sh"]
    assert not any(re.search(rb"advisory|LOCK TABLE|flock", found[name]) for name in found if "migrat" in name)


def test_checksums_cover_every_other_file(story: Path) -> None:
    with zipfile.ZipFile(story) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    listed = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(files) - set(listed) == {"SHA256SUMS", "SHA256SUMS.p7s"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in listed.items())


def test_the_chain_ends_in_a_root_that_nobody_else_knows(story: Path) -> None:
    found = contents(story)
    leaf, (intermediate, root) = chain(found["keys/release-signing.pem"])[0], chain(found["keys/chain.pem"])
    old_root = chain((story.parent / "profile/trust/vendor-root-2016.pem").read_bytes())[0]
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    with pytest.raises((InvalidSignature, ValueError)):
        root.verify_directly_issued_by(old_root)
    assert pkcs7.load_der_pkcs7_certificates(found["SHA256SUMS.p7s"]) == [leaf]


def test_a_cross_signed_package_leads_to_the_old_root(tmp_path: Path) -> None:
    story = pack(tmp_path, "--keys", "cross-signed")
    old_root = chain((tmp_path / "profile/trust/vendor-root-2016.pem").read_bytes())[0]
    intermediate, cross, root = chain(contents(story)["keys/chain.pem"])
    cross.verify_directly_issued_by(old_root)
    assert cross.public_key() == root.public_key()
    intermediate.verify_directly_issued_by(cross)


def test_two_packings_without_keys_are_equal(tmp_path: Path) -> None:
    first, second = (pack(tmp_path / name, "--keys", "none").read_bytes() for name in ("a", "b"))
    assert first == second


def test_the_gateway_behaves_differently_from_one_release_to_the_next(story: Path, tmp_path: Path) -> None:
    old = contents(pack(tmp_path, "--version", "7.3.2"))
    gateways = [
        next(content for name, content in found.items() if name.endswith("bin/billing-gateway"))
        for found in (old, contents(story))
    ]
    assert all(content.startswith(b"\x7fELF") for content in gateways)
    assert b"retry.backoff=constant 200ms\0" in gateways[0]
    assert b"retry.backoff=exponential base=500ms factor=2 max=120s\0" in gateways[1]
    assert not any("cron.d" in name for name in old)


def test_the_profiles_tell_of_the_story() -> None:
    production, staging = (
        tomllib.loads((STORY / "profile" / name).read_text()) for name in ("profile.toml", "staging.toml")
    )
    assert production["endpoints"]["retired"][0]["host"] == "sftp-old.vendor.example"
    assert production["systemd"]["renamed"] == {"billing-worker.service": "billing-jobs.service"}
    assert "billing-worker.service" not in production["systemd"]["units"]
    assert production["sudo"]["mode"] == "none"
    assert staging["host"]["version"] != production["host"]["version"]
    rows = [{table["name"]: table["rows"] for table in p["databases"][0]["tables"]} for p in (staging, production)]
    assert all(rows[0][name] * 100 < rows[1][name] for name in rows[1])
